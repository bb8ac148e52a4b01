using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>DeleteBucketEncryption: objects are encrypted only where they ask for it. Those that are stay so.</summary>
public sealed class DeleteBucketEncryption : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("DeleteBucketEncryption", "DELETE", Target.Bucket, "s3:PutEncryptionConfiguration") { Query = ["encryption"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var changed = await call.Services.Buckets.Change(call.Bucket, BucketSettings.Encryption, _ => null, ct);
        return changed.Refusal is null ? Reply.Empty(204) : Reply.Refused(changed);
    }
}
