using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>SetBlobImmutabilityPolicy: until when a version may not be removed, S3's retention. Only in buckets with object lock.</summary>
public sealed class SetBlobImmutabilityPolicy : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobImmutabilityPolicy", "PUT", Target.Object, "s3:PutObjectRetention", "i") { Comp = "immutabilitypolicies" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (BlobHeaders.Retention(call.Header("x-ms-immutability-policy-until-date"), call.Header("x-ms-immutability-policy-mode")) is not { } policy)
            return Reply.Refused(BlobErrors.MissingRequiredHeader, "x-ms-immutability-policy-until-date is needed.");
        var result = await Lock(call, policy, ct);
        return result.Refusal is null
            ? Reply.Empty()
                .With("x-ms-immutability-policy-until-date", BlobProperties.Date(policy.Until))
                .With("x-ms-immutability-policy-mode", policy.Mode == RetentionMode.Compliance ? "locked" : "unlocked")
            : BlobReplies.Refused(result);
    }

    /// <summary>Gives a version another retention; null for none.</summary>
    internal static async ValueTask<Result<ObjectVersion>> Lock(BlobCall call, Retention? policy, CancellationToken ct)
    {
        if (call.Bucket.Get(BucketSettings.ObjectLock) is null) return Refusal.InvalidBucketState.Because("The container has no immutable storage: make the bucket with object lock.");
        var now = call.Installation.Clock.GetUtcNow();
        // An unlocked policy can be changed by whoever may set one.
        return await call.Installation.Objects.Amend(
            call.Bucket, call.Address.Blob, call.VersionId(), call.Conditions() with { IsOfLease = true }, null,
            version => ObjectLock.ForChange(version.Retention, policy, bypass: true, now) is { } locked ? locked : version with { Retention = policy }, ct);
    }
}

/// <summary>DeleteBlobImmutabilityPolicy: takes an unlocked one away.</summary>
public sealed class DeleteBlobImmutabilityPolicy : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("DeleteBlobImmutabilityPolicy", "DELETE", Target.Object, "s3:PutObjectRetention", "i") { Comp = "immutabilitypolicies" };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var result = await SetBlobImmutabilityPolicy.Lock(call, null, ct);
        return result.Refusal is null ? Reply.Empty() : BlobReplies.Refused(result);
    }
}

/// <summary>SetBlobLegalHold: S3's legal hold. Only in buckets with object lock.</summary>
public sealed class SetBlobLegalHold : BlobOperation
{
    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("SetBlobLegalHold", "PUT", Target.Object, "s3:PutObjectLegalHold", "i") { Comp = "legalhold", Headers = ["x-ms-legal-hold"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var isHeld = BlobHeaders.Flag("x-ms-legal-hold", call.Header("x-ms-legal-hold")!);
        if (call.Bucket.Get(BucketSettings.ObjectLock) is null)
            return Reply.Refused(BlobErrors.From(Refusal.InvalidBucketState), "The container has no immutable storage: make the bucket with object lock.");
        var result = await call.Installation.Objects.Amend(
            call.Bucket, call.Address.Blob, call.VersionId(), call.Conditions() with { IsOfLease = true }, null, version => version with { LegalHold = isHeld }, ct);
        return result.Refusal is null ? Reply.Empty().With("x-ms-legal-hold", isHeld ? "true" : "false") : BlobReplies.Refused(result);
    }
}
