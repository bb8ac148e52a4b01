using Amazon.S3;
using Amazon.S3.Model;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>Azure's .NET SDK and what a blob was: versions, snapshots, and blobs that were deleted. Azurite keeps no versions, and nothing that was deleted.</summary>
[Trait("Speed", "Slow")]
public sealed class BlobHistoryTests(BlobServices services) : IClassFixture<BlobServices>, IAsyncLifetime
{
    private BlobServiceClient service = null!;
    private BlobContainerClient container = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        service = new(services.Ours.ConnectionString, new() { Retry = { MaxRetries = 0 } });
        container = service.GetBlobContainerClient($"c-{Guid.NewGuid()}");
        await container.CreateAsync();
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => container.DeleteIfExistsAsync();

    [Fact]
    public async Task Versions_are_listed_read_promoted_tagged_and_deleted()
    {
        using var s3 = Sdk.Client(new Uri(services.Ours.Endpoint).GetLeftPart(UriPartial.Authority));
        await s3.PutBucketVersioningAsync(new() { BucketName = container.Name, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        var blob = container.GetBlobClient("b");
        var first = (await blob.UploadAsync(new BinaryData("first"))).Value.VersionId;
        var second = (await blob.UploadAsync(new BinaryData("second!"), overwrite: true)).Value.VersionId;
        Assert.Equal([(first, 5, false), (second, 7, true)], await Versions());
        Assert.Equal("first", await Text(blob.WithVersion(first)));
        var properties = (await blob.WithVersion(first).GetPropertiesAsync()).Value;
        Assert.Equal((first, false), (properties.VersionId, properties.IsLatestVersion));

        await blob.WithVersion(first).SetTagsAsync(new Dictionary<string, string> { ["of"] = "first" });
        await blob.WithVersion(first).SetAccessTierAsync(AccessTier.Cool);
        Assert.Empty((await blob.GetTagsAsync()).Value.Tags);
        Assert.Equal("first", (await blob.WithVersion(first).GetTagsAsync()).Value.Tags["of"]);
        Assert.Equal("Cool", (await blob.WithVersion(first).GetPropertiesAsync()).Value.AccessTier);

        await (await blob.StartCopyFromUriAsync(blob.WithVersion(first).Uri)).WaitForCompletionAsync(TimeSpan.FromMilliseconds(50), default);
        Assert.Equal("first", await Text(blob));
        Assert.Equal(3, (await Versions()).Count);
        await blob.WithVersion(second).DeleteAsync();
        Assert.Equal("BlobNotFound", (await Assert.ThrowsAsync<RequestFailedException>(() => blob.WithVersion(second).DownloadContentAsync())).ErrorCode);
        await blob.DeleteAsync();
        Assert.False(await blob.ExistsAsync());
        Assert.Equal([(5, false), (5, false)], (await Versions()).Select(version => (version.Size, version.IsCurrent)));
        await blob.UndeleteAsync();
        Assert.Equal("first", await Text(blob));
    }

    [Fact]
    public async Task What_was_deleted_comes_back_with_its_snapshots()
    {
        var settings = (await service.GetPropertiesAsync()).Value;
        settings.DeleteRetentionPolicy = new() { Enabled = true, Days = 3 };
        await service.SetPropertiesAsync(settings);
        var blob = container.GetBlobClient("kept");
        await blob.UploadAsync(new BinaryData("old"), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["a"] = "1" } });
        var snapshot = (await blob.CreateSnapshotAsync()).Value.Snapshot;
        await blob.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots);
        Assert.Empty(await List(BlobStates.None));
        var deleted = await List(BlobStates.Deleted | BlobStates.Snapshots);
        Assert.Equal([(snapshot, true), (null, true)], deleted.Select(item => ((string?)item.Snapshot, item.Deleted)));
        Assert.All(deleted, item => Assert.InRange(item.Properties.RemainingRetentionDays!.Value, 2, 3));
        await blob.UndeleteAsync();
        Assert.Equal(("old", "old"), (await Text(blob), await Text(blob.WithSnapshot(snapshot))));
        Assert.Equal("1", (await blob.GetPropertiesAsync()).Value.Metadata["a"]);
        // What is overwritten comes back as a snapshot.
        await blob.UploadAsync(new BinaryData("new"), overwrite: true);
        await blob.UndeleteAsync();
        List<string> texts = [];
        foreach (var item in await List(BlobStates.Snapshots)) texts.Add(await Text(item.Snapshot is { } time ? blob.WithSnapshot(time) : blob));
        Assert.Equal(["old", "old", "new"], texts);
    }

    [Fact]
    public async Task A_snapshot_has_the_blocks_and_an_archived_blob_is_copied_to_a_warm_one()
    {
        var blob = container.GetBlockBlobClient("blocks");
        string[] ids = ["MDAx", "MDAy"];
        foreach (var id in ids) await blob.StageBlockAsync(id, new MemoryStream(new byte[100_000]));
        await blob.CommitBlockListAsync(ids);
        var snapshot = blob.WithSnapshot((await blob.CreateSnapshotAsync()).Value.Snapshot);
        await blob.UploadAsync(new MemoryStream([1]));
        var blocks = (await snapshot.GetBlockListAsync(BlockListTypes.Committed)).Value.CommittedBlocks;
        Assert.Equal(ids.Select(id => (id, 100_000L)), blocks.Select(block => (block.Name, block.SizeLong)));

        await blob.SetAccessTierAsync(AccessTier.Archive);
        var copy = container.GetBlobClient("warm");
        Assert.Equal("BlobArchived", (await Assert.ThrowsAsync<RequestFailedException>(() => copy.StartCopyFromUriAsync(blob.Uri))).ErrorCode);
        await (await copy.StartCopyFromUriAsync(blob.Uri, new BlobCopyFromUriOptions { AccessTier = AccessTier.Hot, RehydratePriority = RehydratePriority.High })).WaitForCompletionAsync(TimeSpan.FromMilliseconds(50), default);
        Assert.Equal(("Hot", 1), ((await copy.GetPropertiesAsync()).Value.AccessTier, (await copy.GetPropertiesAsync()).Value.ContentLength));
        Assert.Equal("InvalidBlobType", (await Assert.ThrowsAsync<RequestFailedException>(async () =>
        {
            await container.GetAppendBlobClient("log").CreateAsync();
            await container.GetBlobClient("log").StartCopyFromUriAsync(copy.Uri);
        })).ErrorCode);
    }

    [Fact]
    public async Task Snapshots_of_a_page_blob_are_copied_incrementally()
    {
        var (disk, backup) = (container.GetPageBlobClient("disk"), container.GetPageBlobClient("backup"));
        await disk.CreateAsync(8 << 20);
        List<string> made = [];
        foreach (var fill in new byte[] { 1, 2 })
        {
            await disk.UploadPagesAsync(new MemoryStream(Enumerable.Repeat(fill, 512).ToArray()), 4 << 20);
            var operation = await backup.StartCopyIncrementalAsync(disk.Uri, (await disk.CreateSnapshotAsync()).Value.Snapshot);
            await operation.WaitForCompletionAsync(TimeSpan.FromMilliseconds(50), default);
            var properties = (await backup.GetPropertiesAsync()).Value;
            Assert.Equal((true, CopyStatus.Success), (properties.IsIncrementalCopy, properties.CopyStatus));
            made.Add(properties.DestinationSnapshot);
        }
        foreach (var (snapshot, fill) in made.Zip([1, 2]))
            Assert.Equal(fill, (await backup.WithSnapshot(snapshot).DownloadContentAsync(new BlobDownloadOptions { Range = new(4 << 20, 1) })).Value.Content.ToArray()[0]);
        Assert.Equal("OperationNotAllowedOnIncrementalCopyBlob", (await Assert.ThrowsAsync<RequestFailedException>(() => backup.DownloadContentAsync())).ErrorCode);
        var listed = (await List(BlobStates.Snapshots)).Where(item => item.Name == "backup").ToList();
        Assert.Equal([.. made, null], listed.Select(item => (string?)item.Snapshot));
        await backup.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots);
    }

    private static async Task<string> Text(BlobBaseClient blob) => (await blob.DownloadContentAsync()).Value.Content.ToString();

    private async Task<List<(string Id, long? Size, bool IsCurrent)>> Versions() =>
        [.. (await List(BlobStates.Version)).Select(item => (item.VersionId, item.Properties.ContentLength, item.IsLatestVersion ?? false))];

    private async Task<List<BlobItem>> List(BlobStates states)
    {
        List<BlobItem> items = [];
        await foreach (var item in container.GetBlobsAsync(states: states)) items.Add(item);
        return items;
    }
}
