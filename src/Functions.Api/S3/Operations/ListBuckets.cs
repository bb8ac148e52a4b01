using ZenkoFunctions.Api.S3.Listing;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>The sender's buckets by name.</summary>
public sealed class ListBuckets : Operation
{
    private const int MaxLimit = 10_000;

    private static readonly XmlShape<ListedBucket> BucketShape = new XmlShape<ListedBucket>("Bucket")
        .Text("Name", b => b.Bucket.Name)
        .Date("CreationDate", b => b.Bucket.Created)
        .Text("BucketRegion", b => b.Region);

    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("ListAllMyBucketsResult")
        .Nested("Owner", Owner.Shape, r => r.Owner)
        .Wrapped("Buckets", "Bucket", BucketShape, r => r.Buckets)
        .Text("ContinuationToken", r => r.Next is { } next ? ContinuationToken.Write(next) : null)
        .Text("Prefix", r => r.Prefix);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("ListBuckets", "GET", Target.Service, "s3:ListAllMyBuckets") { Lists = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var limit = Numbers.Parameter("max-buckets", call.Query("max-buckets")) ?? MaxLimit;
        if (limit is 0 or > MaxLimit)
            throw Invalid.Argument("max-buckets", call.Query("max-buckets"), "max-buckets must be from 1 to 10000.");
        var prefix = ListParameters.Name(call, "prefix");
        var after = ContinuationToken.Read(call.Query("continuation-token"));
        var region = call.Services.Region;
        // All buckets are in the region of the endpoint.
        var page = call.Query("bucket-region") is { } wanted && wanted != region
            ? new BucketPage([], null)
            : await call.Services.Buckets.List(call.Account, prefix ?? "", after, limit, ct);
        return Reply.Document(Shape, new Result
        {
            Owner = new(call.Account.CanonicalId, call.Account.Name),
            Buckets = [.. page.Buckets.Select(bucket => new ListedBucket(bucket, region))],
            Next = page.Next,
            Prefix = prefix,
        });
    }

    private readonly record struct ListedBucket(Bucket Bucket, string Region);

    private sealed record Result
    {
        public Owner? Owner { get; init; }
        public IReadOnlyList<ListedBucket> Buckets { get; init; } = [];
        public string? Next { get; init; }
        public string? Prefix { get; init; }
    }
}
