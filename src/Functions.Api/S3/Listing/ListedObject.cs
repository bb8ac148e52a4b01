using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Listing;

/// <summary>A key in a listing.</summary>
/// <param name="Key">The key.</param>
/// <param name="Version">Its current version.</param>
/// <param name="Owner">Null where it is not to be told.</param>
/// <param name="IsEncoded">Whether the key is to be percent-encoded.</param>
public readonly record struct ListedObject(string Key, ObjectVersion Version, Owner? Owner, bool IsEncoded)
{
    /// <summary>An entry of Contents, in AWS's order.</summary>
    public static readonly XmlShape<ListedObject> Shape = new XmlShape<ListedObject>("Contents")
        .Name("Key", o => o.Key, o => o.IsEncoded)
        .Date("LastModified", o => o.Version.Modified)
        .Quoted("ETag", o => o.Version.ETag)
        .Text("ChecksumAlgorithm", o => o.Version.Checksum is { } checksum ? Checksums.Of(checksum.Algorithm).Name : null)
        .Text("ChecksumType", o => o.Version.Checksum is { } checksum ? Checksums.Name(checksum.Type) : null)
        .Integer("Size", o => o.Version.Size)
        .Nested("Owner", Owner.Shape, o => o.Owner)
        .Text("StorageClass", o => o.Version.StorageClass ?? "STANDARD");
}

/// <summary>A common prefix in a listing.</summary>
/// <param name="Prefix">With the delimiter at its end.</param>
/// <param name="IsEncoded">Whether it is to be percent-encoded.</param>
public readonly record struct CommonPrefix(string Prefix, bool IsEncoded)
{
    /// <summary>An entry of CommonPrefixes.</summary>
    public static readonly XmlShape<CommonPrefix> Shape = new XmlShape<CommonPrefix>("CommonPrefixes")
        .Name("Prefix", p => p.Prefix, p => p.IsEncoded);
}

/// <summary>A page of a listing, its keys and common prefixes apart as replies have them.</summary>
public sealed record ObjectPage(IReadOnlyList<ListedObject> Objects, IReadOnlyList<CommonPrefix> Prefixes, string? Next)
{
    /// <summary>For the shapes; not to be sent.</summary>
    public ObjectPage() : this([], [], null) { }

    /// <summary>Asks the store for a page.</summary>
    public static async ValueTask<ObjectPage> Read(
        S3Call call, ListParameters parameters, string? after, bool withOwner, CancellationToken ct)
    {
        var request = new ListRequest
        {
            Prefix = parameters.Prefix,
            Delimiter = parameters.Delimiter,
            After = string.IsNullOrEmpty(after) ? null : after,
            Limit = parameters.Limit,
        };
        var page = SearchParameter.Read(call) is { } search
            ? SearchParameter.Found(await call.Services.Search.List(call.Bucket, search, request, ct))
            : await call.Services.Objects.List(call.Bucket, request, ct);
        var bucketOwner = withOwner ? Owner.Of(call.Bucket) : null;
        var objects = new List<ListedObject>(page.Entries.Count);
        var prefixes = new List<CommonPrefix>();
        foreach (var (name, version) in page.Entries)
        {
            if (version is null)
            {
                prefixes.Add(new(name, parameters.IsEncoded));
                continue;
            }
            var owner = withOwner && version.OwnerCanonicalId is { } id ? new(id, version.OwnerName ?? "") : bucketOwner;
            objects.Add(new(name, version, owner, parameters.IsEncoded));
        }
        return new(objects, prefixes, page.Next);
    }
}
