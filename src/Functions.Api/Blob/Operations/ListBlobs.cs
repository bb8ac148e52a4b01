using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>ListBlobs: a page of a container's blobs, flat or by hierarchy (<c>delimiter</c>).</summary>
public sealed class ListBlobs : BlobOperation
{
    /// <summary>What only a walk over all versions shows.</summary>
    private const BlobIncludes Older = BlobIncludes.Snapshots | BlobIncludes.Versions | BlobIncludes.DeletedWithVersions | BlobIncludes.Deleted;

    private const BlobIncludes Known = Older | BlobIncludes.Metadata | BlobIncludes.UncommittedBlobs | BlobIncludes.Copy | BlobIncludes.Tags
        | BlobIncludes.ImmutabilityPolicy | BlobIncludes.LegalHold | BlobIncludes.Permissions;

    private static readonly XmlShape<Listed> BlobShape = new XmlShape<Listed>("Blob", xmlns: null)
        .Encodable("Name", b => b.View.Name)
        .Flag("Deleted", b => b.View.Version.Blob?.Deleted is null ? null : true)
        .Text("Snapshot", b => Time(b.View.Version.Blob?.Snapshot))
        .Text("VersionId", b => b.Tells(BlobIncludes.Versions) ? b.View.VersionId : null)
        .Flag("IsCurrentVersion", b => b.Tells(BlobIncludes.Versions) && b.View is { IsCurrent: true, VersionId: not null } ? true : null)
        .Part("Properties", BlobProperties.Shape, b => b.View)
        .Nested("Metadata", Pairs.Metadata, b => b.Tells(BlobIncludes.Metadata) ? new([.. b.View.Version.Metadata]) : null)
        .Nested("Tags", Pairs.Tags, b => b.Tells(BlobIncludes.Tags) && b.View.Version.Tags is { Count: > 0 } tags ? new([.. tags]) : null);

    private static readonly XmlShape<Listed> PrefixShape = new XmlShape<Listed>("BlobPrefix", xmlns: null).Encodable("Name", b => b.Prefix);

    private static readonly XmlShape<Result> Blobs =
        new XmlShape<Result>("Blobs", xmlns: null).Either("Blob", BlobShape, "BlobPrefix", PrefixShape, b => b.Prefix is not null, r => r.Entries);

    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("EnumerationResults", xmlns: null)
        .Attribute("ServiceEndpoint", r => r.Endpoint)
        .Attribute("ContainerName", r => r.Container)
        .Encodable("Prefix", r => r.Parameters.Prefix)
        .Text("Marker", r => r.Parameters.Marker)
        .Integer("MaxResults", r => r.Parameters.MaxResults)
        .Encodable("Delimiter", r => r.Delimiter)
        .Part("Blobs", Blobs, r => r)
        .Text("NextMarker", r => r.Next ?? "");

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("ListBlobs", "GET", Target.Bucket, "s3:ListBucket", "l") { Restype = "container", Comp = "list", Public = ContainerAccess.Container };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var parameters = ListingParameters.Read(call);
        var includes = ListingParameters.Includes(call, Known);
        var delimiter = call.Query("delimiter") is { Length: > 0 } given ? given : null;
        var result = new Result { Endpoint = ListingParameters.Endpoint(call), Container = call.Address.Container, Parameters = parameters, Delimiter = delimiter };
        var view = new BlobView("", null!, call.Account, call.Installation.Clock.GetUtcNow())
        {
            IsVersioned = call.Bucket.Get(BucketSettings.Versioning) is not null,
            Includes = includes,
        };
        if ((includes & Older) == 0) await Current(call, result, view, ct);
        else await Versions(call, result, view, ct);
        return Reply.Document(Shape, result);
    }

    private static async ValueTask Current(BlobCall call, Result result, BlobView view, CancellationToken ct)
    {
        var (parameters, after) = (result.Parameters, result.Parameters.After);
        var page = await call.Installation.Objects.List(
            call.Bucket,
            new() { Prefix = parameters.Prefix ?? "", Delimiter = result.Delimiter, After = after.FirstOrDefault(), From = parameters.From, Limit = parameters.Limit },
            ct);
        foreach (var (name, version) in page.Entries) result.Entries.Add(version is null ? new(default, name) : new(view with { Name = name, Version = version }, null));
        if (page.Next is { } next) result.Next = BlobMarker.Write(next);
    }

    private static async ValueTask Versions(BlobCall call, Result result, BlobView view, CancellationToken ct)
    {
        var (parameters, after) = (result.Parameters, result.Parameters.After);
        var page = await call.Installation.Objects.ListVersions(
            call.Bucket,
            new()
            {
                Prefix = parameters.Prefix ?? "", Delimiter = result.Delimiter, KeyMarker = after.FirstOrDefault(), VersionIdMarker = after.ElementAtOrDefault(1),
                From = parameters.From, Limit = parameters.Limit, WithKept = (view.Includes & BlobIncludes.Deleted) != 0,
            },
            ct);
        var ofKey = 0;
        string? key = null;
        var current = view.Includes.HasFlag(BlobIncludes.Deleted) && after.Length > 1
            && await call.Installation.Objects.Find(call.Bucket, after[0], null, ct) is { Refusal: null } ? after[0] : null;
        foreach (var (name, version, isLatest) in page.Entries)
        {
            if (name != key) (key, ofKey) = (name, result.Entries.Count);
            if (isLatest) current = name;
            if (version is null) result.Entries.Add(new(default, name));
            // The oldest first, as Azure lists them.
            else if (IsShown(Told(version, current == name), isLatest, view.Includes))
                result.Entries.Insert(ofKey, new(view with { Name = name, Version = Told(version, current == name), IsCurrent = isLatest }, null));
        }
        if (page.NextKey is { } next) result.Next = BlobMarker.Write(next, page.NextVersionId);
    }

    private static bool IsShown(ObjectVersion version, bool isLatest, BlobIncludes includes)
    {
        if (version.IsDeleteMarker) return false;
        if (isLatest) return true;
        if (version.Blob is { Deleted: not null } and { Snapshot: null }) return (includes & BlobIncludes.Deleted) != 0;
        return (includes & (version.Blob?.Snapshot is not null ? BlobIncludes.Snapshots : BlobIncludes.Versions | BlobIncludes.DeletedWithVersions)) != 0;
    }

    /// <summary>What was deleted before the blob of its name was written is a deleted snapshot of that: it would be brought back as one.</summary>
    private static ObjectVersion Told(ObjectVersion version, bool hasCurrent) =>
        hasCurrent && version.Blob is { Deleted: { } deleted, Snapshot: null } blob ? version with { Blob = blob with { Snapshot = deleted.At } } : version;

    private static string? Time(DateTimeOffset? time) => time is { } at ? BlobTimes.Format(at) : null;

    private readonly record struct Listed(BlobView View, string? Prefix)
    {
        public bool Tells(BlobIncludes what) => (View.Includes & what) != 0;
    }

    private sealed record Result
    {
        public string Endpoint { get; init; } = "";
        public string Container { get; init; } = "";
        public ListingParameters Parameters { get; init; } = new(null, null, null);
        public string? Delimiter { get; init; }
        public List<Listed> Entries { get; } = [];
        public string? Next { get; set; }
    }
}
