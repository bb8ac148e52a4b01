using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.AzureBlob;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;
using ZenkoFunctions.Core.State.Sqlite;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Api.Tests;

/// <summary>
/// How the tests of this assembly keep state: in one Azurite for all, each server in tables and containers of its own. Its messages are
/// in SQLite, because names of queues are the same for all servers.
/// </summary>
internal sealed partial class Way : IAsyncDisposable
{
    private static readonly Lazy<Task<Azurite>> Shared = new(Azurite.Start);
    private static int ways;

    private readonly StorageAccount account;
    private readonly string prefix;
    private readonly SqliteStore messages;
    private readonly AzureTables tables;
    private JobPump? pump;

    private Way(StorageAccount account, string prefix, string root)
    {
        (this.account, this.prefix) = (account, prefix);
        tables = AzureTables.Open(account);
        messages = SqliteStore.Open(root, TimeProvider.System, NullLogger<SqliteStore>.Instance);
        Engines = new()
        {
            Table = name => tables.Table(prefix + name),
            Queue = messages.Queue,
            Locations = new("disk", new Dictionary<string, ILocation>
            {
                ["disk"] = new AzureBlobLocation("disk", account, prefix + "-near"),
                ["far"] = new AzureBlobLocation("far", account, prefix + "-far"),
            }),
        };
    }

    /// <summary>Tables, a queue, and the locations <c>disk</c> (the default) and <c>far</c>.</summary>
    public Engines Engines { get; }

    /// <summary>The connection string of the Azurite.</summary>
    public static async Task<string> ConnectionString() => (await Shared.Value).ConnectionString;

    /// <summary>Engines with nothing in them.</summary>
    /// <param name="root">A directory to keep messages in.</param>
    public static async Task<Way> Open(string root)
    {
        var azurite = await Shared.Value;
        var prefix = $"t{Interlocked.Increment(ref ways):d4}";
        var way = new Way(StorageAccount.Parse(azurite.ConnectionString), prefix, root);
        await way.tables.Ensure(Installation.Tables.Select(name => prefix + name), default);
        return way;
    }

    /// <summary>Begins to deliver messages.</summary>
    public void Start(JobRunner jobs)
    {
        pump = new JobPump(messages.Queue, jobs, new(), TimeProvider.System, NullLogger.Instance);
        pump.Start();
    }

    /// <summary>What is kept outside the directory: values of rows, and blobs.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> Elsewhere => RowsAndBlobs();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (pump is not null) await pump.DisposeAsync();
        messages.Dispose();
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> RowsAndBlobs()
    {
        foreach (var table in Installation.Tables)
            await foreach (var row in Engines.Table(table).Scan(new(new("", ""), TableKey.End), null, null, null, default)) yield return row.Value;
        var blobs = new BlobServiceClient(account.Blob, account.SharedKey);
        await foreach (var container in blobs.GetBlobContainersAsync(prefix: prefix + "-"))
        {
            var client = blobs.GetBlobContainerClient(container.Name);
            await foreach (var blob in client.GetBlobsAsync())
                yield return (await client.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToMemory();
        }
    }
}
