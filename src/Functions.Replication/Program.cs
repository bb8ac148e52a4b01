using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Storage;
using ZenkoFunctions.Core.Usage;
using ZenkoFunctions.Hosting;

namespace ZenkoFunctions.Replication;

/// <summary>The function app that does the work of queues: one function for each job.</summary>
public static class Program
{
    /// <summary>Its functions, derived from the jobs.</summary>
    public static IReadOnlyList<Function> Functions { get; } =
        [.. Installation.JobQueues.Order(StringComparer.Ordinal).Select(queue => QueueFunction.Of(queue, StorageAccount.DefaultSetting))];

    /// <summary>Serves the Functions host.</summary>
    public static Task<int> Main(string[] args) => new FunctionApp { Functions = Functions, LocalPort = 7072, Open = Open }.Run(args);

    private static async Task<FunctionHandlers> Open(AppSettings settings, ILoggerFactory loggers, CancellationToken ct)
    {
        var installation = await AzureInstallation.Open(settings, TimeProvider.System, loggers, ct);
        await installation.Walks.Recover(ct);
        await installation.WalkTimers.Recount(ct);
        await installation.WalkTimers.Lifecycle(LifecycleDay.Whole, ct);
        await installation.WalkTimers.Ingest(new InstallationSettings().IngestEvery, ct);
        await installation.WalkTimers.Collect(ct);
        await installation.WalkTimers.Expire(ct);
        installation.Start();
        return new Handlers(installation, loggers.CreateLogger<FunctionApp>());
    }

    private sealed record Handlers(Installation Installation, ILogger Logger) : FunctionHandlers(Logger)
    {
        /// <summary>Clients have nothing to ask here.</summary>
        public override Task Request(HttpContext http)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        public override ValueTask Message(string queue, ReadOnlyMemory<byte> message, CancellationToken ct) => Installation.Jobs.Run(queue, message, ct);

        public override ValueTask DisposeAsync() => Installation.Stop();
    }
}
