using System.Globalization;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketRedirect, our own: from how many bytes on readers are redirected, or NoSuchRedirectConfiguration.</summary>
public sealed class GetBucketRedirect : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketRedirect", "GET", Target.Bucket, "zenkofn:GetBucketRedirect") { Query = ["zenkofn-redirect"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Redirect) is { } redirect
            ? Reply.Document(PutBucketRedirect.Shape, new() { MinimumBytes = redirect.MinBytes.ToString(CultureInfo.InvariantCulture) })
            : Reply.Refused(S3Errors.NoSuchRedirectConfiguration).About("BucketName", call.BucketName));
}
