using ZenkoFunctions.Api.S3.Listing;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>ListObjectVersions: all versions and delete markers of a bucket, by key and then the newest first.</summary>
public sealed class ListObjectVersions : Operation
{
    private static readonly XmlShape<Listed> VersionShape = new XmlShape<Listed>("Version")
        .Name("Key", v => v.Key, v => v.IsEncoded)
        .Text("VersionId", v => v.Version.PublicId)
        .Flag("IsLatest", v => v.IsLatest)
        .Date("LastModified", v => v.Version.Modified)
        .Quoted("ETag", v => v.Version.ETag)
        .Text("ChecksumAlgorithm", v => v.Version.Checksum is { } checksum ? Checksums.Of(checksum.Algorithm).Name : null)
        .Text("ChecksumType", v => v.Version.Checksum is { } checksum ? Checksums.Name(checksum.Type) : null)
        .Integer("Size", v => v.Version.Size)
        .Nested("Owner", Owner.Shape, v => v.Owner)
        .Text("StorageClass", v => v.Version.StorageClass ?? "STANDARD");

    private static readonly XmlShape<Listed> MarkerShape = new XmlShape<Listed>("DeleteMarker")
        .Name("Key", v => v.Key, v => v.IsEncoded)
        .Text("VersionId", v => v.Version.PublicId)
        .Flag("IsLatest", v => v.IsLatest)
        .Date("LastModified", v => v.Version.Modified)
        .Nested("Owner", Owner.Shape, v => v.Owner);

    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("ListVersionsResult")
        .Text("Name", r => r.Bucket)
        .Name("Prefix", r => r.Parameters.Prefix, r => r.Parameters.IsEncoded)
        .Name("KeyMarker", r => r.KeyMarker, r => r.Parameters.IsEncoded)
        .Text("VersionIdMarker", r => r.VersionIdMarker)
        .Name("NextKeyMarker", r => r.NextKey, r => r.Parameters.IsEncoded)
        .Text("NextVersionIdMarker", r => r.NextVersionId)
        .Integer("MaxKeys", r => r.Parameters.Limit)
        .Name("Delimiter", r => r.Parameters.Delimiter, r => r.Parameters.IsEncoded)
        .Text("EncodingType", r => r.Parameters.IsEncoded ? "url" : null)
        .Flag("IsTruncated", r => r.NextKey is not null)
        .Either("Version", VersionShape, "DeleteMarker", MarkerShape, v => v.Version.IsDeleteMarker, r => r.Versions)
        .Many("CommonPrefixes", CommonPrefix.Shape, r => r.Prefixes);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("ListObjectVersions", "GET", Target.Bucket, "s3:ListBucketVersions") { Query = ["versions"], Anonymous = true, Lists = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var parameters = ListParameters.Read(call, "max-keys");
        var keyMarker = ListParameters.Name(call, "key-marker") ?? "";
        var idMarker = call.Query("version-id-marker") ?? "";
        if (idMarker.Length > 0 && keyMarker.Length == 0)
            throw Invalid.Argument("version-id-marker", idMarker, "A version-id marker cannot be specified without a key marker.");
        var request = new ListVersionsRequest
        {
            Prefix = parameters.Prefix,
            Delimiter = parameters.Delimiter,
            KeyMarker = keyMarker.Length == 0 ? null : keyMarker,
            VersionIdMarker = idMarker.Length == 0 ? null : VersionIds.Parse(idMarker),
            Limit = parameters.Limit,
        };
        var page = SearchParameter.Read(call) is { } search
            ? SearchParameter.Found(await call.Services.Search.ListVersions(call.Bucket, search, request, ct))
            : await call.Services.Objects.ListVersions(call.Bucket, request, ct);
        var result = new Result
        {
            Bucket = call.BucketName,
            Parameters = parameters,
            KeyMarker = keyMarker,
            VersionIdMarker = idMarker,
            NextKey = page.NextKey,
            NextVersionId = page.NextVersionId,
        };
        var bucketOwner = Owner.Of(call.Bucket);
        foreach (var (name, version, isLatest) in page.Entries)
        {
            if (version is null) result.Prefixes.Add(new(name, parameters.IsEncoded));
            else
            {
                var owner = version.OwnerCanonicalId is { } id ? new(id, version.OwnerName ?? "") : bucketOwner;
                result.Versions.Add(new(name, version, isLatest, owner, parameters.IsEncoded));
            }
        }
        return Reply.Document(Shape, result);
    }

    private readonly record struct Listed(string Key, ObjectVersion Version, bool IsLatest, Owner Owner, bool IsEncoded);

    private sealed record Result
    {
        public string Bucket { get; init; } = "";
        public ListParameters Parameters { get; init; } = new("", null, 0, false);
        public string KeyMarker { get; init; } = "";
        public string VersionIdMarker { get; init; } = "";
        public string? NextKey { get; init; }
        public string? NextVersionId { get; init; }
        public List<Listed> Versions { get; } = [];
        public List<CommonPrefix> Prefixes { get; } = [];
    }
}
