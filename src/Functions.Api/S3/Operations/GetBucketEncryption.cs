using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// GetBucketEncryption: what PutBucketEncryption set. Unlike at AWS since 2023, nothing is encrypted before that, and the
/// answer says so.
/// </summary>
public sealed class GetBucketEncryption : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketEncryption", "GET", Target.Bucket, "s3:GetEncryptionConfiguration") { Query = ["encryption"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        if (call.Bucket.Get(BucketSettings.Encryption) is not { } setting)
            return new(Reply.Refused(S3Errors.ServerSideEncryptionConfigurationNotFoundError));
        var configuration = new EncryptionConfiguration();
        configuration.Rules.Add(new()
        {
            Default = new() { Algorithm = setting.Kind == SseKind.S3 ? "AES256" : "aws:kms", KmsKey = setting.KmsKey },
            BucketKey = setting.BucketKey ?? false,
        });
        return new(Reply.Document(EncryptionConfiguration.Shape, configuration));
    }
}
