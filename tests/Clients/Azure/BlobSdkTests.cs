using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using ZenkoFunctions.Contracts;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>Azure's .NET SDK against our server.</summary>
public sealed class BlobSdkTests(BlobServices services) : BlobSdkChecks, IClassFixture<BlobServices>
{
    /// <inheritdoc/>
    protected override Task<BlobService> Find() => Task.FromResult(services.Ours);
}

/// <summary>The same checks against Azurite.</summary>
public sealed class AzuriteSdkTests : BlobSdkChecks
{
    /// <inheritdoc/>
    protected override Task<BlobService> Find() => BlobServices.Azurite();
}

/// <summary>What Azure's .NET SDK is to find, whatever service it asks. One try each: retries would hide what went wrong.</summary>
[Trait("Speed", "Slow")]
public abstract class BlobSdkChecks : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private BlobService at = null!;
    private BlobServiceClient service = null!;
    private BlobContainerClient container = null!;

    /// <summary>The service.</summary>
    protected abstract Task<BlobService> Find();

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        at = await Find();
        service = new(at.ConnectionString, new() { Retry = { MaxRetries = 0 } });
        container = service.GetBlobContainerClient($"c-{Guid.NewGuid()}");
        await container.CreateAsync();
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => container.DeleteIfExistsAsync();

    [AzuriteTheory]
    [InlineData(200, StorageChecksumAlgorithm.MD5)]
    [InlineData(40, StorageChecksumAlgorithm.StorageCrc64)]
    public async Task A_large_blob_goes_up_in_parallel_blocks_with_their_checksums(int mebibytes, StorageChecksumAlgorithm algorithm)
    {
        var bytes = new byte[mebibytes * 1024 * 1024];
        Random.Shared.NextBytes(bytes);
        var blob = container.GetBlobClient("large");
        await blob.UploadAsync(new BinaryData(bytes), new BlobUploadOptions
        {
            TransferOptions = new() { InitialTransferSize = 1024 * 1024, MaximumTransferSize = 8 * 1024 * 1024, MaximumConcurrency = 4 },
            TransferValidation = new() { ChecksumAlgorithm = algorithm },
            HttpHeaders = new() { ContentType = "x/y" },
            Metadata = new Dictionary<string, string> { ["a"] = "1" },
        });
        var properties = (await blob.GetPropertiesAsync()).Value;
        Assert.Equal((bytes.Length, "x/y", "1"), (properties.ContentLength, properties.ContentType, properties.Metadata["a"]));
        await using var reading = await blob.OpenReadAsync(new BlobOpenReadOptions(allowModifications: false) { BufferSize = 8 * 1024 * 1024 });
        Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(reading));
        Assert.Equal(mebibytes / 8, (await container.GetBlockBlobClient("large").GetBlockListAsync(BlockListTypes.Committed)).Value.CommittedBlocks.Count());
    }

    [AzuriteFact]
    public async Task What_is_written_as_a_stream_is_there_when_it_is_closed()
    {
        var blob = container.GetBlockBlobClient("streamed");
        var piece = new byte[100_000];
        Random.Shared.NextBytes(piece);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var writing = await blob.OpenWriteAsync(overwrite: true, new() { BufferSize = 1024 * 1024, TransferValidation = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 } }))
        {
            for (var i = 0; i < 57; i++)
            {
                await writing.WriteAsync(piece);
                hash.AppendData(piece);
            }
        }
        await using var reading = await blob.OpenReadAsync(position: 0, bufferSize: 500_000);
        Assert.Equal(5_700_000, reading.Length);
        Assert.Equal(hash.GetHashAndReset(), await SHA256.HashDataAsync(reading));
        reading.Seek(-100_000, SeekOrigin.End);
        var tail = new byte[100_000];
        await reading.ReadExactlyAsync(tail);
        Assert.Equal(piece, tail);
    }

    [AzuriteFact]
    public async Task A_blob_that_changes_while_it_is_read_is_not_mixed()
    {
        var blob = container.GetBlobClient("changing");
        await blob.UploadAsync(new BinaryData(new byte[1_000_000]));
        await using var reading = await blob.OpenReadAsync(bufferSize: 100_000);
        await reading.ReadExactlyAsync(new byte[50_000]);
        await blob.UploadAsync(new BinaryData(new byte[1_000_001]), overwrite: true);
        Assert.Equal(412, (await Assert.ThrowsAsync<RequestFailedException>(() => reading.CopyToAsync(Stream.Null))).Status);
    }

    [AzuriteFact]
    public async Task An_append_blob_is_written_as_a_stream_and_in_blocks()
    {
        var blob = container.GetAppendBlobClient("log");
        await blob.CreateIfNotExistsAsync(new AppendBlobCreateOptions { Metadata = new Dictionary<string, string> { ["a"] = "1" } });
        var first = (await blob.AppendBlockAsync(new MemoryStream("one\n"u8.ToArray()))).Value;
        Assert.Equal(("0", 1), (first.BlobAppendOffset, first.BlobCommittedBlockCount));
        await using (var writing = await blob.OpenWriteAsync(overwrite: false)) await writing.WriteAsync("two\n"u8.ToArray());
        var behind = new AppendBlobAppendBlockOptions { Conditions = new() { IfAppendPositionEqual = 4 } };
        Assert.Equal("AppendPositionConditionNotMet", (await Assert.ThrowsAsync<RequestFailedException>(() => blob.AppendBlockAsync(new MemoryStream([1]), behind))).ErrorCode);
        Assert.Equal("one\ntwo\n", (await blob.DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal((BlobType.Append, 2), ((await blob.GetPropertiesAsync()).Value.BlobType, (await blob.GetPropertiesAsync()).Value.BlobCommittedBlockCount));
    }

    [AzuriteFact]
    public async Task Pages_are_written_anywhere_and_read_as_a_stream()
    {
        var blob = container.GetPageBlobClient("disk");
        await blob.CreateAsync(8192);
        await using (var writing = await blob.OpenWriteAsync(overwrite: false, position: 1024)) await writing.WriteAsync(Enumerable.Repeat((byte)7, 2048).ToArray());
        await blob.ClearPagesAsync(new(1536, 512));
        var ranges = new List<(long, long?)>();
        await foreach (var range in blob.GetAllPageRangesAsync()) ranges.Add((range.Range.Offset, range.Range.Length));
        Assert.Equal([(1024, 512), (2048, 1024)], ranges);
        var bytes = (await blob.DownloadContentAsync()).Value.Content.ToArray();
        Assert.Equal((8192, 1536), (bytes.Length, bytes.Count(b => b == 7)));
        Assert.Equal((BlobType.Page, 8192), ((await blob.GetPropertiesAsync()).Value.BlobType, (await blob.GetPropertiesAsync()).Value.ContentLength));
    }

    [AzuriteFact]
    public async Task Conditions_and_etags_keep_writers_from_losing_what_others_wrote()
    {
        var blob = container.GetBlobClient("b");
        var none = new BlobUploadOptions { Conditions = new() { IfNoneMatch = ETag.All } };
        var first = (await blob.UploadAsync(new BinaryData("1"), none)).Value.ETag;
        Assert.Equal("BlobAlreadyExists", (await Assert.ThrowsAsync<RequestFailedException>(() => blob.UploadAsync(new BinaryData("2"), none))).ErrorCode);
        var second = (await blob.UploadAsync(new BinaryData("2"), new BlobUploadOptions { Conditions = new() { IfMatch = first } })).Value.ETag;
        Assert.NotEqual(first, second);
        Assert.Equal("ConditionNotMet", (await Assert.ThrowsAsync<RequestFailedException>(() => blob.UploadAsync(new BinaryData("3"), new BlobUploadOptions { Conditions = new() { IfMatch = first } }))).ErrorCode);
        var metadata = (await blob.SetMetadataAsync(new Dictionary<string, string> { ["a"] = "1" }, new() { IfMatch = second })).Value.ETag;
        Assert.NotEqual(second, metadata);
        Assert.Equal(304, (await blob.DownloadContentAsync(new BlobRequestConditions { IfNoneMatch = metadata }, None)).GetRawResponse().Status);
        Assert.Equal(304, (await Assert.ThrowsAsync<RequestFailedException>(() => blob.GetPropertiesAsync(new() { IfNoneMatch = metadata }))).Status);
        Assert.Equal("2", (await blob.DownloadContentAsync(new BlobRequestConditions { IfMatch = metadata }, None)).Value.Content.ToString());
        Assert.Equal(412, (await Assert.ThrowsAsync<RequestFailedException>(() => blob.DeleteAsync(conditions: new() { IfMatch = second }))).Status);
        await blob.DeleteAsync(conditions: new() { IfMatch = metadata });
        Assert.False(await blob.ExistsAsync());
    }

    [AzuriteFact]
    public async Task A_lease_is_held_by_one()
    {
        var blob = container.GetBlobClient("b");
        await blob.UploadAsync(new BinaryData("1"));
        var lease = blob.GetBlobLeaseClient();
        var id = (await lease.AcquireAsync(TimeSpan.FromSeconds(30))).Value.LeaseId;
        Assert.Equal("LeaseIdMissing", (await Assert.ThrowsAsync<RequestFailedException>(() => blob.UploadAsync(new BinaryData("2"), overwrite: true))).ErrorCode);
        await blob.UploadAsync(new BinaryData("2"), new BlobUploadOptions { Conditions = new() { LeaseId = id } });
        Assert.Equal((LeaseState.Leased, LeaseStatus.Locked), ((await blob.GetPropertiesAsync()).Value.LeaseState, (await blob.GetPropertiesAsync()).Value.LeaseStatus));
        await lease.RenewAsync();
        await lease.ChangeAsync(Guid.NewGuid().ToString());
        await lease.ReleaseAsync();
        await container.GetBlobLeaseClient().AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration);
        Assert.Equal("LeaseIdMissing", (await Assert.ThrowsAsync<RequestFailedException>(() => container.DeleteAsync())).ErrorCode);
        await container.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
    }

    [AzuriteFact]
    public async Task Listings_come_in_pages_and_by_hierarchy()
    {
        string[] names = ["a", "b/1", "b/2", "c d", "ü+%25"];
        foreach (var name in names) await container.GetBlobClient(name).UploadAsync(new BinaryData(name));
        List<int> sizes = [];
        List<string> listed = [];
        await foreach (var page in container.GetBlobsAsync().AsPages(pageSizeHint: 2))
        {
            sizes.Add(page.Values.Count);
            listed.AddRange(page.Values.Select(item => item.Name));
        }
        Assert.Equal(names, listed);
        Assert.Equal([2, 2, 1], sizes);
        listed.Clear();
        await foreach (var item in container.GetBlobsByHierarchyAsync(delimiter: "/")) listed.Add(item.IsPrefix ? item.Prefix + "*" : item.Blob.Name);
        Assert.Equal(["a", "b/*", "c d", "ü+%25"], listed.Order(StringComparer.Ordinal));
    }

    [AzuriteFact]
    public async Task A_copy_is_waited_for_and_a_snapshot_stays()
    {
        var blob = container.GetBlobClient("from");
        await blob.UploadAsync(new BinaryData("old"), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["a"] = "1" } });
        var snapshot = (await blob.CreateSnapshotAsync()).Value.Snapshot;
        await blob.UploadAsync(new BinaryData("new"), overwrite: true);
        var copy = container.GetBlobClient("to");
        var operation = await copy.StartCopyFromUriAsync(blob.WithSnapshot(snapshot).Uri);
        Assert.Equal(3, (await operation.WaitForCompletionAsync(TimeSpan.FromMilliseconds(50), None)).Value);
        Assert.Equal("old", (await copy.DownloadContentAsync()).Value.Content.ToString());
        var properties = (await copy.GetPropertiesAsync()).Value;
        Assert.Equal((CopyStatus.Success, "1"), (properties.CopyStatus, properties.Metadata["a"]));
        Assert.Equal("SnapshotsPresent", (await Assert.ThrowsAsync<RequestFailedException>(() => blob.DeleteAsync())).ErrorCode);
        await blob.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots);
    }

    [AzuriteFact]
    public async Task Signatures_are_made_and_tags_are_found()
    {
        var blob = container.GetBlobClient("dir/a b.txt");
        await blob.UploadAsync(new BinaryData("signed"), new BlobUploadOptions { Tags = new Dictionary<string, string> { ["team"] = "blue" } });
        var outsider = new BlobClient(blob.GenerateSasUri(BlobSasPermissions.Read, DateTimeOffset.UtcNow.AddHours(1)), new() { Retry = { MaxRetries = 0 } });
        Assert.Equal("signed", (await outsider.DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal(403, (await Assert.ThrowsAsync<RequestFailedException>(() => outsider.UploadAsync(new BinaryData("x"), overwrite: true))).Status);
        var lister = new BlobContainerClient(container.GenerateSasUri(BlobContainerSasPermissions.List, DateTimeOffset.UtcNow.AddHours(1)));
        Assert.Equal("dir/a b.txt", Assert.Single(lister.GetBlobs()).Name);
        var owner = new BlobServiceClient(service.GenerateAccountSasUri(AccountSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1), AccountSasResourceTypes.All));
        Assert.Equal("blue", (await owner.GetBlobContainerClient(container.Name).GetBlobClient("dir/a b.txt").GetTagsAsync()).Value.Tags["team"]);
        List<string> found = [];
        await foreach (var item in service.FindBlobsByTagsAsync($"@container = '{container.Name}' AND \"team\" = 'blue'")) found.Add(item.BlobName);
        Assert.Equal(["dir/a b.txt"], found);
        await container.SetAccessPolicyAsync(PublicAccessType.Blob, [new() { Id = "p", AccessPolicy = new() { Permissions = "r", PolicyExpiresOn = DateTimeOffset.UtcNow.AddHours(1), PolicyStartsOn = DateTimeOffset.UtcNow.AddHours(-1) } }]);
        Assert.Equal("signed", (await new BlobClient(blob.Uri).DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal("p", Assert.Single((await container.GetAccessPolicyAsync()).Value.SignedIdentifiers).Id);
    }

    [AzuriteFact]
    public async Task A_wrong_checksum_is_refused()
    {
        var block = Convert.ToBase64String(Encoding.UTF8.GetBytes("000001"));
        var wrong = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5, PrecalculatedChecksum = MD5.HashData("other"u8) };
        var blob = container.GetBlockBlobClient("b");
        var refusal = await Assert.ThrowsAsync<RequestFailedException>(() => blob.StageBlockAsync(block, new MemoryStream("bytes"u8.ToArray()), new BlockBlobStageBlockOptions { TransferValidation = wrong }));
        Assert.Equal((400, "Md5Mismatch"), (refusal.Status, refusal.ErrorCode));
    }
}
