using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>Copies of large blobs, after kill -9: they go on, to the last byte, and leave no bytes of theirs behind.</summary>
[Trait("Speed", "Slow")]
public sealed class CopyKillTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_copy_goes_on_after_the_server_was_killed()
    {
        const int mebibytes = 512;
        var random = new Random(20261122);
        var sum = await Begun(mebibytes);
        for (var round = 0; round < 2; round++)
        {
            await using var server = await ServerProcess.Start(scratch["data"]);
            var blob = await Blob(server, "to");
            // Somewhere within a part.
            var most = (round + 1L) * mebibytes / 3 * (1 << 20) + random.Next(32 << 20);
            await Eventually.Holds(async () => await Done(blob) is var done && (done >= most || done == (long)mebibytes << 20), "a part of the copy", TimeSpan.FromMinutes(3));
            await server.Kill();
        }
        await using var last = await ServerProcess.Start(scratch["data"]);
        var copy = await Blob(last, "to");
        await Eventually.Holds(async () => (await copy.GetPropertiesAsync()).Value.CopyStatus == CopyStatus.Success, "the copy", TimeSpan.FromMinutes(3));
        await using var read = await copy.OpenReadAsync();
        Assert.Equal(sum, Convert.ToHexString(await SHA256.HashDataAsync(read)));
        // Source and copy, and nothing of the parts that were cut off.
        var files = new DirectoryInfo(Path.Combine(scratch["data"], "objects")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.Equal(2L * mebibytes << 20, files);
    }

    /// <summary>A source, and its copy as it was asked for; the source's hash.</summary>
    private async Task<string> Begun(int mebibytes)
    {
        await using var server = await ServerProcess.Start(scratch["data"]);
        var from = await Blob(server, "from");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<string> ids = [];
        for (var i = 0; i < mebibytes / 32; i++)
        {
            var piece = RandomNumberGenerator.GetBytes(32 << 20);
            hash.AppendData(piece);
            ids.Add(Convert.ToBase64String(BitConverter.GetBytes(i)));
            await from.StageBlockAsync(ids[^1], new MemoryStream(piece));
        }
        await from.CommitBlockListAsync(ids);
        await (await Blob(server, "to")).StartCopyFromUriAsync(from.Uri);
        await server.Kill();
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static async Task<long> Done(BlockBlobClient blob) => long.Parse((await blob.GetPropertiesAsync()).Value.CopyProgress.Split('/')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<BlockBlobClient> Blob(ServerProcess server, string name)
    {
        var environment = new Dictionary<string, string> { ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey };
        var created = await Shell.Run("dotnet", [Repository.Program, "storage-account", "create", "kills", "--endpoint", server.Endpoint], environment);
        var shown = (await Shell.Run("dotnet", [Repository.Program, "storage-account", "show-connection-string", "kills", "--endpoint", server.Endpoint], environment)).Succeeded();
        _ = created; // there from the second time on
        var container = new BlobContainerClient(shown.Out.Trim(), "kills");
        await container.CreateIfNotExistsAsync();
        return container.GetBlockBlobClient(name);
    }
}
