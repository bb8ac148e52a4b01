using System.Security.Cryptography;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>The commands of the real <c>az</c> for containers and blobs, by a connection string.</summary>
[Trait("Speed", "Slow")]
public sealed class AzDataTests(AzServer server) : IClassFixture<AzServer>
{
    [ClientFact(Client.Az)]
    public async Task Containers_and_blobs_are_made_read_described_copied_and_removed()
    {
        using var az = server.Az();
        using var files = new Scratch();
        await az.Register();
        await az.Run("login", "--service-principal", "-u", ServerProcess.AccessKey, "-p", ServerProcess.SecretKey, "--tenant", "adfs");
        await az.Run("storage", "account", "create", "-g", "default", "-l", "us-east-1", "--name", "data");
        az.Environment["AZURE_STORAGE_CONNECTION_STRING"] =
            (await az.Json("storage", "account", "show-connection-string", "--name", "data")).GetProperty("connectionString").GetString()!;

        Assert.True((await az.Json("storage", "container", "create", "-n", "cont")).GetProperty("created").GetBoolean());
        Assert.False((await az.Json("storage", "container", "create", "-n", "cont")).GetProperty("created").GetBoolean());
        await az.Run("storage", "container", "metadata", "update", "-n", "cont", "--metadata", "team=a");
        Assert.Equal("a", (await az.Json("storage", "container", "show", "-n", "cont")).GetProperty("metadata").GetProperty("team").GetString());

        var small = files["small.txt"];
        await File.WriteAllTextAsync(small, "hello");
        // More than 64 MB goes in blocks.
        var bytes = RandomNumberGenerator.GetBytes(70_000_000);
        var large = files["large"];
        await File.WriteAllBytesAsync(large, bytes);
        await az.Run("storage", "blob", "upload", "-c", "cont", "-f", small, "-n", "dir/small.txt");
        Assert.Contains("BlobAlreadyExists", (await az.Try("storage", "blob", "upload", "-c", "cont", "-f", small, "-n", "dir/small.txt")).Failed().Err, StringComparison.Ordinal);
        await az.Run("storage", "blob", "upload", "-c", "cont", "-f", large, "-n", "large");
        Assert.Equal(["dir/small.txt", "large"], (await az.Json("storage", "blob", "list", "-c", "cont")).EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        var shown = (await az.Json("storage", "blob", "show", "-c", "cont", "-n", "dir/small.txt")).GetProperty("properties");
        Assert.Equal((5, "text/plain"), (shown.GetProperty("contentLength").GetInt64(), shown.GetProperty("contentSettings").GetProperty("contentType").GetString()));
        await az.Run("storage", "blob", "download", "-c", "cont", "-n", "large", "-f", files["back"]);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await File.ReadAllBytesAsync(files["back"])));

        await az.Run("storage", "blob", "metadata", "update", "-c", "cont", "-n", "large", "--metadata", "colour=blue");
        Assert.Equal("blue", (await az.Json("storage", "blob", "metadata", "show", "-c", "cont", "-n", "large")).GetProperty("colour").GetString());
        Assert.Equal("\"success\"", (await az.Run("storage", "blob", "copy", "start", "--destination-container", "cont", "--destination-blob", "copy", "--source-container", "cont", "--source-blob", "large", "--query", "copy_status")).Out.Trim());
        var lease = (await az.Run("storage", "blob", "lease", "acquire", "-b", "copy", "-c", "cont", "--lease-duration", "60")).Out.Trim();
        Assert.Contains("LeaseIdMissing", (await az.Try("storage", "blob", "delete", "-c", "cont", "-n", "copy")).Failed().Err, StringComparison.Ordinal);
        await az.Run("storage", "blob", "delete", "-c", "cont", "-n", "copy", "--lease-id", lease.Trim('"'));
        Assert.False((await az.Json("storage", "blob", "exists", "-c", "cont", "-n", "copy")).GetProperty("exists").GetBoolean());
        await az.Run("storage", "blob", "delete-batch", "-s", "cont", "--pattern", "dir/*");
        Assert.Equal(["large"], (await az.Json("storage", "blob", "list", "-c", "cont")).EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        await Kept(az, files);
        Assert.True((await az.Json("storage", "container", "delete", "-n", "cont")).GetProperty("deleted").GetBoolean());
    }

    /// <summary>A snapshot stays, and what was deleted comes back.</summary>
    private static async Task Kept(AzCli az, Scratch files)
    {
        string[] blob = ["-c", "cont", "-n", "kept"];
        await File.WriteAllTextAsync(files["old"], "old");
        await File.WriteAllTextAsync(files["new"], "newer");
        await az.Run(["storage", "blob", "upload", .. blob, "-f", files["old"]]);
        var snapshot = (await az.Json(["storage", "blob", "snapshot", .. blob])).GetProperty("snapshot").GetString()!;
        await az.Run(["storage", "blob", "upload", .. blob, "-f", files["new"], "--overwrite"]);
        await az.Run(["storage", "blob", "download", .. blob, "--snapshot", snapshot, "-f", files["was"]]);
        Assert.Equal("old", await File.ReadAllTextAsync(files["was"]));
        await az.Run("storage", "blob", "service-properties", "delete-policy", "update", "--enable", "true", "--days-retained", "7");
        await az.Run(["storage", "blob", "delete", .. blob, "--delete-snapshots", "include"]);
        Assert.Equal([(snapshot, true), (null, true)], await Listed("sd"));
        await az.Run(["storage", "blob", "undelete", .. blob]);
        Assert.Equal([(snapshot, false), (null, false)], await Listed("s"));
        await az.Run("storage", "blob", "service-properties", "delete-policy", "update", "--enable", "false");

        async Task<IEnumerable<(string?, bool)>> Listed(string include) =>
            (await az.Json("storage", "blob", "list", "-c", "cont", "--prefix", "kept", "--include", include)).EnumerateArray()
                .Select(each => (each.GetProperty("snapshot").GetString(), each.GetProperty("deleted") is { ValueKind: System.Text.Json.JsonValueKind.True }));
    }

    [ClientFact(Client.Az)]
    public async Task The_copy_of_a_large_blob_is_shown_as_pending_until_it_has_come()
    {
        using var az = server.Az();
        using var files = new Scratch();
        await az.Register();
        await az.Run("login", "--service-principal", "-u", ServerProcess.AccessKey, "-p", ServerProcess.SecretKey, "--tenant", "adfs");
        await az.Run("storage", "account", "create", "-g", "default", "-l", "us-east-1", "--name", "copies");
        az.Environment["AZURE_STORAGE_CONNECTION_STRING"] =
            (await az.Json("storage", "account", "show-connection-string", "--name", "copies")).GetProperty("connectionString").GetString()!;
        await az.Run("storage", "container", "create", "-n", "cont");
        var bytes = RandomNumberGenerator.GetBytes(300 << 20);
        await File.WriteAllBytesAsync(files["large"], bytes);
        await az.Run("storage", "blob", "upload", "-c", "cont", "-f", files["large"], "-n", "large");
        string[] start = ["storage", "blob", "copy", "start", "--destination-container", "cont", "--source-container", "cont", "--source-blob", "large", "--destination-blob"];
        var begun = await az.Json([.. start, "copy"]);
        Assert.Equal("pending", begun.GetProperty("copy_status").GetString());
        await Eventually.Holds(
            async () =>
            {
                var copy = (await az.Json("storage", "blob", "show", "-c", "cont", "-n", "copy")).GetProperty("properties").GetProperty("copy");
                Assert.Equal(begun.GetProperty("copy_id").GetString(), copy.GetProperty("id").GetString());
                Assert.EndsWith($"/{bytes.Length}", copy.GetProperty("progress").GetString(), StringComparison.Ordinal);
                return copy.GetProperty("status").GetString() == "success";
            },
            "the copy", TimeSpan.FromMinutes(2));
        await az.Run("storage", "blob", "download", "-c", "cont", "-n", "copy", "-f", files["back"]);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await File.ReadAllBytesAsync(files["back"])));
    }
}
