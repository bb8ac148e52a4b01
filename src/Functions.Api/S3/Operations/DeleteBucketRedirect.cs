using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketRedirect, our own: every reader gets its bytes from here.</summary>
public sealed class DeleteBucketRedirect : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketRedirect", "DELETE", Target.Bucket, "zenkofn:DeleteBucketRedirect") { Query = ["zenkofn-redirect"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => call.ChangeSetting(BucketSettings.Redirect, null, 204, ct);
}
