using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetObjectRetention: until when a version is retained.</summary>
public sealed class GetObjectRetention : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetObjectRetention", "GET", Target.Object, "s3:GetObjectRetention") { Query = ["retention"], TakesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        LockHeaders.NeedLock(call.Bucket);
        var found = await call.Services.Objects.Find(call.Bucket, call.Key, call.Query("versionId"), ct);
        if (found.Refusal is not null) return ObjectHeaders.RefusedRead(found);
        return found.Value.Version.Retention is { } retention
            ? PutObjectRetention.Document(retention)
            : Reply.Refused(S3Errors.NoSuchObjectLockConfiguration);
    }
}
