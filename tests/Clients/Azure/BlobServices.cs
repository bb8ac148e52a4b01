using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>A service that speaks Azure's Blob protocol.</summary>
/// <param name="ConnectionString">As clients of Azure take it.</param>
public sealed record BlobService(string ConnectionString)
{
    /// <summary>http://host:port/account</summary>
    public string Endpoint => Part("BlobEndpoint").TrimEnd('/');

    /// <summary>The account's name.</summary>
    public string Account => Part("AccountName");

    /// <summary>Its key, in base64.</summary>
    public string Key => Part("AccountKey");

    private string Part(string name) => ConnectionString.Split(';').Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
}

/// <summary>The two that the same checks run against: a server of ours with a storage account for the class, and Azurite.</summary>
public sealed class BlobServices : IAsyncLifetime
{
    // Shared by all classes; it ends with the process of the tests.
    private static readonly Lazy<Task<Contracts.Azurite>> Shared = new(Contracts.Azurite.Start);

    private readonly RunningServer server = new();

    /// <summary>Ours.</summary>
    public BlobService Ours { get; private set; } = null!;

    /// <summary>Our server's account that the storage account belongs to, as AWS's clients take it.</summary>
    public IReadOnlyDictionary<string, string> AwsEnvironment => server.AwsEnvironment;

    /// <summary>Azurite, started when it is first asked for.</summary>
    public static async Task<BlobService> Azurite() => new((await Shared.Value).ConnectionString);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        var name = $"t{Guid.NewGuid():N}"[..20];
        await Command("create", name);
        Ours = new((await Command("show-connection-string", name)).Out.Trim());
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => server.DisposeAsync();

    private async Task<Ran> Command(string what, string name) =>
        (await Shell.Run("dotnet", [Repository.Program, "storage-account", what, name, "--endpoint", server.Endpoint], server.AwsEnvironment)).Succeeded();
}
