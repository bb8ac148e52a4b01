using ZenkoFunctions.Api.S3.Listing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>The uploads of a bucket that have neither been completed nor aborted, by key and start.</summary>
public sealed class ListMultipartUploads : Operation
{
    private static readonly XmlShape<ListedUpload> UploadShape = new XmlShape<ListedUpload>("Upload")
        .Name("Key", u => u.Upload.Key, u => u.IsEncoded)
        .Text("UploadId", u => u.Upload.Id)
        .Nested("Initiator", Owner.Shape, u => u.Initiator)
        .Nested("Owner", Owner.Shape, u => u.Initiator)
        .Text("StorageClass", u => u.Upload.Description.StorageClass ?? "STANDARD")
        .Date("Initiated", u => u.Upload.Initiated)
        .Text("ChecksumAlgorithm", u => u.Upload.Algorithm is { } algorithm ? Checksums.Of(algorithm).Name : null)
        .Text("ChecksumType", u => u.Upload.ChecksumType is { } type ? Checksums.Name(type) : null);

    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("ListMultipartUploadsResult")
        .Text("Bucket", r => r.Bucket)
        .Name("KeyMarker", r => r.KeyMarker, r => r.Parameters.IsEncoded)
        .Text("UploadIdMarker", r => r.UploadIdMarker)
        .Name("NextKeyMarker", r => r.NextKey, r => r.Parameters.IsEncoded)
        .Text("NextUploadIdMarker", r => r.NextUploadId)
        .Name("Prefix", r => r.Parameters.Prefix, r => r.Parameters.IsEncoded)
        .Name("Delimiter", r => r.Parameters.Delimiter, r => r.Parameters.IsEncoded)
        .Text("EncodingType", r => r.Parameters.IsEncoded ? "url" : null)
        .Integer("MaxUploads", r => r.Parameters.Limit)
        .Flag("IsTruncated", r => r.NextKey is not null)
        .Many("Upload", UploadShape, r => r.Uploads)
        .Many("CommonPrefixes", CommonPrefix.Shape, r => r.Prefixes);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("ListMultipartUploads", "GET", Target.Bucket, "s3:ListBucketMultipartUploads") { Query = ["uploads"], Anonymous = true, Lists = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var parameters = ListParameters.Read(call, "max-uploads");
        var keyMarker = ListParameters.Name(call, "key-marker") ?? "";
        // Without a key it means nothing.
        var idMarker = keyMarker.Length == 0 ? "" : ListParameters.Name(call, "upload-id-marker") ?? "";
        var request = new ListUploadsRequest
        {
            Prefix = parameters.Prefix,
            Delimiter = parameters.Delimiter,
            KeyMarker = keyMarker.Length == 0 ? null : keyMarker,
            UploadIdMarker = idMarker.Length == 0 ? null : idMarker,
            Limit = parameters.Limit,
        };
        var page = parameters.Limit == 0
            ? new UploadPage([], null, null)
            : await call.Services.Uploads.List(call.Bucket, request, ct);
        var result = new Result
        {
            Bucket = call.BucketName,
            Parameters = parameters,
            KeyMarker = keyMarker,
            UploadIdMarker = idMarker,
            NextKey = page.NextKey,
            NextUploadId = page.NextKey is null ? null : page.NextUploadId ?? "",
        };
        foreach (var (name, upload) in page.Entries)
        {
            if (upload is null) result.Prefixes.Add(new(name, parameters.IsEncoded));
            else result.Uploads.Add(new(upload, parameters.IsEncoded));
        }
        return Reply.Document(Shape, result);
    }

    private readonly record struct ListedUpload(Upload Upload, bool IsEncoded)
    {
        public Owner? Initiator => Owner.Of(Upload.Writer);
    }

    private sealed record Result
    {
        public string Bucket { get; init; } = "";
        public ListParameters Parameters { get; init; } = new("", null, 0, false);
        public string KeyMarker { get; init; } = "";
        public string UploadIdMarker { get; init; } = "";
        public string? NextKey { get; init; }
        public string? NextUploadId { get; init; }
        public List<ListedUpload> Uploads { get; } = [];
        public List<CommonPrefix> Prefixes { get; } = [];
    }
}
