using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>How a bucket answers as a website.</summary>
public sealed class GetBucketWebsite : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketWebsite", "GET", Target.Bucket, "s3:GetBucketWebsite") { Query = ["website"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Website) is { } setting
            ? WebsiteDocument.Reply(setting)
            : Reply.Refused(S3Errors.NoSuchWebsiteConfiguration).About("BucketName", call.BucketName));
}
