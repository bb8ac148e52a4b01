using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Looks several times, over a week, whether anything arrived in a bucket after it was removed, and tells of it. It removes
/// nothing: what arrived may have been acknowledged.
/// </summary>
/// <param name="buckets">The table of buckets.</param>
/// <param name="objects">The table of objects.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Where it tells.</param>
public sealed class SweepRemovedBuckets(ITable buckets, ITable objects, TimeProvider clock, ILogger log) : IJob
{
    /// <summary>The name of its queue.</summary>
    public const string QueueName = "sweeps";

    /// <summary>So many keys are counted of each kind; more are "at least" so many.</summary>
    private const int Counted = 1000;

    private static readonly TimeSpan Life = TimeSpan.FromDays(7);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public string Queue => QueueName;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var tombstone = StoredJson.Read(message, StateJson.Default.Tombstone);
        var partition = Tombstones.PartitionOf(tombstone.Name);
        // The message is sent first: the tombstone may not be there yet, or, where the removal failed, never be.
        var age = clock.GetUtcNow() - tombstone.Removed;
        var raised = await buckets.Get(new(partition, tombstone.Id), ct);
        if (raised is null) return age < FirstLook ? JobOutcome.After(FirstLook) : JobOutcome.Done;
        if (await IsThere(tombstone, ct))
        {
            if (age < Life) return JobOutcome.After(age < FirstLook ? FirstLook : age);
            await Drop(partition, raised, ct);
            return JobOutcome.Done;
        }

        var found = 0;
        // Object and upload space: what makes an object, and what may become one.
        foreach (var (space, kind) in new[] { ('o', Rows.Current), ('o', Rows.Marker), ('u', Rows.Upload), ('u', Rows.Part) })
            await foreach (var _ in objects.Scan(KeyCodec.Prefix(space + tombstone.Id, kind, ""), kind.ToString(), Counted, ct)) found++;
        if (found > 0) Log.ArrivedLate(log, tombstone.Name, tombstone.Id, tombstone.Removed, found);
        if (age < Life) return JobOutcome.After(age < FirstLook ? FirstLook : age);
        if (found == 0) await Drop(partition, raised, ct);
        return JobOutcome.Done;
    }

    /// <summary>Whether the bucket is there after all: its removal was refused.</summary>
    private async ValueTask<bool> IsThere(Tombstone tombstone, CancellationToken ct) =>
        await buckets.Get(new("b." + tombstone.Name, "b"), ct) is { } row && StoredJson.Read(row.Value, StateJson.Default.Bucket).Id == tombstone.Id;

    private async ValueTask Drop(string partition, Row raised, CancellationToken ct) =>
        await buckets.Apply(partition, [Change.Delete(raised.Key.Row, Condition.Is(raised.Stamp))], ct);
}
