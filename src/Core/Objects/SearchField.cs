using ZenkoFunctions.Core.Encryption;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A version whose fields are looked at.</summary>
/// <param name="Bucket">Its bucket.</param>
/// <param name="Key">Its key.</param>
/// <param name="Version">The version, object or delete marker.</param>
/// <param name="Location">The name of the bucket's location: where bytes are that no other is told of.</param>
public readonly record struct SearchSubject(Bucket Bucket, string Key, ObjectVersion Version, string Location);

/// <summary>
/// A field of versions by the name that Zenko's search has for it: what its rows of metadata hold, under their names there. What
/// Zenko keeps and this server does not is there under its name as Zenko has it when it is unset.
/// </summary>
public sealed class SearchField
{
    private const string Metadata = "x-amz-meta-", Tag = "tags.", Replication = "replicationInfo.";

    private static readonly Dictionary<string, Func<SearchSubject, SearchValue>> Named = new(StringComparer.Ordinal)
    {
        ["acl"] = _ => SearchValue.Other,
        ["azureInfo"] = _ => default,
        ["cache-control"] = Header("Cache-Control"),
        ["content-disposition"] = Header("Content-Disposition"),
        ["content-encoding"] = Header("Content-Encoding"),
        ["content-language"] = Header("Content-Language"),
        ["content-length"] = s => SearchValue.Of((double)s.Version.Size),
        ["content-md5"] = s => SearchValue.Of(s.Version.ETag),
        ["content-type"] = Header("Content-Type"),
        ["creation-time"] = s => SearchValue.Of(s.Version.Blob?.Created ?? s.Version.Modified),
        ["dataStoreName"] = s => SearchValue.Of(s.Version.Body.Stored?.Location ?? s.Version.Body.Source?.Location ?? s.Version.Metadata.GetValueOrDefault(PlacedMetadata.Name) ?? s.Location),
        ["deleted"] = _ => SearchValue.Of(false),
        ["expires"] = Header("Expires"),
        ["isDeleteMarker"] = s => s.Version.IsDeleteMarker ? SearchValue.Of(true) : default,
        ["isNull"] = s => IsVersioned(s) && s.Version.IsNull ? SearchValue.Of(true) : default,
        ["isNull2"] = _ => default,
        ["isPHD"] = _ => SearchValue.Of(false),
        ["key"] = s => SearchValue.Of(s.Key),
        ["last-modified"] = s => SearchValue.Of(s.Version.Modified),
        ["location"] = _ => SearchValue.Other,
        ["md-model-version"] = _ => SearchValue.Of(6d),
        ["nullUploadId"] = _ => default,
        ["nullVersionId"] = _ => default,
        ["originOp"] = _ => SearchValue.Of(""),
        ["owner-display-name"] = s => SearchValue.Of(s.Version.OwnerName ?? s.Bucket.OwnerName),
        ["owner-id"] = s => SearchValue.Of(s.Version.OwnerCanonicalId ?? s.Bucket.OwnerCanonicalId),
        ["replicationInfo"] = _ => SearchValue.Other,
        ["tags"] = _ => SearchValue.Other,
        ["uploadId"] = _ => default,
        ["versionId"] = s => s.Version.IsNull ? default : SearchValue.Of(s.Version.PublicId),
        ["x-amz-scal-transition-in-progress"] = _ => SearchValue.Of(false),
        ["x-amz-server-side-encryption"] = s => SearchValue.Of(s.Version.Encryption?.Kind switch { SseKind.S3 => "AES256", SseKind.Kms => "aws:kms", _ => "" }),
        ["x-amz-server-side-encryption-aws-kms-key-id"] = s => SearchValue.Of(s.Version.Encryption?.KmsKey ?? ""),
        ["x-amz-server-side-encryption-customer-algorithm"] = s => SearchValue.Of(s.Version.Encryption?.Kind == SseKind.Customer ? "AES256" : ""),
        ["x-amz-server-version-id"] = _ => SearchValue.Of(""),
        ["x-amz-storage-class"] = s => SearchValue.Of(s.Version.StorageClass ?? "STANDARD"),
        ["x-amz-version-id"] = s => SearchValue.Of(s.Version.PublicId),
        ["x-amz-website-redirect-location"] = Header("x-amz-website-redirect-location"),
    };

    private static readonly Dictionary<string, Func<ReplicationState?, SearchValue>> OfReplication = new(StringComparer.Ordinal)
    {
        ["status"] = r => SearchValue.Of(r is null ? "" : Told(r.Status)),
        ["storageClass"] = r => SearchValue.Of(r is null ? "" : string.Join(',', r.Sites.Select(site => site.Site))),
        ["backends.site"] = r => SearchValue.Of(r?.Sites.Select(site => site.Site) ?? []),
        ["backends.status"] = r => SearchValue.Of(r?.Sites.Select(site => Told(site.Status)) ?? []),
        ["backends.dataStoreVersionId"] = r => SearchValue.Of(r?.Sites.Select(site => site.VersionId ?? "") ?? []),
    };

    /// <summary>
    /// What no index has: the key, which finds itself; what is the same everywhere, or is true and false alone; and what changes
    /// without a commit of the version's own.
    /// </summary>
    private static readonly HashSet<string> Unindexed = new(StringComparer.Ordinal)
    {
        "acl", "azureInfo", "dataStoreName", "deleted", "isDeleteMarker", "isNull", "isNull2", "isPHD", "key", "location", "md-model-version", "nullUploadId", "nullVersionId",
        "originOp", "replicationInfo", "tags", "uploadId", "versionId", "x-amz-scal-transition-in-progress", "x-amz-server-version-id", "x-amz-version-id",
    };

    private readonly Func<SearchSubject, SearchValue> read;

    private SearchField(string name, Func<SearchSubject, SearchValue> read) => (Name, this.read) = (name, read);

    /// <summary>As expressions name it.</summary>
    public string Name { get; }

    /// <summary>The names of the fields that every version has, in order; besides them there are user metadata, tags and what is known of copies.</summary>
    public static IEnumerable<string> Names => Named.Keys.Order(StringComparer.Ordinal);

    /// <summary>The field of that name; null where there is none.</summary>
    public static SearchField? Find(string name) =>
        Named.TryGetValue(name, out var read) ? new(name, read)
        : name.StartsWith(Metadata, StringComparison.Ordinal) ? new(name, TextIn(name[Metadata.Length..], s => s.Version.Metadata))
        : name.StartsWith(Tag, StringComparison.Ordinal) ? new(name, TextIn(name[Tag.Length..], s => s.Version.Tags))
        : name.StartsWith(Replication, StringComparison.Ordinal)
            ? new(name, OfReplication.TryGetValue(name[Replication.Length..], out var part) ? s => part(s.Version.Replication) : _ => default)
        : null;

    /// <summary>Whether it can be indexed: its value, text or number, changes only with the row of the version.</summary>
    public bool IsIndexable => !Unindexed.Contains(Name) && !Name.StartsWith(Replication, StringComparison.Ordinal);

    /// <summary>Its value in a version.</summary>
    public SearchValue Of(SearchSubject subject) => read(subject);

    private static Func<SearchSubject, SearchValue> Header(string name) => s => SearchValue.Of(s.Version.Headers.GetValueOrDefault(name) ?? "");

    private static Func<SearchSubject, SearchValue> TextIn(string name, Func<SearchSubject, IReadOnlyDictionary<string, string>?> texts) =>
        s => SearchValue.Of(texts(s)?.GetValueOrDefault(name));

    private static bool IsVersioned(SearchSubject subject) => subject.Bucket.Get(BucketSettings.Versioning) is not null;

    private static string Told(ReplicationStatus status) => status switch
    {
        ReplicationStatus.Pending => "PENDING",
        ReplicationStatus.Processing => "PROCESSING",
        ReplicationStatus.Completed => "COMPLETED",
        ReplicationStatus.Failed => "FAILED",
        _ => "REPLICA",
    };
}
