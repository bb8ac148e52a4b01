using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>What listings tell of a blob only where they are asked to (<c>include=</c>); headers always tell it.</summary>
[Flags]
public enum BlobIncludes
{
    /// <summary>Nothing besides.</summary>
    None = 0,

    /// <summary>Metadata.</summary>
    Metadata = 1,

    /// <summary>Blobs that have uncommitted blocks alone.</summary>
    UncommittedBlobs = 2,

    /// <summary>The last copy that it was the target of.</summary>
    Copy = 4,

    /// <summary>Blobs that were deleted and can be brought back.</summary>
    Deleted = 8,

    /// <summary>Snapshots.</summary>
    Snapshots = 16,

    /// <summary>Older versions.</summary>
    Versions = 32,

    /// <summary>Tags.</summary>
    Tags = 64,

    /// <summary>Blobs of which only older versions are left.</summary>
    DeletedWithVersions = 128,

    /// <summary>Until when it may not be changed.</summary>
    ImmutabilityPolicy = 256,

    /// <summary>Whether it is on hold.</summary>
    LegalHold = 512,

    /// <summary>Owner, group and list of a hierarchical namespace, of which there is none.</summary>
    Permissions = 1024,
}

/// <summary>A version of a blob as it is told to clients.</summary>
/// <param name="Name">The blob's name.</param>
/// <param name="Version">The version.</param>
/// <param name="Account">The storage account, whose tier is that of blobs without one of their own.</param>
/// <param name="Now">When it is told: leases end.</param>
public readonly record struct BlobView(string Name, ObjectVersion Version, BlobAccount Account, DateTimeOffset Now)
{
    /// <summary>Whether the container keeps versions: then they have ids.</summary>
    public bool IsVersioned { get; init; }

    /// <summary>Whether it is the current version.</summary>
    public bool IsCurrent { get; init; } = true;

    /// <summary>Whether only a range of its bytes is sent along.</summary>
    public bool IsPartial { get; init; }

    /// <summary>What a listing was asked to tell besides.</summary>
    public BlobIncludes Includes { get; init; }

    /// <summary>When it was last changed in the eyes of this protocol.</summary>
    public DateTimeOffset Changed => Version.Blob?.Touched ?? Version.Modified;

    /// <summary>The version's id; null where it has none: the container keeps no versions, or it is a snapshot.</summary>
    public string? VersionId => IsVersioned && Version.Blob?.Snapshot is null ? Version.PublicId : null;

    internal Lease? Lease => Version.Blob?.Snapshot is null ? Version.Blob?.Lease : null;

    internal bool IsBlockBlob => Version.Blob is not { Type: not BlobType.BlockBlob };
}

/// <summary>A property of a blob: how it is called in headers and in listings, and its value.</summary>
/// <param name="Header">The header; null where there is none.</param>
/// <param name="Element">The element in a listing; null where there is none.</param>
/// <param name="Value">As text; null where the blob does not have it.</param>
public sealed record BlobProperty(string? Header, string? Element, Func<BlobView, string?> Value)
{
    /// <summary>Whether the header has it in quotation marks, as ETags are.</summary>
    public bool IsQuoted { get; init; }

    /// <summary>Whether listings have an empty element where the blob does not have it.</summary>
    public bool IsAlwaysListed { get; init; }

    /// <summary>What a listing must be asked for to tell it.</summary>
    public BlobIncludes Needs { get; init; }
}

/// <summary>The properties of blobs: one table, by which headers and listings tell them.</summary>
public static class BlobProperties
{
    private const BlobIncludes Copy = BlobIncludes.Copy;

#pragma warning disable format // a table
    /// <summary>One line each, in the order of Azure's listings. The length of a body is its own header.</summary>
    public static IReadOnlyList<BlobProperty> All { get; } =
    [
        new("x-ms-creation-time",                  "Creation-Time",                b => Date(b.Version.Blob?.Created ?? b.Version.Modified)),
        new("Last-Modified",                       "Last-Modified",                b => Date(b.Changed)),
        new("ETag",                                "Etag",                         b => b.Version.BlobETag) { IsQuoted = true },
        new(null,                                  "Content-Length",               b => Number(b.Version.Size)),
        new("Content-Type",                        "Content-Type",                 b => Header(b, "Content-Type")) { IsAlwaysListed = true },
        new("Content-Encoding",                    "Content-Encoding",             b => Header(b, "Content-Encoding")) { IsAlwaysListed = true },
        new("Content-Language",                    "Content-Language",             b => Header(b, "Content-Language")) { IsAlwaysListed = true },
        new(null,                                  "Content-CRC64",                _ => null) { IsAlwaysListed = true },
        new("Content-MD5",                         "Content-MD5",                  b => b.IsPartial ? null : ContentMd5(b.Version)) { IsAlwaysListed = true },
        new("x-ms-blob-content-md5",               null,                           b => b.IsPartial ? ContentMd5(b.Version) : null),
        new("Cache-Control",                       "Cache-Control",                b => Header(b, "Cache-Control")) { IsAlwaysListed = true },
        new("Content-Disposition",                 "Content-Disposition",          b => Header(b, "Content-Disposition")) { IsAlwaysListed = true },
        new("x-ms-blob-sequence-number",           "x-ms-blob-sequence-number",    b => b.Version.Blob is { Type: BlobType.PageBlob } page ? Number(page.SequenceNumber ?? 0) : null),
        new("x-ms-blob-type",                      "BlobType",                     b => (b.Version.Blob?.Type ?? BlobType.BlockBlob).ToString()),
        new("x-ms-blob-committed-block-count",     null,                           b => b.Version.Blob is { Type: BlobType.AppendBlob } log ? Number(log.Appended ?? 0) : null),
        new("x-ms-blob-sealed",                    "Sealed",                       b => b.Version.Blob is { Type: BlobType.AppendBlob } log ? log.IsSealed == true ? "true" : "false" : null),
        new("x-ms-access-tier",                    "AccessTier",                   b => b.IsBlockBlob ? b.Version.Blob?.Tier ?? b.Account.AccessTier : null),
        new("x-ms-access-tier-inferred",           "AccessTierInferred",           b => b.IsBlockBlob && b.Version.Blob?.Tier is null ? "true" : null),
        new("x-ms-access-tier-change-time",        "AccessTierChangeTime",         b => Date(b.Version.Blob?.TierChanged)),
        new("x-ms-lease-status",                   "LeaseStatus",                  b => LeaseStatus(b.Lease, b.Now)),
        new("x-ms-lease-state",                    "LeaseState",                   b => LeaseState(b.Lease, b.Now)),
        new("x-ms-lease-duration",                 "LeaseDuration",                b => LeaseDuration(b.Lease, b.Now)),
        new("x-ms-copy-id",                        "CopyId",                       b => b.Version.Blob?.Copy?.Id) { Needs = Copy },
        new("x-ms-copy-source",                    "CopySource",                   b => b.Version.Blob?.Copy?.Source) { Needs = Copy },
        new("x-ms-copy-status",                    "CopyStatus",                   b => b.Version.Blob?.Copy?.Status) { Needs = Copy },
        new("x-ms-copy-status-description",        "CopyStatusDescription",        b => b.Version.Blob?.Copy?.Description) { Needs = Copy },
        new("x-ms-copy-progress",                  "CopyProgress",                 b => b.Version.Blob?.Copy is { } copy ? $"{Number(copy.Done)}/{Number(copy.Total)}" : null) { Needs = Copy },
        new("x-ms-copy-completion-time",           "CopyCompletionTime",           b => Date(b.Version.Blob?.Copy?.Ended)) { Needs = Copy },
        new("x-ms-incremental-copy",               "IncrementalCopy",              b => b.Version.Blob?.Incremental is null ? null : "true") { Needs = Copy },
        new("x-ms-copy-destination-snapshot",      "DestinationSnapshot",          b => b.Version.Blob is { Copy.Status: BlobCopy.Success, Incremental.Made: { } made } ? BlobTimes.Format(made) : null) { Needs = Copy },
        new("x-ms-server-encrypted",               "ServerEncrypted",              b => b.Version.Encryption is null ? "false" : "true"),
        new("x-ms-immutability-policy-until-date", "ImmutabilityPolicyUntilDate",  b => Date(b.Version.Retention?.Until)) { Needs = BlobIncludes.ImmutabilityPolicy },
        new("x-ms-immutability-policy-mode",       "ImmutabilityPolicyMode",       b => ImmutabilityMode(b.Version.Retention)) { Needs = BlobIncludes.ImmutabilityPolicy },
        new("x-ms-legal-hold",                     "LegalHold",                    b => b.Version.LegalHold is { } held ? held ? "true" : "false" : null) { Needs = BlobIncludes.LegalHold },
        new(null,                                  "DeletedTime",                  b => Date(b.Version.Blob?.Deleted?.At)),
        new(null,                                  "RemainingRetentionDays",       b => b.Version.Blob?.Deleted is { } deleted ? Number(Math.Max(0, (long)(deleted.Until - b.Now).TotalDays)) : null),
        new("x-ms-tag-count",                      "TagCount",                     b => b.Version.Tags is { Count: > 0 } tags ? Number(tags.Count) : null),
        new("x-ms-version-id",                     null,                           b => b.VersionId),
        new("x-ms-is-current-version",             null,                           b => b.VersionId is not null && b.IsCurrent ? "true" : null),
    ];
#pragma warning restore format

    /// <summary>The element Properties of a listing.</summary>
    public static XmlShape<BlobView> Shape { get; } = All.Where(property => property.Element is not null).Aggregate(
        new XmlShape<BlobView>("Properties", xmlns: null),
        (shape, property) => shape.Text(
            property.Element!,
            view => (view.Includes & property.Needs) != property.Needs ? null : property.Value(view) ?? (property.IsAlwaysListed ? "" : null)));

    /// <summary>Adds all headers that tell of a blob, its metadata among them.</summary>
    public static Reply WithProperties(this Reply reply, BlobView view)
    {
        foreach (var property in All)
        {
            if (property.Header is not { } header || property.Value(view) is not { Length: > 0 } value) continue;
            reply.With(header, property.IsQuoted ? $"\"{value}\"" : value);
        }
        foreach (var (name, value) in view.Version.Metadata) reply.With("x-ms-meta-" + name, value);
        return reply;
    }

    /// <summary>The MD5 of the content, base64: what a client said of it, else that of the bytes where it is known.</summary>
    public static string? ContentMd5(ObjectVersion version) =>
        version.Blob?.ContentMd5 is { } told ? told.Length == 0 ? null : told
        : version.Blob is not { Type: not BlobType.BlockBlob } && version.ETag.Length == 32 ? Convert.ToBase64String(Convert.FromHexString(version.ETag)) : null;

    /// <summary>Whether a lease holds.</summary>
    public static string LeaseStatus(Lease? lease, DateTimeOffset now) => lease?.Holds(now) == true ? "locked" : "unlocked";

    /// <summary>available, leased, expired, breaking or broken.</summary>
    public static string LeaseState(Lease? lease, DateTimeOffset now) => lease?.State(now) ?? "available";

    /// <summary>infinite or fixed; null where nothing is leased.</summary>
    public static string? LeaseDuration(Lease? lease, DateTimeOffset now) => lease?.State(now) != "leased" ? null : lease.Seconds is null ? "infinite" : "fixed";

    /// <summary>As in headers: <c>Wed, 21 Oct 2026 07:28:00 GMT</c>.</summary>
    public static string? Date(DateTimeOffset? date) => date?.ToString("R", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Header(BlobView view, string name) => view.Version.Headers.GetValueOrDefault(name);

    private static string? ImmutabilityMode(Retention? retention) =>
        retention is null ? null : retention.Mode == RetentionMode.Compliance ? "Locked" : "Unlocked";
}
