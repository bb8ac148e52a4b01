using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The operations of Azure's Blob protocol that there are.</summary>
public static class BlobOperations
{
    /// <summary>One line each, in the order of Azure's reference: service, containers, blobs.</summary>
    public static IReadOnlyList<BlobOperation> All { get; } =
    [
        new GetAccountInformation("GET"),
        new GetAccountInformation("HEAD"),
        new GetUserDelegationKey(),
        new GetBlobServiceProperties(),
        new SetBlobServiceProperties(),
        new GetBlobServiceStats(),
        new ListContainers(),
        new FindBlobsByTags(Target.Service),
        new FindBlobsByTags(Target.Bucket),
        new BlobBatch(Target.Service, null),
        // The JavaScript SDK takes an account in the path for a container.
        new BlobBatch(Target.Service, "container"),
        new BlobBatch(Target.Bucket, "container"),
        new CreateContainer(),
        new GetContainerProperties("GET"),
        new GetContainerProperties("HEAD"),
        new GetContainerMetadata("GET"),
        new GetContainerMetadata("HEAD"),
        new SetContainerMetadata(),
        new GetContainerAcl("GET"),
        new GetContainerAcl("HEAD"),
        new SetContainerAcl(),
        new DeleteContainer(),
        new LeaseContainer(),
        new ListBlobs(),
        new PutBlob(),
        new GetBlob(),
        new GetBlobProperties(),
        new DeleteBlob(),
        new GetBlobMetadata("GET"),
        new GetBlobMetadata("HEAD"),
        new SetBlobMetadata(),
        new SetBlobHttpHeaders(),
        new SetBlobTier(),
        new GetBlobTags(),
        new SetBlobTags(),
        new LeaseBlob(),
        new SnapshotBlob(),
        new UndeleteBlob(),
        new SetBlobImmutabilityPolicy(),
        new DeleteBlobImmutabilityPolicy(),
        new SetBlobLegalHold(),
        new PutBlock(),
        new PutBlockFromUrl(),
        new PutBlockList(),
        new GetBlockList(),
        new PutBlobFromUrl(),
        new CopyBlob(),
        new AbortCopy(),
        new PutAppendBlob(),
        new AppendBlock(),
        new AppendBlockFromUrl(),
        new SealAppendBlob(),
        new PutPageBlob(),
        new PutPage(),
        new PutPageFromUrl(),
        new GetPageRanges(),
    ];
}
