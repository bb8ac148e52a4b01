using ZenkoFunctions.Api.S3.Listing;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>ListParts: the parts of a multipart upload that is under way.</summary>
public sealed class ListParts : Operation
{
    private const int MaxPage = 1000;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("ListParts", "GET", Target.Object, "s3:ListMultipartUploadParts") { Query = ["uploadId"], Anonymous = true, Lists = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var limit = Math.Min(Numbers.Parameter("max-parts", call.Query("max-parts")) ?? MaxPage, MaxPage);
        var after = Numbers.Parameter("part-number-marker", call.Query("part-number-marker")) ?? 0;
        var isEncoded = ListParameters.IsUrlEncoded(call);

        var result = await call.Services.Uploads.ListParts(
            call.Bucket, call.Key, call.Query("uploadId")!, after, limit, ct);
        if (result.Refusal is not null) return Reply.Refused(result);
        return Reply.Document(Shape, new Listing
        {
            Bucket = call.BucketName,
            Page = result.Value,
            After = after,
            Limit = limit,
            IsUrlEncoded = isEncoded,
        });
    }

    private sealed class Listing
    {
        public string Bucket { get; init; } = "";

        public PartPage? Page { get; init; }

        public int After { get; init; }

        public int Limit { get; init; }

        public bool IsUrlEncoded { get; init; }

        public Upload? Upload => Page?.Upload;

        /// <summary>AWS names the last number of every page, and 0 for an empty one.</summary>
        public int Next => Page?.Next ?? (Page?.Parts is [.., var last] ? last.Number : 0);
    }

    private static readonly XmlShape<Listing> Shape = new XmlShape<Listing>("ListPartsResult")
        .Text("Bucket", l => l.Bucket)
        .Text("EncodingType", l => l.IsUrlEncoded ? "url" : null)
        .Name("Key", l => l.Upload?.Key, l => l.IsUrlEncoded)
        .Text("UploadId", l => l.Upload?.Id)
        .Nested("Initiator", Owner.Shape, l => Owner.Of(l.Upload?.Writer))
        .Nested("Owner", Owner.Shape, l => Owner.Of(l.Upload?.Writer))
        .Text("StorageClass", l => l.Upload?.Description.StorageClass ?? "STANDARD")
        .Text("ChecksumAlgorithm", l => l.Upload?.Algorithm is { } algorithm ? Checksums.Of(algorithm).Name : null)
        .Text("ChecksumType", l => l.Upload?.ChecksumType is { } type ? Checksums.Name(type) : null)
        .Integer("PartNumberMarker", l => l.After)
        .Integer("NextPartNumberMarker", l => l.Next)
        .Integer("MaxParts", l => l.Limit)
        .Flag("IsTruncated", l => l.Page?.Next is not null)
        .Many("Part", new XmlShape<PartLine>("Part")
            .Integer("PartNumber", p => p.Part.Number)
            .Date("LastModified", p => p.Part.Modified)
            .Text("ETag", p => ETags.Quote(p.Part.ETag))
            .Integer("Size", p => p.Part.Size)
            .ChecksumElements(p => p.Part.Checksum),
            l => l.Page?.Parts.Select(part => new PartLine(part)).ToList());

    private readonly record struct PartLine(Part Part);
}
