using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>The headers that the operations on objects have in common.</summary>
internal static class ObjectHeaders
{
    /// <summary>What the version is, to those who are told of it, that an operation makes.</summary>
    private static readonly Dictionary<string, string> Happens = new(StringComparer.Ordinal)
    {
        ["CopyObject"] = EventNames.Copy,
        ["CompleteMultipartUpload"] = EventNames.Completed,
        ["PostObject"] = EventNames.Post,
        ["PutObjectTagging"] = EventNames.TaggingPut,
        ["DeleteObjectTagging"] = EventNames.TaggingDeleted,
        ["PutObjectAcl"] = EventNames.AclPut,
    };

    /// <summary>Who writes.</summary>
    public static Writer Writer(this S3Call call) => call.WriterFor(call.Party);

    /// <summary>Who writes, where the owner of what is written is to be that one.</summary>
    public static Writer WriterFor(this S3Call call, Party owner) =>
        Core.Objects.Writer.For(owner) with { Cause = call.Cause(), Request = call.Request.Token };

    /// <summary>What the request tells the events that follow from it.</summary>
    public static Cause Cause(this S3Call call) => new(
        Happens.GetValueOrDefault(call.Spec.Name, EventNames.Put), call.Sender.Principal.User?.Id ?? call.Sender.Principal.Account?.Id ?? "Anonymous",
        call.Request.Peer, call.RequestId);

    /// <summary>
    /// Whether the sender may read a version that was opened: another's than the bucket owner's is its owner's to show. The body
    /// of one that may not be read is disposed.
    /// </summary>
    public static async ValueTask<bool> MayRead(this S3Call call, OpenVersion open, CancellationToken ct)
    {
        if (open.Version.OwnerCanonicalId is null) return true;
        var question = new AccessQuestion(call.Spec.Action, call.Bucket, call.Key, call.Query("versionId")) { Version = open.Version };
        if (await call.May(question, ct)) return true;
        if (open.Body is { } body) await body.DisposeAsync();
        return false;
    }

    /// <summary>ETag and Last-Modified.</summary>
    public static Reply WithValidators(this Reply reply, ObjectVersion version) => reply
        .With("ETag", ETags.Quote(version.ETag))
        .With("Last-Modified", HttpDates.Format(version.Modified));

    /// <summary>x-amz-expiration, where a rule of the bucket's lifecycle will expire this current version.</summary>
    public static Reply WithExpiration(this Reply reply, Bucket bucket, string key, ObjectVersion version) =>
        bucket.Get(BucketSettings.Lifecycle)?.ExpirationOf(key, version) is var (at, rule)
            ? reply.With("x-amz-expiration", $"expiry-date=\"{HttpDates.Format(at)}\", rule-id=\"{Uri.EscapeDataString(rule.Id!)}\"")
            : reply;

    /// <summary>The id of a version that was read: none in a bucket that was never versioned.</summary>
    public static Reply WithVersion(this Reply reply, S3Call call, ObjectVersion version) =>
        version.IsNull && call.Bucket.Get(BucketSettings.Versioning) is null ? reply : reply.With("x-amz-version-id", version.PublicId);

    /// <summary>The id of a version that was written: none for the null version, which has no id of its own.</summary>
    public static Reply WithNewVersion(this Reply reply, ObjectVersion version) =>
        reply.With("x-amz-version-id", version.IsNull ? null : version.PublicId);

    /// <summary>The id of the version that a copy was made from; as when it is read.</summary>
    public static Reply WithSourceVersion(this Reply reply, Bucket bucket, ObjectVersion? source) =>
        source is null || (source.IsNull && bucket.Get(BucketSettings.Versioning) is null)
            ? reply
            : reply.With("x-amz-copy-source-version-id", source.PublicId);

    /// <summary>That the version is a delete marker, and its id.</summary>
    public static Reply WithMarker(this Reply reply, ObjectVersion marker) =>
        reply.With("x-amz-delete-marker", "true").With("x-amz-version-id", marker.PublicId);

    /// <summary>A checksum without its type, as replies about parts carry it.</summary>
    public static Reply WithChecksumValue(this Reply reply, Checksum? checksum) =>
        checksum is null ? reply : reply.With(Checksums.Of(checksum.Algorithm).Header, checksum.Value);

    /// <summary>A checksum and its type.</summary>
    public static Reply WithChecksum(this Reply reply, Checksum? checksum) =>
        checksum is null ? reply : reply.WithChecksumValue(checksum).With("x-amz-checksum-type", Checksums.Name(checksum.Type));

    /// <summary>A refused look at a version. It tells of a delete marker that is in the way.</summary>
    public static Reply RefusedRead(Result<OpenVersion> result)
    {
        var reply = RefusedFor(result, result.Carried?.Version);
        // AWS leaves the header out here; Ceph's suite, and clients made for it, read it.
        return result is { Refusal: Refusal.NoSuchKey, Carried: null } ? reply.With("x-amz-delete-marker", "false") : reply;
    }

    /// <summary>A refused change of what is said of a version. It tells of a delete marker that is in the way.</summary>
    public static Reply RefusedChange(Result<ObjectVersion> result) => RefusedFor(result, result.Carried);

    private static Reply RefusedFor<T>(Result<T> result, ObjectVersion? version)
    {
        var reply = Reply.Refused(result);
        if (version is not { IsDeleteMarker: true }) return reply;
        reply.WithMarker(version);
        return result.Refusal == Refusal.DeleteMarker
            ? reply.With("Allow", "DELETE").With("Last-Modified", HttpDates.Format(version.Modified))
            : reply;
    }

    /// <summary>
    /// A refused write. Its document names the condition that did not hold.
    /// </summary>
    public static Reply RefusedWrite<T>(Result<T> result, Conditions conditions)
    {
        var reply = Reply.Refused(result);
        return result.Refusal == Refusal.PreconditionFailed
            ? reply.About("Condition", conditions.IfMatch is not null ? "If-Match" : "If-None-Match")
            : reply;
    }

    /// <summary>Elements that carry a checksum in XML, one for each algorithm.</summary>
    public static XmlShape<T> ChecksumElements<T>(
        this XmlShape<T> shape, Func<T, Checksum?> get, Action<T, Checksum>? set = null) where T : new()
    {
        foreach (var spec in Checksums.All)
        {
            shape.Text(
                spec.Element,
                message => get(message) is { } checksum && checksum.Algorithm == spec.Algorithm ? checksum.Value : null,
                set is null ? null : (message, value) => set(message, new Checksum(spec.Algorithm, ChecksumType.FullObject, value)));
        }
        return shape;
    }
}
