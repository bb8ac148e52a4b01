using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// EmptyBucket, our own: all that is in a bucket, or below <c>prefix</c>, is removed for good, every version, and unfinished uploads. It goes
/// on by itself; GetBucketEmptying tells how far it is. The sender must be allowed to remove every version of every object of the bucket, whichever
/// there are; what is retained or on hold stays.
/// </summary>
public sealed class EmptyBucket : Operation
{
    private static readonly string[] Removals = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"];

    private static readonly XmlShape<BucketEmptying> Shape = new XmlShape<BucketEmptying>("BucketEmptying", xmlns: null)
        .Text("State", c => c.State)
        .Text("Prefix", c => c.Prefix)
        .Date("Since", c => c.Since)
        .Date("At", c => c.At)
        .Integer("Total", c => c.Total)
        .Integer("Versions", c => c.Counts.Versions)
        .Integer("Removed", c => c.Counts.Removed)
        .Integer("RemovedBytes", c => c.Counts.RemovedBytes)
        .Integer("Aborted", c => c.Counts.Aborted)
        .Integer("Kept", c => c.Counts.Kept)
        .Text("Trouble", c => c.Trouble);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("EmptyBucket", "POST", Target.Bucket, "s3:DeleteObjectVersion") { Query = ["zenkofn-empty"], AsksItself = true, Removes = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        if (!await IsAllowed(call, ct)) return Refused();
        if (call.Services.Walks is not { } walks) return Reply.Refused(S3Errors.NotImplemented);
        var started = await walks.Start(new() { Purpose = WalkPurpose.Empty, Bucket = call.BucketName, Prefix = call.Query("prefix") is { Length: > 0 } prefix ? prefix : null }, ct);
        return started.Refusal switch
        {
            null => Told(started.Value, 202),
            Refusal.NoSuchBucket => Reply.Refused(S3Errors.NoSuchBucket),
            _ => Reply.Refused(S3Errors.OperationAborted, started.Detail),
        };
    }

    /// <summary>Whether the sender may remove all that there is.</summary>
    internal static ValueTask<bool> IsAllowed(S3Call call, CancellationToken ct) => call.MayWithAll(Removals, ct);

    /// <summary>What who may not is told.</summary>
    internal static Reply Refused() => Reply.Refused(S3Errors.AccessDenied, $"This needs {string.Join(", ", Removals)} for all objects of the bucket, with no statement that denies one of them for some.");

    /// <summary>The emptying of a bucket, the one under way or the last; null where there was none.</summary>
    internal static async ValueTask<Walk?> Find(S3Call call, CancellationToken ct) =>
        call.Services.Walks is { } walks && await walks.Find(Id(call), ct) is { } walk && walk.BucketId == call.Bucket.Id ? walk : null;

    /// <summary>The name of its walk.</summary>
    internal static string Id(S3Call call) => Walks.IdOf(new() { Purpose = WalkPurpose.Empty, Bucket = call.BucketName });

    /// <summary>How far it is.</summary>
    internal static Reply Told(Walk walk, int status = 200) => Reply.Document(Shape, new() { Walk = walk }, status);

    internal sealed class BucketEmptying
    {
        public Walk Walk { get; init; } = null!;

        public string State => Walk.State.ToString().ToLowerInvariant();

        public string? Prefix => Walk.Request.Prefix;

        public DateTimeOffset Since => Walk.Since;

        public DateTimeOffset At => Walk.At;

        public long Total => Walk.Total;

        public WalkCounts Counts => Walk.Counts;

        public string? Trouble => Walk.Trouble ?? Walk.Waiting;
    }
}
