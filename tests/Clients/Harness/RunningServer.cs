namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>
/// One server for all classes of tests of clients: they use buckets of their own, and run side by side. The first that needs it starts
/// it, the last that has it stops it.
/// </summary>
public sealed class RunningServer : IAsyncLifetime
{
    /// <summary>The id of a key for SSE-KMS that the server knows.</summary>
    public const string KmsKey = "orders";

    /// <summary>The access key of a second account, <c>alt</c>, that shares nothing with the root account; and its secret.</summary>
    public const string OtherAccessKey = "ZKFNTESTALTKEY000001", OtherSecretKey = "test/secret+key/of/the/alt/account000001";

    /// <summary>The canonical id of that account.</summary>
    public const string OtherCanonicalId = "a1700000000000000000000000000000000000000000000000000000000000a1";

    /// <summary>The destination of notifications that reaches <see cref="Hook"/>.</summary>
    public const string HookArn = "arn:aws:sqs:us-east-1:000000000001:hook";

    private static readonly SemaphoreSlim Turn = new(1, 1);
    private static Shared? shared;
    private static int users;

    private Shared? mine;

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => mine!.Server.Endpoint;

    /// <summary>Where the console is; no slash at its end.</summary>
    public string Console => mine!.Server.Console;

    /// <summary>127.0.0.1:port</summary>
    public string Authority => new Uri(Endpoint).Authority;

    /// <summary>Is told of events in buckets whose notifications name <see cref="HookArn"/>.</summary>
    public WebHook Hook => mine!.Hook;

    /// <summary>What clients that speak AWS's environment variables need; no file of the user's is read.</summary>
    public Dictionary<string, string> AwsEnvironment => new(Serving.AwsEnvironment)
    {
        ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey,
        ["AWS_REGION"] = "us-east-1",
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_CONFIG_FILE"] = "/dev/null",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
        ["AWS_PAGER"] = "",
        ["ENDPOINT"] = Endpoint,
        ["PYTHONWARNINGS"] = "ignore",
        ["OTHER_ACCESS_KEY_ID"] = OtherAccessKey,
        ["OTHER_SECRET_ACCESS_KEY"] = OtherSecretKey,
        ["KMS_KEY"] = KmsKey,
    };

    /// <summary>A bucket name nobody has used yet.</summary>
    public string NewBucketName(string client) => $"{client}-{mine!.NextBucket()}-bucket";

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        await Turn.WaitAsync();
        try
        {
            mine = shared ??= await Shared.Start();
            users++;
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await Turn.WaitAsync();
        try
        {
            if (--users > 0) return;
            shared = null;
            await mine!.DisposeAsync();
        }
        finally
        {
            Turn.Release();
        }
    }

    private sealed record Shared(Scratch Scratch, WebHook Hook, Serving Server) : IAsyncDisposable
    {
        private int buckets;

        public int NextBucket() => Interlocked.Increment(ref buckets);

        public static async Task<Shared> Start()
        {
            var (scratch, hook) = (new Scratch(), await WebHook.Start());
            await File.WriteAllTextAsync(scratch["accounts.json"], $$"""
                [{"name": "alt", "email": "alt@example.com", "canonicalId": "{{OtherCanonicalId}}",
                  "accessKeys": [{"id": "{{OtherAccessKey}}", "secret": "{{OtherSecretKey}}"}]}]
                """);
            return new(scratch, hook, await Serving.Start(scratch, new(scratch["accounts.json"], KmsKey, new(hook.Url))));
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await Hook.DisposeAsync();
            Scratch.Dispose();
        }
    }
}
