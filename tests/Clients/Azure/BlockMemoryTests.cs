using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>What the server's process takes of memory while blobs come in blocks.</summary>
[Trait("Speed", "Slow")]
public sealed class BlockMemoryTests
{
    // 129 MiB here; 165 to 180 where each connection reads 1 MiB ahead.
    private const int AtOnce = 64, MiB = 1 << 20, BlockBytes = 4 * MiB, MostMiB = 150;

    [Fact]
    public async Task Sixty_four_uploads_in_blocks_at_once_take_less_memory_than_is_on_its_way()
    {
        using var data = new Scratch();
        await using var server = await ServerProcess.Start(data.Path);
        var environment = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey };
        async Task<string> Command(string what) =>
            (await Shell.Run("dotnet", [Repository.Program, "storage-account", what, "memory", "--endpoint", server.Endpoint], environment)).Succeeded().Out;
        await Command("create");
        var container = new BlobServiceClient((await Command("show-connection-string")).Trim()).GetBlobContainerClient("cont");
        await container.CreateAsync();

        var block = new byte[BlockBytes];
        Random.Shared.NextBytes(block);
        var id = Convert.ToBase64String("block"u8);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async i =>
        {
            var blob = container.GetBlockBlobClient($"blob-{i}");
            await blob.StageBlockAsync(id, new MemoryStream(block, writable: false));
            await blob.CommitBlockListAsync([id]);
            Assert.Equal(BlockBytes, (await blob.GetPropertiesAsync()).Value.ContentLength);
        }));

        var peak = server.PeakMemory() / MiB;
        Assert.True(peak < MostMiB, $"It had {peak} MiB resident while {AtOnce} uploads came at once.");
    }
}
