using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetPageRanges: the pages of a page blob that were written, or that have changed since a snapshot.</summary>
public sealed class GetPageRanges : BlobOperation
{
    /// <summary>The most ranges of one answer.</summary>
    private const int MaxResults = 10_000;

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } =
        new("GetPageRanges", "GET", Target.Object, "s3:GetObject", "r") { Comp = "pagelist", Public = ContainerAccess.Blob };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var conditions = call.Conditions();
        var (limit, from) = (Limit(call), Marker(call));
        var (since, refused) = await Since(call, ct);
        if (refused is not null) return refused;
        var text = call.Header("x-ms-range") ?? call.Header("Range");
        RangeRequest? range = Ranges.Parse(text) is { First: not null } parsed ? parsed : null;
        if (text is not null && range is null) return Reply.Refused(BlobErrors.InvalidPageRange, "The range must have the form bytes=first-last.");
        var request = new PageRangesRequest
        {
            Read = new() { VersionId = call.VersionId(), Snapshot = call.Snapshot(), Conditions = conditions },
            Range = range,
            Since = since,
            From = from,
            Limit = limit,
        };
        var result = await call.Installation.PageBlobs.Ranges(call.Bucket, call.Address.Blob, request, ct);
        if (result.Refusal is not null) return BlobReplies.Refused(result);
        var version = result.Value.Version;
        if (version.Blob is { Incremental: not null, Snapshot: null }) return Reply.Refused(BlobErrors.OperationNotAllowedOnIncrementalCopyBlob);
        if (Leases.ForRead(conditions, version, call.Installation.Clock.GetUtcNow()) is { } leased) return BlobReplies.Refused<PageRangeList>(leased);
        return Reply.Document(Shape, new Listing { List = result.Value }).WithValidators(version).With(PageHeaders.Size, version.Size.ToString(CultureInfo.InvariantCulture));
    }

    private static async ValueTask<(ObjectVersion? Since, Reply? Refused)> Since(BlobCall call, CancellationToken ct)
    {
        var text = call.Query("prevsnapshot");
        if (call.Header("x-ms-previous-snapshot-url") is { } url)
        {
            if (text is { Length: > 0 }) return (null, Reply.Refused(BlobErrors.InvalidHeaderValue, "Name the earlier snapshot either in prevsnapshot or in x-ms-previous-snapshot-url."));
            text = await SnapshotIn(call, url, ct);
        }
        if (text is not { Length: > 0 }) return (null, null);
        if (BlobTimes.Parse(text) is not { } time)
            throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "A snapshot is named by its time, as in 2026-01-31T12:00:00.0000000Z.");
        if (call.Snapshot() < time) return (null, Reply.Refused(BlobErrors.PreviousSnapshotCannotBeNewer));
        var found = await call.Installation.Objects.Open(call.Bucket, call.Address.Blob, new() { Snapshot = time, WithBody = false }, ct);
        if (found.Refusal is null) return (found.Value.Version, null);
        return (null, found.Refusal is Refusal.NoSuchKey or Refusal.NoSuchVersion ? Reply.Refused(BlobErrors.PreviousSnapshotNotFound) : BlobReplies.Refused(found));
    }

    /// <summary>The snapshot that a URL names, which must be one of this blob.</summary>
    private static async ValueTask<string> SnapshotIn(BlobCall call, string url, CancellationToken ct)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var named) && named.Scheme is "http" or "https")
        {
            var headers = new HeaderDictionary { ["Host"] = named.IsDefaultPort ? named.Host : named.Authority };
            var request = new WireRequest(
                "GET", named.AbsolutePath, named.Query.TrimStart('?'), headers, PipeReader.Create(Stream.Null), null, call.Request.Peer, call.Request.IsHttps);
            if (request.Query["snapshot"] is { Length: > 0 } time && await call.Locate(request, ct) is var (bucket, key) && bucket.Id == call.Bucket.Id && key == call.Address.Blob) return time;
        }
        throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-previous-snapshot-url must be the URL of a snapshot of this blob.");
    }

    private static int Limit(BlobCall call) => call.Query("maxresults") is not { Length: > 0 } text ? MaxResults
        : Numbers.Parse(text) is { } most and > 0 ? (int)Math.Min(most, MaxResults)
        : throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "maxresults must be a number from 1.");

    private static long Marker(BlobCall call) => call.Query("marker") is not { Length: > 0 } text ? 0
        : Numbers.Parse(text) ?? throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "marker must be the NextMarker of the answer before.");

    private sealed class Listing
    {
        public PageRangeList? List { get; init; }
    }

    private static readonly XmlShape<PageRange> Written = Of("PageRange"), Cleared = Of("ClearRange");

    private static readonly XmlShape<Listing> Shape = new XmlShape<Listing>("PageList", xmlns: null)
        .Either("PageRange", Written, "ClearRange", Cleared, range => range.IsCleared, listing => listing.List!.Ranges)
        .Text("NextMarker", listing => listing.List!.Next?.ToString(CultureInfo.InvariantCulture));

    private static XmlShape<PageRange> Of(string element) => new XmlShape<PageRange>(element, xmlns: null)
        .Integer("Start", range => range.Offset).Integer("End", range => range.Offset + range.Length - 1);
}
