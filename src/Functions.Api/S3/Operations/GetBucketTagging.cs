using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketTagging: the bucket's tags, or NoSuchTagSet.</summary>
public sealed class GetBucketTagging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("GetBucketTagging", "GET", Target.Bucket, "s3:GetBucketTagging") { Query = ["tagging"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Tagging) is { } setting
            ? TagSet.Document(setting.Tags)
            : Reply.Refused(S3Errors.NoSuchTagSet).About("BucketName", call.BucketName));
}
