using ZenkoFunctions.Api.S3.Listing;

namespace ZenkoFunctions.Api.S3;

/// <summary>The second version of the listing, with opaque tokens.</summary>
public sealed class ListObjectsV2 : Operation
{
    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("ListBucketResult")
        .Text("Name", r => r.Bucket)
        .Name("Prefix", r => r.Parameters.Prefix, r => r.Parameters.IsEncoded)
        .Text("ContinuationToken", r => r.Token)
        .Text("NextContinuationToken", r => r.Page.Next is { } next ? ContinuationToken.Write(next) : null)
        .Name("StartAfter", r => r.StartAfter, r => r.Parameters.IsEncoded)
        .Integer("KeyCount", r => r.Page.Objects.Count + r.Page.Prefixes.Count)
        .Integer("MaxKeys", r => r.Parameters.Limit)
        .Name("Delimiter", r => r.Parameters.Delimiter, r => r.Parameters.IsEncoded)
        .Text("EncodingType", r => r.Parameters.IsEncoded ? "url" : null)
        .Flag("IsTruncated", r => r.Page.Next is not null)
        .Many("Contents", ListedObject.Shape, r => r.Page.Objects)
        .Many("CommonPrefixes", CommonPrefix.Shape, r => r.Page.Prefixes);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("ListObjectsV2", "GET", Target.Bucket, "s3:ListBucket") { Query = ["list-type=2"], Anonymous = true, Lists = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var parameters = ListParameters.Read(call, "max-keys");
        var token = call.Query("continuation-token");
        var startAfter = ListParameters.Name(call, "start-after");
        // A token goes on with the listing that start-after began.
        var after = ContinuationToken.Read(token) ?? startAfter;
        var page = await ObjectPage.Read(call, parameters, after, withOwner: call.Query("fetch-owner") == "true", ct);
        return Reply.Document(Shape, new Result(call.BucketName, parameters, token, startAfter, page));
    }

    private sealed record Result(string Bucket, ListParameters Parameters, string? Token, string? StartAfter, ObjectPage Page)
    {
        public Result() : this("", new("", null, 0, false), null, null, new()) { }
    }
}
