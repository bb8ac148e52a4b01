namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>One server for all tests of clients: they use buckets of their own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private readonly Scratch scratch = new();
    private ServerProcess? server;
    private int buckets;

    /// <summary>http://127.0.0.1:port</summary>
    public string Endpoint => server!.Endpoint;

    /// <summary>127.0.0.1:port</summary>
    public string Authority => new Uri(Endpoint).Authority;

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
    };

    /// <summary>A bucket name nobody has used yet.</summary>
    public string NewBucketName(string client) => $"{client}-{Interlocked.Increment(ref buckets)}-bucket";

    /// <inheritdoc/>
    public async Task InitializeAsync() => server = await ServerProcess.Start(scratch["data"]);

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await server!.DisposeAsync();
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
