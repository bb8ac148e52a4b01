using System.Text;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Notifications;

/// <summary>
/// Delivers events to their targets: each at least once, and those of a key in the order of its commits. A target that does
/// not take an event is tried again after ever longer pauses, for three days.
/// </summary>
/// <remarks>
/// The order is kept by whoever delivers an event: it delivers what stands before it first. Within one process no two
/// deliveries of a key and target run at once; where several processes deliver, an event may come once more behind a later
/// one, as its sequencer tells.
/// </remarks>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes messages.</param>
/// <param name="targets">The targets.</param>
/// <param name="region">The region that events tell.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Where failures are told.</param>
public sealed class DeliverEvents(ITable table, IQueue queue, EventTargets targets, string region, TimeProvider clock, ILogger log) : IJob
{
    /// <summary>How long a target may fail before an event is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>The most events of a key and target that are put into order at once.</summary>
    private const int Window = 1000;

    private readonly FollowUps followUps = new(table, queue, clock);
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <inheritdoc/>
    public string Queue => FollowUps.EventQueue;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var sent = StoredJson.Read(message, StateJson.Default.EventMessage);
        var target = targets.Find(sent.Target);
        if (sent.FollowUp is not { } followUp)
        {
            if (target is null) return JobOutcome.Done;
            return await Try(sent, () => target.Deliver(Encoding.UTF8.GetBytes(sent.Document ?? ""), ct)) ?? JobOutcome.Done;
        }
        var turn = turns[(uint)string.GetHashCode(followUp.Row.Partition, StringComparison.Ordinal) % turns.Length];
        await turn.WaitAsync(ct);
        try
        {
            return await Deliver(sent, followUp, target, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask<JobOutcome> Deliver(EventMessage sent, FollowUp followUp, IEventTarget? target, CancellationToken ct)
    {
        var (row, again, next) = await followUps.Look(followUp, ct);
        if (row is null) return again is { } delay ? Again(sent with { FollowUp = next }, delay) : JobOutcome.Done;
        // A target that was taken out of the configuration of this server gets nothing any more.
        if (target is not null && FollowUps.EventIn(row) is { } own)
        {
            var failed = await Try(sent, async () =>
            {
                foreach (var (earlier, happened) in await Earlier(followUp, sent.Target, own, ct))
                {
                    await target.Deliver(EventJson.Write(happened, region), ct);
                    await followUps.MarkSeen(earlier, ct);
                }
                await target.Deliver(EventJson.Write(own, region), ct);
            });
            if (failed is { } outcome) return outcome;
        }
        await followUps.Close(followUp, ct);
        return JobOutcome.Done;
    }

    private async ValueTask<List<(Row Row, ObjectEvent Event)>> Earlier(FollowUp followUp, string target, ObjectEvent own, CancellationToken ct)
    {
        var earlier = new List<(Row Row, ObjectEvent Event)>();
        var address = KeyCodec.Address(followUp.Space, followUp.Key);
        var rows = KeyRange.Rows(address.Partition, address.RowName(Rows.Intent, EventIntents.Prefix(target)));
        await foreach (var row in table.Scan(rows, null, Window, ct))
            if (FollowUps.EventIn(row) is { } happened && happened.Order < own.Order) earlier.Add((row, happened));
        earlier.Sort((a, b) => a.Event.Order.CompareTo(b.Event.Order));
        return earlier;
    }

    /// <summary>Null when it was delivered, or given up; else when to try again.</summary>
    private async ValueTask<JobOutcome?> Try(EventMessage sent, Func<ValueTask> deliver)
    {
        try
        {
            await deliver();
            return null;
        }
        catch (DeliveryException e)
        {
            if (clock.GetUtcNow() - sent.Sent > Patience)
            {
                Log.GivenUp(log, sent.Target, sent.Failures + 1, e.Message);
                return null;
            }
            var seconds = Math.Min(1 << Math.Min(sent.Failures, 16), LongestPause.TotalSeconds);
            if (sent.Failures is 0 or 10) Log.NotTaken(log, sent.Target, sent.Failures + 1, e.Message);
            return Again(sent with { Failures = sent.Failures + 1 }, TimeSpan.FromSeconds(seconds));
        }
    }

    private static JobOutcome Again(EventMessage message, TimeSpan delay) =>
        JobOutcome.After(delay, StoredJson.Write(message, StateJson.Default.EventMessage));
}
