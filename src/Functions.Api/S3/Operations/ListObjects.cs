using System.Xml;
using ZenkoFunctions.Api.S3.Listing;

namespace ZenkoFunctions.Api.S3;

/// <summary>The first version of the listing. Its next page starts at a name that the client may know.</summary>
public sealed class ListObjects : Operation
{
    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("ListBucketResult")
        .Text("Name", r => r.Bucket)
        .Name("Prefix", r => r.Parameters.Prefix, r => r.Parameters.IsEncoded && !IsPlain(r.Parameters.Prefix))
        .Name("Marker", r => r.Marker, r => r.Parameters.IsEncoded)
        .Name("NextMarker", r => r.Parameters.Delimiter is null && r.Page.Objects is [.., var last] && last.Key == r.Page.Next ? null : r.Page.Next, r => r.Parameters.IsEncoded)
        .Integer("MaxKeys", r => r.Parameters.Limit)
        .Name("Delimiter", r => r.Parameters.Delimiter, r => r.Parameters.IsEncoded)
        .Text("EncodingType", r => r.Parameters.IsEncoded ? "url" : null)
        .Flag("IsTruncated", r => r.Page.Next is not null)
        .Many("Contents", ListedObject.Shape, r => r.Page.Objects)
        .Many("CommonPrefixes", CommonPrefix.Shape, r => r.Page.Prefixes);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("ListObjects", "GET", Target.Bucket, "s3:ListBucket") { Anonymous = true, Lists = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var parameters = ListParameters.Read(call, "max-keys");
        var marker = ListParameters.Name(call, "marker") ?? "";
        var page = await ObjectPage.Read(call, parameters, marker, withOwner: true, ct);
        return Reply.Document(Shape, new Result(call.BucketName, parameters, marker, page));
    }

    // Python's SDK asks for encoding and decodes all that is encoded but this. What reads the same decoded or not is left as it is.
    private static bool IsPlain(string prefix) => prefix.All(c => XmlConvert.IsXmlChar(c) && c is not ('%' or '+'));

    private sealed record Result(string Bucket, ListParameters Parameters, string Marker, ObjectPage Page)
    {
        public Result() : this("", new("", null, 0, false), "", new()) { }
    }
}
