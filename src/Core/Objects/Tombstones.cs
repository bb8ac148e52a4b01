using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What is left of a removed bucket.</summary>
internal sealed record Tombstone
{
    public int Format { get; init; } = 1;

    public required string Name { get; init; }

    public required string Id { get; init; }

    public required DateTimeOffset Removed { get; init; }

    /// <summary>The token of the request that removed it.</summary>
    public string? Request { get; init; }
}

/// <summary>
/// The tombstones of removed buckets: row ID of the partition <c>d.NAME</c>. Each has a message that has it looked after. They
/// are raised where there are other instances only: a commit that stalled beyond every bound can come after the removal.
/// </summary>
internal sealed class Tombstones(ITable buckets, IQueue queue, Consistency consistency, TimeProvider clock)
{
    /// <summary>To be called before the removal.</summary>
    public async ValueTask Raise(Bucket bucket, RequestToken? token, CancellationToken ct)
    {
        var tombstone = new Tombstone { Name = bucket.Name, Id = bucket.Id, Removed = clock.GetUtcNow(), Request = token?.Text };
        var stored = StoredJson.Write(tombstone, StateJson.Default.Tombstone);
        await queue.Send(SweepRemovedBuckets.QueueName, stored, consistency.Obeyed, ct);
        if (await buckets.Apply(PartitionOf(bucket.Name), [Change.Put(bucket.Id, Condition.Any, stored)], ct) != Outcome.Committed)
            throw new UnknownOutcomeException();
    }

    /// <summary>Whether one of that name was raised by the request.</summary>
    public async ValueTask<bool> IsOf(string name, RequestToken token, CancellationToken ct)
    {
        await foreach (var row in buckets.Scan(KeyRange.Partition(PartitionOf(name)), null, null, ct))
            if (StoredJson.Read(row.Value, StateJson.Default.Tombstone).Request == token.Text) return true;
        return false;
    }

    /// <summary>Where those of a name are.</summary>
    public static string PartitionOf(string name) => "d." + name;
}
