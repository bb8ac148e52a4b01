using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketTagging: replaces the bucket's tags.</summary>
public sealed class PutBucketTagging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("PutBucketTagging", "PUT", Target.Bucket, "s3:PutBucketTagging") { Query = ["tagging"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var tags = await TagSet.Read(call, TagLimit.Bucket, ct);
        var setting = tags.Count == 0 ? null : new BucketTags(tags);
        return await call.ChangeSetting(BucketSettings.Tagging, setting, 204, ct);
    }
}
