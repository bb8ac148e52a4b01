using System.Globalization;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// What can be said of an object with its bytes, though it has operations and permissions of its own: tags, retention, legal
/// hold.
/// </summary>
internal static class ReservedHeaders
{
    /// <summary>
    /// Refuses a description of a new version that its sender may not give (AccessDenied), that the bucket cannot keep
    /// (InvalidRequest), or whose date is past (InvalidArgument).
    /// </summary>
    public static ValueTask CheckDescription(this S3Call call, Description description, CancellationToken ct) =>
        description is { Tags: null, Retention: null, LegalHold: null } ? default : CheckReserved(call, description, ct);

    /// <summary>Whether there is anything to be added to the reply of a read.</summary>
    public static bool Has(ObjectVersion version) => version is not { Tags: null, Retention: null, LegalHold: null };

    /// <summary>Adds to the reply of a read what its reader may know. The reply's body is disposed where that fails.</summary>
    public static async ValueTask<Reply> AddReserved(this S3Call call, Reply reply, ObjectVersion version, CancellationToken ct)
    {
        try
        {
            if (version.Tags is { Count: > 0 } tags && await May(call, "s3:GetObjectTagging", version, ct))
                reply.With("x-amz-tagging-count", tags.Count.ToString(CultureInfo.InvariantCulture));
            if (version.Retention is { } retention && await May(call, "s3:GetObjectRetention", version, ct))
                reply.With(LockHeaders.Mode, LockHeaders.Name(retention.Mode)).With(LockHeaders.Until, LockHeaders.Format(retention.Until));
            if (version.LegalHold is { } hold && await May(call, "s3:GetObjectLegalHold", version, ct))
                reply.With(LockHeaders.LegalHold, LockHeaders.Name(hold));
            return reply;
        }
        catch
        {
            if (reply.Body is { } body) await body.DisposeAsync();
            throw;
        }
    }

    private static async ValueTask CheckReserved(S3Call call, Description description, CancellationToken ct)
    {
        if (description.Tags is not null && !await call.May(new("s3:PutObjectTagging", call.Bucket, call.Key) { IsOfOwnWrite = true }, ct))
            throw new S3Exception(S3Errors.AccessDenied, "This sender needs s3:PutObjectTagging for what its headers ask.");
        if (description.Retention is { } retention)
        {
            LockHeaders.NeedLock(call.Bucket);
            LockHeaders.NeedFuture(retention, call.Services.Clock);
            await Need(call, "s3:PutObjectRetention", ct);
        }
        if (description.LegalHold is not null)
        {
            LockHeaders.NeedLock(call.Bucket);
            await Need(call, "s3:PutObjectLegalHold", ct);
        }
    }

    private static async ValueTask Need(S3Call call, string action, CancellationToken ct)
    {
        if (!await call.May(new(action, call.Bucket, call.Key), ct))
            throw new S3Exception(S3Errors.AccessDenied, $"This sender needs {action} for what its headers ask.");
    }

    private static ValueTask<bool> May(S3Call call, string action, ObjectVersion version, CancellationToken ct) =>
        call.May(new(action, call.Bucket, call.Key, call.Query("versionId")) { Version = version }, ct);
}
