using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetObjectLegalHold: whether a version is on hold.</summary>
public sealed class GetObjectLegalHold : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetObjectLegalHold", "GET", Target.Object, "s3:GetObjectLegalHold") { Query = ["legal-hold"], TakesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        LockHeaders.NeedLock(call.Bucket);
        var found = await call.Services.Objects.Find(call.Bucket, call.Key, call.Query("versionId"), ct);
        if (found.Refusal is not null) return ObjectHeaders.RefusedRead(found);
        return found.Value.Version.LegalHold is { } hold
            ? PutObjectLegalHold.Document(hold)
            : Reply.Refused(S3Errors.NoSuchObjectLockConfiguration);
    }
}
