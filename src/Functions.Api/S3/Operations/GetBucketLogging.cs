using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketLogging: where the log of the bucket's requests goes; an empty status where there is none.</summary>
public sealed class GetBucketLogging : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("GetBucketLogging", "GET", Target.Bucket, "s3:GetBucketLogging") { Query = ["logging"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var setting = call.Bucket.Get(BucketSettings.Logging);
        return new(Reply.Document(
            PutBucketLogging.Shape,
            new()
            {
                Enabled = setting is null ? null : new()
                {
                    Bucket = setting.TargetBucket,
                    Prefix = setting.TargetPrefix,
                    Format = PutBucketLogging.KeyFormat.Of(setting.KeyFormat),
                },
            }));
    }
}
