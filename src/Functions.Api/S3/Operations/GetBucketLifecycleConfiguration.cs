using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketLifecycleConfiguration: the rules as they were put, each with its id.</summary>
public sealed class GetBucketLifecycleConfiguration : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketLifecycleConfiguration", "GET", Target.Bucket, "s3:GetLifecycleConfiguration") { Query = ["lifecycle"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Lifecycle) is { } setting
            ? Reply.Document(LifecycleDocument.Shape, setting)
                .With(PutBucketLifecycleConfiguration.MinimumHeader, PutBucketLifecycleConfiguration.Minimum(setting))
            : Reply.Refused(S3Errors.NoSuchLifecycleConfiguration).About("BucketName", call.BucketName));
}
