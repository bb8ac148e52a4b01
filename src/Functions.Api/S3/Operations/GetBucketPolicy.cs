using System.Text;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketPolicy: the policy as it was put.</summary>
public sealed class GetBucketPolicy : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketPolicy", "GET", Target.Bucket, "s3:GetBucketPolicy") { Query = ["policy"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => new(
        call.Bucket.Get(BucketSettings.Policy) is { } setting
            ? Reply.Document(Encoding.UTF8.GetBytes(setting.Policy.Text), "application/json")
            : Reply.Refused(S3Errors.NoSuchBucketPolicy).About("BucketName", call.BucketName));
}
