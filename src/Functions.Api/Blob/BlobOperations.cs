namespace ZenkoFunctions.Api.Blob;

/// <summary>The operations of Azure's Blob protocol that there are.</summary>
public static class BlobOperations
{
    /// <summary>One line each, in the order of Azure's reference: service, containers, blobs.</summary>
    public static IReadOnlyList<BlobOperation> All { get; } =
    [
        new GetAccountInformation("GET"),
        new GetAccountInformation("HEAD"),
    ];
}
