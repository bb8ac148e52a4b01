using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// FindBlobsByTags: the blobs of an account, or of a container, whose tags fulfil a condition. There is no index: each page walks over
/// blobs until it is full, has looked at so many, or its time is over, and its marker says how far it has come. So a page may be empty and not the last.
/// </summary>
/// <param name="target">The service or a container.</param>
public sealed class FindBlobsByTags(Target target) : BlobOperation
{
    private const int PageSize = 1000;
    private const int MaxWhere = 8 * 1024, MaxTags = 10;
    private const string ContainerTag = "@container";

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    /// <summary>How many blobs a page looks at, whether they are found or not.</summary>
    public int MostLooks { get; init; } = 100_000;

    private static readonly XmlShape<Found> BlobShape = new XmlShape<Found>("Blob", xmlns: null)
        .Encodable("Name", b => b.Name)
        .Text("ContainerName", b => b.Container)
        .Nested("Tags", Pairs.Tags, b => new(b.Tags));

    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("EnumerationResults", xmlns: null)
        .Attribute("ServiceEndpoint", r => r.Endpoint)
        .Text("Where", r => r.Where)
        .Wrapped("Blobs", "Blob", BlobShape, r => r.Blobs)
        .Text("NextMarker", r => r.Next ?? "");

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("FindBlobsByTags", "GET", target, target == Target.Service ? "s3:ListAllMyBuckets" : "s3:ListBucket", "f")
    {
        Comp = "blobs", Restype = target == Target.Service ? null : "container", Lists = true,
    };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var where = call.Query("where") ?? throw new S3Exception(BlobErrors.MissingRequiredQueryParameter, "The parameter where says which blobs to find.");
        var condition = (where.Length <= MaxWhere ? TagsExpression.Parse(where) : null)
            ?? throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "where cannot be read; write it as in \"Status\" = 'done' AND @container = 'name'.");
        if (condition.Names.Count(name => name != ContainerTag) > MaxTags)
            throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "Error parsing query: there can be at most 10 unique tags in a query");
        if (condition.Names.Any(name => name[0] == '@' && name != ContainerTag))
            throw new S3Exception(BlobErrors.InvalidQueryParameterValue, $"Of names with an @ where knows {ContainerTag} alone.");
        var parameters = ListingParameters.Read(call);
        var result = new Result { Endpoint = ListingParameters.Endpoint(call), Where = where };
        var (clock, after) = (call.Installation.Clock, parameters.After);
        var (start, looks) = (clock.GetTimestamp(), 0);
        if (target == Target.Bucket)
        {
            await Walk(call.Address.Container, call.Bucket, after.ElementAtOrDefault(1));
            return Reply.Document(Shape, result);
        }
        if (await call.Installation.Accounts.Find(call.Account.OwnerId, ct) is not { } owner) return Reply.Refused(BlobErrors.ResourceNotFound, "The account that owns the storage account is gone.");
        if (after is [var began, var key] && await call.Installation.Containers.Find(call.Account, began, ct) is { } half) await Walk(began, half, key);
        for (var container = after.FirstOrDefault(); result.Next is null;)
        {
            var (page, _) = await call.Installation.Containers.List(call.Account, owner, "", container, 1, ct);
            if (page is not [var (name, bucket)]) break;
            await Walk(name, bucket, null);
            container = name;
        }
        return Reply.Document(Shape, result);

        async ValueTask Walk(string container, Bucket bucket, string? from)
        {
            var key = from;
            do
            {
                if (result.Blobs.Count == parameters.Limit || looks >= MostLooks || clock.GetElapsedTime(start) > Budget)
                {
                    result.Next = BlobMarker.Write(container, key ?? "");
                    return;
                }
                var page = await call.Installation.Objects.List(bucket, new() { After = string.IsNullOrEmpty(key) ? null : key, Limit = Math.Min(PageSize, MostLooks - looks), IsWhole = true }, ct);
                // An empty container costs a look, too.
                looks += Math.Max(page.Entries.Count, 1);
                foreach (var (name, version) in page.Entries)
                {
                    key = name;
                    if (version?.Tags is not { Count: > 0 } tags || !condition.Holds(new Dictionary<string, string>(tags) { [ContainerTag] = container })) continue;
                    result.Blobs.Add(new(name, container, [.. tags.Where(tag => condition.Names.Contains(tag.Key))]));
                    if (result.Blobs.Count == parameters.Limit) break;
                }
                if (result.Blobs.Count < parameters.Limit) key = page.Next;
            }
            while (key is not null);
        }
    }

    private readonly record struct Found(string Name, string Container, List<KeyValuePair<string, string>> Tags);

    private sealed record Result
    {
        public string Endpoint { get; init; } = "";
        public string Where { get; init; } = "";
        public List<Found> Blobs { get; } = [];
        public string? Next { get; set; }
    }
}
