using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>ListContainers: a page of the account's containers.</summary>
public sealed class ListContainers : BlobOperation
{
    private static readonly XmlShape<ContainerView> ContainerShape = new XmlShape<ContainerView>("Container", xmlns: null)
        .Text("Name", c => c.Name)
        .Part("Properties", ContainerProperties.Shape, c => c)
        .Nested("Metadata", Pairs.Metadata, c => c is { WithMetadata: true, Setting.Metadata: { Count: > 0 } metadata } ? new([.. metadata]) : null);

    private static readonly XmlShape<Result> Shape = new XmlShape<Result>("EnumerationResults", xmlns: null)
        .Attribute("ServiceEndpoint", r => r.Endpoint)
        .Text("Prefix", r => r.Parameters.Prefix)
        .Text("Marker", r => r.Parameters.Marker)
        .Integer("MaxResults", r => r.Parameters.MaxResults)
        .Wrapped("Containers", "Container", ContainerShape, r => r.Containers)
        .Text("NextMarker", r => r.Next ?? "");

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("ListContainers", "GET", Target.Service, "s3:ListAllMyBuckets", "l") { Comp = "list", Lists = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var parameters = ListingParameters.Read(call);
        var withMetadata = IncludesMetadata(call);
        if (await call.Installation.Accounts.Find(call.Account.OwnerId, ct) is not { } owner) return Reply.Refused(BlobErrors.ResourceNotFound, "The account that owns the storage account is gone.");
        var (page, next) = await call.Installation.Containers.List(call.Account, owner, parameters.Prefix ?? "", parameters.After.FirstOrDefault(), parameters.Limit, ct);
        var now = call.Installation.Clock.GetUtcNow();
        return Reply.Document(Shape, new Result
        {
            Endpoint = ListingParameters.Endpoint(call),
            Parameters = parameters,
            Containers = [.. page.Select(each => new ContainerView(each.Name, each.Bucket, now) { WithMetadata = withMetadata })],
            Next = next is null ? null : BlobMarker.Write(next),
        });
    }

    // There are neither deleted containers that could come back nor any of the system.
    private static bool IncludesMetadata(BlobCall call)
    {
        var isMetadata = false;
        foreach (var word in (call.Query("include") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            isMetadata |= word switch
            {
                "metadata" => true,
                "deleted" or "system" => false,
                _ => throw new S3Exception(BlobErrors.InvalidQueryParameterValue, $"A list of containers cannot include {word}."),
            };
        return isMetadata;
    }

    private sealed record Result
    {
        public string Endpoint { get; init; } = "";
        public ListingParameters Parameters { get; init; } = new(null, null, null);
        public IReadOnlyList<ContainerView> Containers { get; init; } = [];
        public string? Next { get; init; }
    }
}
