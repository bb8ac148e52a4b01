using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;

namespace ZenkoFunctions.Core.BlobAccounts;

/// <summary>The message of a container's removal.</summary>
internal sealed record ContainerRemoval
{
    public int Format { get; init; } = 1;

    public required string Account { get; init; }

    public required string Container { get; init; }

    public required string Bucket { get; init; }

    public required string BucketId { get; init; }

    public required DateTimeOffset Sent { get; init; }
}

/// <summary>
/// Removes containers with all that is in them. The bucket's mark (<see cref="Bucket.Emptying"/>) keeps clients out; cut off anywhere, the
/// next run goes on with what is left. The bucket itself goes last, by the rules of every bucket's removal.
/// </summary>
/// <param name="containers">The containers.</param>
/// <param name="buckets">The buckets that they are.</param>
/// <param name="objects">What is in them.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Where it tells.</param>
public sealed partial class RemoveContainers(Containers containers, Buckets buckets, ObjectStore objects, TimeProvider clock, ILogger log) : IJob
{
    /// <summary>The name of its queue.</summary>
    public const string QueueName = "removals";

    private const int PageSize = 1000, AtOnce = 16;

    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(2);

    /// <summary>How long a mark may come behind its message.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Queue => QueueName;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var removal = State.StoredJson.Read(message, BlobAccountJson.Default.ContainerRemoval);
        if (await buckets.FindEmptying(removal.Bucket, removal.BucketId, ct) is not { } bucket)
            return clock.GetUtcNow() - removal.Sent < Slow ? JobOutcome.After(Pause) : JobOutcome.Done;
        var start = clock.GetTimestamp();
        while (await objects.ListVersions(bucket, new() { Limit = PageSize, WithKept = true }, ct) is { } page && (page.Entries.Count > 0 || page.NextKey is not null))
        {
            var (removed, isLocked) = await RemoveAll(bucket, page.Entries, ct);
            if (isLocked)
            {
                // To go on would never end: what is left is given back.
                await buckets.StopEmptying(bucket, ct);
                return JobOutcome.Done;
            }
            if (removed == 0 && page.Entries.Count > 0) return JobOutcome.After(Pause);
            if (clock.GetElapsedTime(start) >= Turn) return JobOutcome.After(TimeSpan.Zero);
        }
        // Before its name is free again: a container that is made of it then has a row of its own.
        await containers.Forget(removal.Account, removal.Container, ct);
        var deleted = await buckets.Delete(bucket, ct);
        return deleted.Refusal is null or Refusal.NoSuchBucket ? JobOutcome.Done : JobOutcome.After(Pause);
    }

    /// <summary>Removes versions; how many are gone, and whether one may not be removed.</summary>
    private async ValueTask<(int Removed, bool IsLocked)> RemoveAll(Bucket bucket, IReadOnlyList<VersionEntry> entries, CancellationToken ct)
    {
        var (gone, isLocked) = (0, false);
        await Parallel.ForEachAsync(entries, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (entry, stop) =>
        {
            if (entry.Version is not { } version) return;
            var removed = await objects.Delete(bucket, entry.Name, Requested(version), stop);
            if (removed.Refusal is null) Interlocked.Increment(ref gone);
            if (removed.Refusal is not Refusal.Locked) return;
            isLocked = true;
            Locked(log, bucket.Name, entry.Name, removed.Detail);
        });
        return (gone, isLocked);
    }

    // Leases keep nobody from removing a container.
    private static DeleteRequest Requested(ObjectVersion version) => new()
    {
        Conditions = new() { IsOfLease = true },
        VersionId = version.Blob is { Snapshot: not null } or { Deleted: not null } ? null : version.PublicId,
        Snapshot = version.Blob?.Deleted is null ? version.Blob?.Snapshot : null,
        Kept = version.Blob?.Deleted is null ? null : version.Id,
    };

    [LoggerMessage(1, LogLevel.Warning, "The container '{Bucket}' is not removed: '{Key}' is locked. {Detail} What is left of it is there again.")]
    private static partial void Locked(ILogger log, string bucket, string key, string? detail);
}
