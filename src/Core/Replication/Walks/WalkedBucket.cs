using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>The bucket of a walk.</summary>
internal static class WalkedBucket
{
    /// <summary>The bucket; throws where it is gone, be it that there is another of its name.</summary>
    public static async ValueTask<Bucket> Find(Buckets buckets, Walk walk, CancellationToken ct) =>
        await buckets.Find(walk.Request.Bucket!, ct) is { } bucket && bucket.Id == walk.BucketId
            ? bucket
            : throw new WalkFailedException($"The bucket '{walk.Request.Bucket}' is not there any more.");

    /// <summary>What a refusal of the bucket comes to.</summary>
    public static Exception Gone(Refusal refusal, string name) => refusal is Refusal.NoSuchBucket
        ? new WalkFailedException($"The bucket '{name}' is not there any more.")
        : new IOException($"The bucket '{name}' takes no change just now: {refusal}.");
}
