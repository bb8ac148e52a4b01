using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketEncryption: how objects are encrypted that say nothing of it themselves. What is there already stays as it is.</summary>
public sealed class PutBucketEncryption : Operation
{
    private const int MaxBytes = 64 * 1024;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketEncryption", "PUT", Target.Bucket, "s3:PutEncryptionConfiguration") { Query = ["encryption"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var setting = Parse(EncryptionConfiguration.Shape.Read(await Payload.ReadVerified(call, MaxBytes, ct)));
        var changed = await call.Services.Buckets.Change(call.Bucket, BucketSettings.Encryption, _ => setting, ct);
        return changed.Refusal is null ? Reply.Empty() : Reply.Refused(changed);
    }

    /// <remarks>Whether the key exists shows when it is used, as at AWS.</remarks>
    private static SseDefault Parse(EncryptionConfiguration configuration)
    {
        if (configuration.Rules is not [var rule]) throw XmlReading.Malformed("There must be one Rule.");
        if (rule.Default is not { } byDefault) throw XmlReading.Malformed("The Rule needs ApplyServerSideEncryptionByDefault.");
        if (byDefault.Algorithm == "aws:kms:dsse") throw Invalid.NotServed("SSEAlgorithm");
        var kind = EncryptionHeaders.Method(byDefault.Algorithm) ?? throw XmlReading.Malformed("SSEAlgorithm must be AES256 or aws:kms.");
        var key = string.IsNullOrEmpty(byDefault.KmsKey) ? null : byDefault.KmsKey;
        if (key is not null && kind != SseKind.Kms)
            throw Invalid.Argument("KMSMasterKeyID", key, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms");
        return new(kind, key, rule.BucketKey);
    }
}
