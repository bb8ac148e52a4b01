using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.AzureBlob;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Queues.AzureQueues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Composition;

/// <summary>The engines over a storage account: tables, queues, and a container of blobs as the default location.</summary>
public sealed class AzureEngines
{
    /// <summary>The name of the location that is the account's container.</summary>
    public const string LocationName = "azure";

    private readonly AzureTables tables;
    private readonly AzureQueue queue;
    private readonly TimeProvider clock;
    private readonly ILoggerFactory loggers;

    /// <summary>Calls nobody yet.</summary>
    /// <param name="account">Where everything is.</param>
    /// <param name="cacheAge">How long rows that many requests share are believed: other instances may change them.</param>
    /// <param name="clock">The time.</param>
    /// <param name="loggers">Where the engines log.</param>
    public AzureEngines(StorageAccount account, TimeSpan cacheAge, TimeProvider clock, ILoggerFactory loggers)
    {
        (this.clock, this.loggers) = (clock, loggers);
        tables = AzureTables.Open(account, log: loggers.CreateLogger<AzureTables>());
        queue = new AzureQueue(account);
        Engines = new()
        {
            Table = tables.Table,
            Queue = queue,
            Locations = new(LocationName, new Dictionary<string, ILocation> { [LocationName] = new AzureBlobLocation(LocationName, account) }),
            Consistency = Consistency.Shared(cacheAge),
        };
    }

    /// <summary>The engines.</summary>
    public Engines Engines { get; }

    /// <summary>
    /// Makes the tables that are not there yet, which a template that provisions them makes unnecessary. Queues and containers are
    /// made where they turn out to be missing.
    /// </summary>
    public Task Ensure(CancellationToken ct) => tables.Ensure(Installation.Tables, ct);

    /// <summary>Delivers messages where no Functions host does; to be started.</summary>
    public JobPump Pump(JobRunner jobs) => new(
        new AzureReceiver(queue, null, clock, loggers.CreateLogger<AzureReceiver>()), jobs, new(), clock, loggers.CreateLogger<JobPump>());
}
