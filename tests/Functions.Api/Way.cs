using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Disk;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Api.Tests;

/// <summary>
/// How the tests of this assembly keep state, and what stands between them and the server: SQLite, the disk, and nothing. Other
/// assemblies run the same tests another way.
/// </summary>
internal sealed class Way : IAsyncDisposable
{
    private readonly SqliteStore store;
    private readonly DiskLocation disk;
    private readonly DiskLocation far;
    private JobPump? pump;

    private Way(string root)
    {
        store = SqliteStore.Open(root, TimeProvider.System, NullLogger<SqliteStore>.Instance);
        disk = new DiskLocation("disk", Path.Combine(root, "bytes"));
        far = new DiskLocation("far", Path.Combine(root, "far"));
        Engines = new()
        {
            Table = store.Table,
            Queue = store.Queue,
            Locations = new("disk", new Dictionary<string, ILocation> { ["disk"] = disk, ["far"] = far }),
        };
    }

    /// <summary>The scheme that clients use.</summary>
    public const string Scheme = "http";

    /// <summary>Whether headers may come in UTF-8.</summary>
    public const bool TakesUtf8Headers = true;

    /// <summary>What stands between clients and the server; null for nothing.</summary>
    public static HostHop? Hop => null;

    /// <summary>Tables, a queue, and the locations <c>disk</c> (the default) and <c>far</c>.</summary>
    public Engines Engines { get; }

    /// <summary>Engines with nothing in them.</summary>
    /// <param name="root">A directory to keep things in.</param>
    public static Task<Way> Open(string root) => Task.FromResult(new Way(root));

    /// <summary>Where clients reach a server that listens at that address.</summary>
    public static Task<IFront> Front(Uri address) => Task.FromResult<IFront>(new Straight(address));

    /// <summary>Begins to deliver messages.</summary>
    public void Start(JobRunner jobs)
    {
        pump = new JobPump(store.Queue, jobs, new(), TimeProvider.System, NullLogger.Instance);
        pump.Start();
    }

    /// <summary>What is kept outside the directory: nothing.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> Elsewhere { get; } = AsyncEnumerable.Empty<ReadOnlyMemory<byte>>();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (pump is not null) await pump.DisposeAsync();
        store.Dispose();
        disk.Dispose();
        far.Dispose();
    }

    private sealed record Straight(Uri Address) : IFront
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
