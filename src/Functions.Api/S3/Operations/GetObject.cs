using System.Globalization;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetObject: the bytes of an object, of a range or of a part of it, and what there is to say about it.</summary>
public sealed class GetObject : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("GetObject", "GET", Target.Object, "s3:GetObject") { Anonymous = true, SeesVersion = true, TakesVersion = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) => Read(call, withBody: true, ct);

    /// <summary>The parameters that set a header of the reply.</summary>
    private static readonly (string Parameter, string Header)[] Overrides =
    [
        ("response-cache-control", "Cache-Control"), ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"), ("response-content-language", "Content-Language"),
        ("response-content-type", "Content-Type"), ("response-expires", "Expires"),
    ];

    /// <summary>Both GetObject and HeadObject: they differ in nothing but the body.</summary>
    internal static async ValueTask<Reply> Read(S3Call call, bool withBody, CancellationToken ct)
    {
        var overrides = ParseOverrides(call);
        var request = Parse(call, withBody);
        if (withBody && MayLink(call, request) is { } minBytes) request = request with { Link = new(minBytes, version => LinkHeaders(version, overrides)) };
        var result = await call.Services.Objects.Open(call.Bucket, call.Key, request, ct);
        if (result.Refusal is not null) return NotFound(call, result, request.Conditions);
        if (!await call.MayRead(result.Value, ct)) return Reply.Refused(S3Errors.AccessDenied);
        // With a body the store has looked at the key.
        if (!withBody && CustomerKey.Refuse(result.Value.Version.Encryption, request.CustomerKey) is { } refused)
            return Reply.Refused<OpenVersion>(refused);
        if (result.Value.Link is { } link) return Redirected(call, result.Value.Version, link);
        var reply = Found(call, result.Value, overrides);
        return ReservedHeaders.Has(result.Value.Version) ? await call.AddReserved(reply, result.Value.Version, ct) : reply;
    }

    private static ReadRequest Parse(S3Call call, bool withBody)
    {
        var range = Ranges.Parse(call.Header("Range"));
        int? part = call.Query("partNumber") is { } number ? Numbers.PartNumber(number) : null;
        if (part is not null && call.Header("Range") is not null)
            throw Invalid.Request("Cannot specify both Range header and partNumber query parameter.");
        return new ReadRequest
        {
            VersionId = call.Query("versionId"),
            Conditions = ConditionHeaders.ForRead(call.Request.Headers),
            Range = range,
            IfRange = Ranges.ParseIfRange(call.Header("If-Range")),
            PartNumber = part,
            Location = withBody ? Descriptions.ParseLocation(call.Header("x-amz-location-constraint"), call.Services.Region) : null,
            PrefersCopy = withBody,
            WithBody = withBody,
            CustomerKey = EncryptionHeaders.ForRead(call),
        };
    }

    /// <summary>
    /// From how many bytes on the bucket sends readers to the location; null where it does not, or where the location would answer
    /// something else: it knows nothing of our ETags and parts, and no range that counts from the end.
    /// </summary>
    private static long? MayLink(S3Call call, ReadRequest request) =>
        call.Bucket.Get(BucketSettings.Redirect) is { } setting && !call.IsPage && request is { IfRange: null, PartNumber: null, CustomerKey: null }
            && request.Conditions == Conditions.None && request.Range is null or { First: not null }
            ? setting.MinBytes
            : null;

    private static LinkHeaders LinkHeaders(ObjectVersion version, Dictionary<string, string>? overrides)
    {
        return new(Of("Content-Type"), Of("Content-Disposition"), Of("Content-Encoding"), Of("Content-Language"), Of("Cache-Control"));

        string? Of(string header) => overrides?.GetValueOrDefault(header) ?? version.Headers.GetValueOrDefault(header);
    }

    private static Reply Redirected(S3Call call, ObjectVersion version, Uri link) =>
        Reply.Empty(307).WithVersion(call, version).With("Location", link.AbsoluteUri).With("Cache-Control", "no-store");

    private static Dictionary<string, string>? ParseOverrides(S3Call call)
    {
        Dictionary<string, string>? overrides = null;
        foreach (var (parameter, header) in Overrides)
        {
            if (call.Query(parameter) is not { } value) continue;
            if (call.Sender.Principal.IsAnonymous)
                throw Invalid.Request("Request specific response headers cannot be used for anonymous GET requests.");
            if (value.Any(char.IsControl))
                throw Invalid.Argument(parameter, value, "The value cannot be the value of a header.");
            (overrides ??= []).Add(header, value);
        }
        return overrides;
    }

    private static Reply Found(S3Call call, OpenVersion open, Dictionary<string, string>? overrides)
    {
        var (version, range) = (open.Version, open.Range);
        // An empty object has no range of bytes that Content-Range could name.
        var isPartial = open.IsPartial && range.Length > 0;
        var status = isPartial ? 206 : 200;
        var reply = open.Body is { } body ? Reply.Bytes(body, status) : Reply.LengthOnly(range.Length, status);
        reply.WithValidators(version).WithVersion(call, version).WithEncryption(version.Encryption, call);
        if (call.Query("versionId") is null) reply.WithExpiration(call.Bucket, call.Key, version);
        if (isPartial) reply.With("Content-Range", Ranges.ContentRange(range, version.Size));
        reply.With("x-amz-mp-parts-count", open.PartsCount?.ToString(CultureInfo.InvariantCulture));
        reply.With("x-amz-storage-class", version.StorageClass);
        AddDescription(reply, call, version, overrides);
        reply.WithReplication(version.Replication);
        if (string.Equals(call.Header("x-amz-checksum-mode"), "ENABLED", StringComparison.OrdinalIgnoreCase))
            AddChecksum(reply, open);
        return reply;
    }

    private static void AddDescription(Reply reply, S3Call call, ObjectVersion version, Dictionary<string, string>? overrides)
    {
        foreach (var (name, value) in version.Headers)
            if (overrides is null || !overrides.ContainsKey(name)) reply.With(name, value);
        foreach (var (name, value) in overrides ?? []) reply.With(name, value);
        foreach (var (name, value) in version.Metadata)
            if (!ReplicationHeaders.AreOurs(name, call.Bucket, version)) reply.With(Descriptions.MetadataPrefix + name, EncodedWords.Encode(value));
    }

    /// <summary>
    /// A part's answer carries the part's checksum and the type of the whole's. A range's carries none: clients would compare
    /// the whole's with the bytes of the range.
    /// </summary>
    private static void AddChecksum(Reply reply, OpenVersion open)
    {
        if (!open.IsPartial)
            reply.WithChecksum(open.Version.Checksum);
        else if (open.PartChecksum is { } part)
            reply.WithChecksumValue(part)
                .With("x-amz-checksum-type", Checksums.Name(open.Version.Checksum?.Type ?? part.Type));
    }

    private static Reply NotFound(S3Call call, Result<OpenVersion> result, Conditions conditions)
    {
        var version = result.Carried?.Version;
        switch (result.Refusal)
        {
            case Refusal.NotModified when version is not null:
                return Reply.Empty(304).WithValidators(version).WithVersion(call, version)
                    .With("Cache-Control", version.Headers.GetValueOrDefault("Cache-Control"))
                    .With("Expires", version.Headers.GetValueOrDefault("Expires"));
            case Refusal.PreconditionFailed:
                return Reply.Refused(result).About("Condition", conditions.IfMatch is not null ? "If-Match" : "If-Unmodified-Since");
            case Refusal.InvalidRange:
                var size = version?.Size.ToString(CultureInfo.InvariantCulture);
                return Reply.Refused(result).About("RangeRequested", call.Header("Range")).About("ActualObjectSize", size)
                    .With("Content-Range", size is null ? null : $"bytes */{size}");
            // AWS says InvalidPartNumber (416) here; most other servers, and Ceph's suite, say InvalidPart.
            case Refusal.NoSuchPart:
                return Reply.Refused(S3Errors.InvalidPart, "The object has no part of this number.");
            default:
                return ObjectHeaders.RefusedRead(result);
        }
    }
}
