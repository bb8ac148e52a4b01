using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
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
    public override BlobSpec Spec { get; } = new("ListBlobs", "GET", Target.Bucket, "s3:ListBucket", "l") { Restype = "container", Comp = "list", Lists = true, Public = ContainerAccess.Container };

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
        var open = (includes & BlobIncludes.UncommittedBlobs) == 0
            ? new UncommittedPage([], null)
            : await call.Installation.Blocks.ListUncommitted(call.Bucket, parameters.Prefix ?? "", delimiter, parameters.After.FirstOrDefault(), (parameters.Limit + 1) / 2, ct);
        var limit = Math.Max(1, parameters.Limit - open.Found.Count);
        if ((includes & Older) == 0) await Current(call, result, view, limit, ct);
        else await Versions(call, result, view, limit, ct);
        if (open.Found.Count > 0 || open.Next is not null) Merge(open, result, view);
        return Reply.Document(Shape, result);
    }

    /// <summary>
    /// Puts the blobs that have uncommitted blocks alone among those of the page. What comes behind the end of the one or of the other is
    /// the next page's matter.
    /// </summary>
    private static void Merge(UncommittedPage open, Result result, BlobView view)
    {
        var entries = result.Entries;
        string? end = result.Next is null ? null : BlobMarker.Read(result.Next)[0];
        if (open.Next is { } next && (end is null || Compare(Rolled(next), end) < 0)) Cut(Rolled(next));
        // Of a page of one entry, either the one or the other.
        if (result.Parameters.Limit == 1 && entries is [var only] && open.Found is [var first, ..] && Compare(Rolled(first.Key), NameOf(only)) is var order and not 0)
        {
            if (order < 0) Cut(Rolled(first.Key));
            else if (end != NameOf(only)) Cut(NameOf(only));
        }
        var at = 0;
        foreach (var (key, id, since) in open.Found)
        {
            if (result.Parameters.From is { } from && Compare(key, from) < 0) continue;
            var name = Rolled(key);
            if (end is not null && Compare(name, end) > 0) return;
            while (at < entries.Count && Compare(NameOf(entries[at]), name) < 0) at++;
            var isThere = false;
            for (var i = at; i < entries.Count && NameOf(entries[i]) == name; i++) isThere |= entries[i].Prefix is not null || entries[i].View.IsCurrent;
            if (isThere) continue;
            var version = new ObjectVersion { Size = 0, ETag = "", Modified = since, Sequence = since.UtcTicks / 10 - DateTimeOffset.UnixEpoch.Ticks / 10, Id = id, Body = BodyPlace.Nowhere };
            entries.Insert(at, name == key ? new(view with { Name = key, Version = version, IsVersioned = false }, null) : new(default, name));
        }

        void Cut(string last)
        {
            entries.RemoveAll(entry => Compare(NameOf(entry), last) > 0);
            result.Next = BlobMarker.Write(end = last);
        }

        string Rolled(string key)
        {
            var at = result.Delimiter is null ? -1 : key.IndexOf(result.Delimiter, (result.Parameters.Prefix ?? "").Length, StringComparison.Ordinal);
            return at < 0 ? key : key[..(at + result.Delimiter!.Length)];
        }

        static string NameOf(Listed entry) => entry.Prefix ?? entry.View.Name;

        static int Compare(string one, string other) => Utf8Order.Compare(one, other);
    }

    private static async ValueTask Current(BlobCall call, Result result, BlobView view, int limit, CancellationToken ct)
    {
        var (parameters, after) = (result.Parameters, result.Parameters.After);
        var page = await call.Installation.Objects.List(
            call.Bucket,
            new() { Prefix = parameters.Prefix ?? "", Delimiter = result.Delimiter, After = after.FirstOrDefault(), From = parameters.From, Limit = limit, IsWhole = true },
            ct);
        foreach (var (name, version) in page.Entries) result.Entries.Add(version is null ? new(default, name) : new(view with { Name = name, Version = version }, null));
        if (page.Next is { } next) result.Next = BlobMarker.Write(next);
    }

    private static async ValueTask Versions(BlobCall call, Result result, BlobView view, int limit, CancellationToken ct)
    {
        var (parameters, after) = (result.Parameters, result.Parameters.After);
        var page = await call.Installation.Objects.ListVersions(
            call.Bucket,
            new()
            {
                Prefix = parameters.Prefix ?? "", Delimiter = result.Delimiter, KeyMarker = after.FirstOrDefault(), VersionIdMarker = after.ElementAtOrDefault(1),
                From = parameters.From, Limit = limit, WithKept = (view.Includes & BlobIncludes.Deleted) != 0, IsWhole = true,
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
