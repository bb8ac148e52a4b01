namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>One server for all tests of clients: they use buckets of their own.</summary>
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

    private readonly Scratch scratch = new();
    private Serving? server;
    private WebHook? hook;
    private int buckets;

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => server!.Endpoint;

    /// <summary>127.0.0.1:port</summary>
    public string Authority => new Uri(Endpoint).Authority;

    /// <summary>Is told of events in buckets whose notifications name <see cref="HookArn"/>.</summary>
    public WebHook Hook => hook!;

    /// <summary>What clients that speak AWS's environment variables need; no file of the user's is read.</summary>
    public Dictionary<string, string> AwsEnvironment => new()
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
    public string NewBucketName(string client) => $"{client}-{Interlocked.Increment(ref buckets)}-bucket";

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        hook = await WebHook.Start();
        await File.WriteAllTextAsync(scratch["accounts.json"], $$"""
            [{"name": "alt", "email": "alt@example.com", "canonicalId": "{{OtherCanonicalId}}",
              "accessKeys": [{"id": "{{OtherAccessKey}}", "secret": "{{OtherSecretKey}}"}]}]
            """);
        server = await Serving.Start(scratch, new(scratch["accounts.json"], KmsKey, new(hook.Url)));
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await server!.DisposeAsync();
        await hook!.DisposeAsync();
        scratch.Dispose();
    }
}

/// <summary>The classes that share the one server; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class ServerCollection : ICollectionFixture<RunningServer>
{
    /// <summary>Its name.</summary>
    public const string Name = "one server";
}
