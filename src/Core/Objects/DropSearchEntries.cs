using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Whose entries are to be removed.</summary>
internal sealed record DroppedEntries
{
    public int Format { get; init; } = 1;

    public required string Bucket { get; init; }

    public required string BucketId { get; init; }

    /// <summary>The field's id; null for all of the bucket's, which is removed.</summary>
    public string? Field { get; init; }

    public required DateTimeOffset Sent { get; init; }
}

/// <summary>
/// Removes the entries of a field that no index has any more, or of a bucket that is gone. The message is sent before that is so: where
/// it does not come to it, nothing is removed.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="consistency">After what time nobody uses the entries any more.</param>
/// <param name="clock">The time.</param>
public sealed class DropSearchEntries(ITable table, Buckets buckets, Consistency consistency, TimeProvider clock) : IJob
{
    /// <summary>The name of its queue.</summary>
    public const string QueueName = "search";

    /// <summary>Entries that are removed side by side.</summary>
    private const int Width = 32;

    /// <summary>How long it is waited for that what was announced takes place.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    /// <summary>Until then whoever searches by the index has come to the end of a page.</summary>
    private static readonly TimeSpan PageTime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan StepTime = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public string Queue => QueueName;

    /// <summary>Sends the message. To be called before the field is dropped, or the bucket removed.</summary>
    internal static ValueTask Announce(IQueue queue, Bucket bucket, string? field, TimeProvider clock, CancellationToken ct)
    {
        var message = new DroppedEntries { Bucket = bucket.Name, BucketId = bucket.Id, Field = field, Sent = clock.GetUtcNow() };
        return queue.Send(QueueName, StoredJson.Write(message, StateJson.Default.DroppedEntries), LookAgain, ct);
    }

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var dropped = StoredJson.Read(message, StateJson.Default.DroppedEntries);
        var age = clock.GetUtcNow() - dropped.Sent;
        // An id is never used again: what is not declared now never will be.
        if (await buckets.Find(dropped.Bucket, ct) is { } bucket && bucket.Id == dropped.BucketId
            && (dropped.Field is null || bucket.Get(BucketSettings.SearchIndex)?.Fields.Any(field => field.Id == dropped.Field) == true))
            return age < Patience ? JobOutcome.After(LookAgain) : JobOutcome.Done;
        if (age < PageTime + consistency.Obeyed) return JobOutcome.After(PageTime + consistency.Obeyed - age);

        using var over = new CancellationTokenSource(StepTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, ct);
        try
        {
            await Parallel.ForEachAsync(
                table.Scan(SearchRows.All(dropped.BucketId, dropped.Field ?? ""), null, null, either.Token),
                new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = either.Token },
                async (row, stop) => await table.Apply(row.Key.Partition, [Change.Delete(row.Key.Row, Condition.Any)], stop));
            return JobOutcome.Done;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // What is gone is not found again.
            return JobOutcome.After(TimeSpan.Zero);
        }
    }
}
