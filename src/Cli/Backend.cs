using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Disk;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Queues.Sqlite;
using ZenkoFunctions.Core.State.Sqlite;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Cli;

/// <summary>Where a server keeps what it is given: its engines, and who delivers its messages.</summary>
internal abstract class Backend : IAsyncDisposable
{
    /// <summary>What the installation stands on.</summary>
    public abstract Engines Engines { get; }

    /// <summary>Makes what is not there yet.</summary>
    public virtual Task Ensure(CancellationToken ct) => Task.CompletedTask;

    /// <summary>Begins to deliver messages.</summary>
    public abstract void Start(JobRunner jobs);

    /// <summary>Waits for jobs under way.</summary>
    /// <param name="patience">Cuts them off; they are run again at the next start.</param>
    public abstract Task Stop(CancellationToken patience);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>State in SQLite, bytes on the disk.</summary>
internal sealed class LocalBackend : Backend
{
    private readonly SqliteStore store;
    private readonly DiskLocation disk;
    private readonly TimeProvider clock;
    private readonly ILoggerFactory loggers;
    private JobPump? pump;

    /// <param name="data">The directory.</param>
    /// <param name="stop">Ends the process where its storage fails.</param>
    /// <param name="clock">The time.</param>
    /// <param name="loggers">Where the engines log.</param>
    public LocalBackend(DataDirectory data, FatalStop stop, TimeProvider clock, ILoggerFactory loggers)
    {
        (this.clock, this.loggers) = (clock, loggers);
        store = SqliteStore.Open(data.Root, clock, loggers.CreateLogger<SqliteStore>());
        store.Failed += stop.Now;
        disk = new DiskLocation(DataDirectory.LocationName, data.Objects) { Failed = stop.Now };
        Engines = new()
        {
            Table = store.Table,
            Queue = store.Queue,
            Locations = new(DataDirectory.LocationName, new Dictionary<string, ILocation> { [DataDirectory.LocationName] = disk }),
        };
    }

    public override Engines Engines { get; }

    public override void Start(JobRunner jobs)
    {
        pump = new JobPump(store.Queue, jobs, new(), clock, loggers.CreateLogger<JobPump>());
        pump.Start();
    }

    public override Task Stop(CancellationToken patience) => pump?.Stop(patience) ?? Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        if (pump is not null) await pump.DisposeAsync();
        disk.Dispose();
        store.Dispose();
    }
}

/// <summary>State, messages and bytes in a storage account, or in Azurite. Others may use it at the same time.</summary>
internal sealed class StorageBackend(StorageAccount account, TimeProvider clock, ILoggerFactory loggers) : Backend
{
    /// <summary>How long what was read of buckets, accounts and keys is believed: other instances may change them.</summary>
    private static readonly TimeSpan CacheAge = TimeSpan.FromSeconds(5);

    private readonly AzureEngines azure = new(account, CacheAge, clock, loggers);
    private JobPump? pump;

    public override Engines Engines => azure.Engines;

    public override Task Ensure(CancellationToken ct) => azure.Ensure(ct);

    public override void Start(JobRunner jobs)
    {
        pump = azure.Pump(jobs);
        pump.Start();
    }

    public override Task Stop(CancellationToken patience) => pump?.Stop(patience) ?? Task.CompletedTask;

    public override ValueTask DisposeAsync() => pump?.DisposeAsync() ?? ValueTask.CompletedTask;
}
