using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>A message that waits in a row until its site's work goes on.</summary>
internal sealed record ParkedRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The queue it is of.</summary>
    public required string Queue { get; init; }

    /// <summary>The message as it was received.</summary>
    public required byte[] Message { get; init; }
}

/// <summary>
/// The messages of paused sites: in the partition <c>p.SERVICE.SITE</c> of the table <c>replication</c> each has a row, so that no
/// pause is too long for the queue.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="queue">Where they go afterwards.</param>
/// <param name="states">Which sites are paused.</param>
public sealed class Parked(ITable table, IQueue queue, SiteStates states)
{
    /// <summary>Rows of one scan.</summary>
    private const int Page = TableLimits.Changes;

    /// <summary>
    /// Keeps the message of a copy until its site's work goes on; false where it just has, so that the caller has to do the work.
    /// A message that comes twice is kept once.
    /// </summary>
    internal ValueTask<bool> Park(ReplicationMessage message, CancellationToken ct) => Park(
        SiteServices.Crr, message.Site, message.FollowUp.Intent, FollowUps.ReplicationQueue,
        StoredJson.Write(message, StateJson.Default.ReplicationMessage), ct);

    /// <summary>The same for a message of any service.</summary>
    /// <param name="service">Of <see cref="SiteServices"/>.</param>
    /// <param name="site">The location.</param>
    /// <param name="id">Of the message alone; can be part of a row's name.</param>
    /// <param name="name">The queue that it is of.</param>
    /// <param name="message">The message.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async ValueTask<bool> Park(string service, string site, string id, string name, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var partition = PartitionOf(service, site);
        var row = new ParkedRow { Queue = name, Message = message.ToArray() };
        Change[] put = [Change.Put(id, Condition.Any, StoredJson.Write(row, ReplicationJson.Default.ParkedRow))];
        if (await table.Apply(partition, put, ct) != Outcome.Committed) throw new IOException("A message could not be kept until its site's work goes on.");
        // Whoever lets it go on says so first and looks for rows then: either they see this row, or we see what they said.
        if (await states.IsPausedNow(service, site, ct)) return true;
        await table.Apply(partition, [Change.Delete(id, Condition.Any)], ct);
        return false;
    }

    /// <summary>How many messages wait, counting no further than <paramref name="most"/>.</summary>
    public async ValueTask<int> Count(string service, string site, int most, CancellationToken ct)
    {
        var count = 0;
        await foreach (var _ in table.Scan(KeyRange.Partition(PartitionOf(service, site)), null, most, ct)) count++;
        return count;
    }

    /// <summary>Sends some of the messages; false where none is left.</summary>
    internal async ValueTask<bool> SendSome(string service, string site, CancellationToken ct)
    {
        var partition = PartitionOf(service, site);
        var rows = new List<Row>(Page);
        await foreach (var row in table.Scan(KeyRange.Partition(partition), null, Page, ct)) rows.Add(row);
        if (rows.Count == 0) return false;
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = ct }, async (row, inner) =>
        {
            var parked = StoredJson.Read(row.Value, ReplicationJson.Default.ParkedRow);
            await queue.Send(parked.Queue, parked.Message, TimeSpan.Zero, inner);
        });
        // One that was parked again meanwhile stays.
        if (await table.Apply(partition, [.. rows.Select(Remove)], ct) != Outcome.Committed)
            foreach (var row in rows)
                await table.Apply(partition, [Remove(row)], ct);
        return rows.Count == Page;

        static Change Remove(Row row) => Change.Delete(row.Key.Row, Condition.Is(row.Stamp));
    }

    private static string PartitionOf(string service, string site) => $"p.{service}.{site}";
}

/// <summary>The message that lets a site's work go on: at once, or where a schedule is named, when that is due.</summary>
internal sealed record ResumeMessage
{
    public int Format { get; init; } = 1;

    public required string Service { get; init; }

    public required string Site { get; init; }

    public string? Schedule { get; init; }
}

/// <summary>How it is stored.</summary>
internal static class ParkedMessages
{
    public static ReadOnlyMemory<byte> Write(ResumeMessage message) => StoredJson.Write(message, ReplicationJson.Default.ResumeMessage);
}

/// <summary>Lets scheduled sites go on when they are due, and sends what was parked again.</summary>
/// <param name="states">Which sites are paused.</param>
/// <param name="parked">Their messages.</param>
/// <param name="clock">The time.</param>
public sealed class SendParked(SiteStates states, Parked parked, TimeProvider clock) : IJob
{
    /// <summary>The queue of this job.</summary>
    public const string QueueName = "replication-work";

    /// <summary>How long a run may take; then another goes on.</summary>
    private static readonly TimeSpan Run = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public string Queue => QueueName;

    /// <summary>The delay of a message that is to come then; further ahead than a queue can look, it is sent once more.</summary>
    internal static TimeSpan Until(DateTimeOffset due, TimeProvider clock)
    {
        var left = due - clock.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < QueueLimits.Delay ? left : QueueLimits.Delay;
    }

    /// <inheritdoc/>
    async ValueTask<JobOutcome> IJob.Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var (service, site, schedule) = StoredJson.Read(message, ReplicationJson.Default.ResumeMessage) switch { var read => (read.Service, read.Site, read.Schedule) };
        if (site.Length == 0) return JobOutcome.Done; // somebody wanted to know whether messages are taken
        if (schedule is not null)
        {
            if ((await states.Find(service, site, ct)).State is not { Paused: true, ResumeAt: { } due } state || state.Schedule != schedule) return JobOutcome.Done;
            if (due > clock.GetUtcNow()) return JobOutcome.After(Until(due, clock));
            await states.Resume(service, site, ct);
            return JobOutcome.Done;
        }
        while (!await states.IsPausedNow(service, site, ct) && await parked.SendSome(service, site, ct))
            if (clock.GetElapsedTime(began) > Run) return JobOutcome.After(TimeSpan.Zero);
        return JobOutcome.Done;
    }
}
