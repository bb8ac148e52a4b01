using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketReplication: the rules as they were put, each with its id.</summary>
public sealed class GetBucketReplication : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketReplication", "GET", Target.Bucket, "s3:GetReplicationConfiguration") { Query = ["replication"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Replication) is { } setting
            ? ReplicationDocument.Write(setting)
            : Reply.Refused(S3Errors.ReplicationConfigurationNotFoundError).About("BucketName", call.BucketName));
}
