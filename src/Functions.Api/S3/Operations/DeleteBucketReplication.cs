using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketReplication: removes the rules. What is on its way arrives; what is written from now on goes nowhere.</summary>
public sealed class DeleteBucketReplication : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketReplication", "DELETE", Target.Bucket, "s3:PutReplicationConfiguration") { Query = ["replication"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => call.ChangeSetting(BucketSettings.Replication, null, 204, ct);
}
