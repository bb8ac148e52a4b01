using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>One purpose of walks.</summary>
internal interface IWalker
{
    /// <summary>Goes on with the walk until it ends, or the time of the run does.</summary>
    ValueTask<WalkEnd> Go(WalkRun run, CancellationToken ct);
}

/// <summary>What walks work on.</summary>
/// <param name="Table">The table of objects.</param>
/// <param name="Work">The table of replication.</param>
/// <param name="Queue">Takes the messages of copies.</param>
/// <param name="Buckets">The buckets.</param>
/// <param name="Objects">The objects.</param>
/// <param name="Locations">The sites.</param>
/// <param name="Counters">What is pending, and told of what is queued.</param>
/// <param name="Reports">Where reports are kept.</param>
/// <param name="Options">How walks behave.</param>
/// <param name="Clock">The time.</param>
public sealed record WalkParts(
    ITable Table, ITable Work, IQueue Queue, Buckets Buckets, ObjectStore Objects, LocationCatalog Locations, ReplicationCounters Counters, VerifyReports Reports,
    WalkOptions Options, TimeProvider Clock)
{
    /// <summary>Queues copies.</summary>
    internal KeyCopies Copies => new(Table, new FollowUps(Table, Queue, Clock), Buckets, Clock);
}

/// <summary>A walk cannot go on, whatever is tried; the message says why and what to do.</summary>
internal sealed class WalkFailedException(string message) : Exception(message);

/// <summary>
/// The job of walks: takes one up where its row says it stands, and hands over by a message. A second message of the same walk finds
/// it taken and waits; when the walk has ended, every message of it does.
/// </summary>
public sealed class RunWalk : IJob
{
    private readonly Walks walks;
    private readonly WalkTimers timers;
    private readonly Dictionary<WalkPurpose, IWalker> walkers;
    private readonly WalkOptions options;
    private readonly ILogger log;

    /// <summary>The job.</summary>
    /// <param name="walks">The walks.</param>
    /// <param name="timers">What starts them from time to time.</param>
    /// <param name="parts">What they work on.</param>
    /// <param name="log">Where it tells of ends.</param>
    /// <param name="others">Walks of other rooms, by their purpose.</param>
    internal RunWalk(Walks walks, WalkTimers timers, WalkParts parts, ILogger log, params IEnumerable<(WalkPurpose Purpose, IWalker Walker)> others)
    {
        (this.walks, this.timers, this.log, options) = (walks, timers, log, parts.Options);
        walkers = new()
        {
            [WalkPurpose.Existing] = new ExistingWalk(parts), [WalkPurpose.Arrived] = new ArrivedWalk(parts),
            [WalkPurpose.Verify] = new VerifyWalk(parts), [WalkPurpose.Recount] = new RecountWalk(parts),
        };
        foreach (var (purpose, walker) in others) walkers[purpose] = walker;
    }

    /// <inheritdoc/>
    public string Queue => Walks.QueueName;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var asked = StoredJson.Read(message, WalkJson.Default.WalkMessage);
        if (asked.Tick is not null) return await timers.Run(asked, ct);
        var (run, again) = await walks.Claim(asked, ct);
        if (run is null) return again is { } delay ? JobOutcome.After(delay) : JobOutcome.Done;
        try
        {
            if (await walks.IsEarly(run.Walk.Request, ct))
            {
                run.Walk = run.Walk with { Waiting = "What the bucket mirrors is not known in full yet." };
                await run.Leave(ct);
                return JobOutcome.After(options.Pause);
            }
            switch (await walkers[run.Walk.Request.Purpose].Go(run, ct))
            {
                case WalkEnd.Finished:
                    return await End(run, WalkState.Done, null, ct);
                case WalkEnd.Later:
                    await run.Leave(ct);
                    return JobOutcome.After(TimeSpan.Zero);
                case WalkEnd.Waits:
                    await run.Leave(ct);
                    return JobOutcome.After(run.Pause ?? options.Pause);
                default:
                    return JobOutcome.After(TimeSpan.Zero);
            }
        }
        catch (WalkFailedException e)
        {
            return await End(run, WalkState.Failed, e.Message, ct);
        }
        catch (ReplicaRefusedException e)
        {
            return await End(run, WalkState.Failed, $"{e.Location} refuses: {e.Message}", ct);
        }
        catch (UnknownOutcomeException)
        {
            // What was queued by a commit says so in its rows.
            await run.Leave(ct);
            return JobOutcome.After(options.Pause);
        }
        catch (LocationUnavailableException e)
        {
            run.Walk = run.Walk with { Waiting = $"{e.Location} does not answer: {e.Message}" };
            await run.Leave(ct);
            return JobOutcome.After(options.Pause);
        }
        catch
        {
            await run.Leave(CancellationToken.None);
            throw;
        }
    }

    private async ValueTask<JobOutcome> End(WalkRun run, WalkState state, string? trouble, CancellationToken ct)
    {
        run.Walk = run.Walk with { State = state, Trouble = trouble, Waiting = null, Cursor = null };
        // Where it was cancelled meanwhile, the message that comes again finds that.
        if (!await run.Leave(ct)) return JobOutcome.After(TimeSpan.Zero);
        var counts = run.Walk.Counts;
        if (trouble is null) Log.Ended(log, run.Walk.Id, counts.Versions, counts.Queued, counts.Different);
        else Log.Failed(log, run.Walk.Id, trouble);
        return JobOutcome.Done;
    }
}
