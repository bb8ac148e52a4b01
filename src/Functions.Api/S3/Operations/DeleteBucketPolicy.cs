using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketPolicy; no error where there is none.</summary>
public sealed class DeleteBucketPolicy : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketPolicy", "DELETE", Target.Bucket, "s3:DeleteBucketPolicy") { Query = ["policy"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        call.ChangeSetting(BucketSettings.Policy, null, 204, ct);
}
