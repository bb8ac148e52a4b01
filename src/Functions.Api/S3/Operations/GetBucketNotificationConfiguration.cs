using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketNotificationConfiguration: the configuration as it was put; an empty one where there is none.</summary>
public sealed class GetBucketNotificationConfiguration : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketNotificationConfiguration", "GET", Target.Bucket, "s3:GetBucketNotification") { Query = ["notification"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        new(NotificationDocument.Document(call.Bucket.Get(BucketSettings.Notifications)));
}
