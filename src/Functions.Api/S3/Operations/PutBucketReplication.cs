using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// PutBucketReplication: replaces the rules by which copies of a bucket's versions go to other locations. What was there before goes too
/// where a rule asks for that.
/// </summary>
public sealed class PutBucketReplication : Operation
{
    private const int MaxBody = 2 * 1024 * 1024; // a thousand rules with long ids, prefixes and tags

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketReplication", "PUT", Target.Bucket, "s3:PutReplicationConfiguration") { Query = ["replication"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var body = await Payload.ReadMessage(call, MaxBody, mustSay: false, ct);
        var setting = await ReplicationChecks.Read(body, call.Bucket, call.Services.Buckets, ct);
        var changed = await call.Services.Buckets.Change<ReplicationSetting>(
            call.Bucket,
            BucketSettings.Replication,
            bucket => bucket.Get(BucketSettings.Versioning)?.State == VersioningState.Enabled
                ? setting
                : Refusal.InvalidRequest.Because("Versioning must be 'Enabled' on the bucket to apply a replication configuration"),
            ct);
        if (changed.Refusal is not null) return Reply.Refused(changed);
        if (call.Services.Walks is { } walks) await walks.StartAsked(changed.Value, ct);
        return Reply.Empty();
    }
}
