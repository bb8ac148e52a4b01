using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary><c>zenkofn collect</c>: bytes that the state does not know, after an older copy of it was put back.</summary>
[Trait("Speed", "Slow")]
public sealed class CollectTests
{
    private static readonly string Large = new('l', 100_000);

    [Fact]
    public async Task What_an_older_state_does_not_know_is_removed_when_it_is_old_and_nothing_else_is()
    {
        using var scratch = new Scratch();
        var (data, copy) = (scratch["data"], scratch["copy"]);
        await using (var server = await ServerProcess.Start(data))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync("bucket");
            await s3.PutObjectAsync(new() { BucketName = "bucket", Key = "known", ContentBody = Large });
            Assert.Equal(0, await server.Terminate());
        }
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(data, "state*")) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        await using (var server = await ServerProcess.Start(data))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            foreach (var key in new[] { "later", "known" }) await s3.PutObjectAsync(new() { BucketName = "bucket", Key = key, ContentBody = Large + key });
            await server.Kill();
        }
        Assert.Equal(3, Bodies(data).Count);
        foreach (var file in Directory.EnumerateFiles(data, "state*")) File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(copy)) File.Copy(file, Path.Combine(data, Path.GetFileName(file)));

        await using (var server = await ServerProcess.Start(data))
        {
            // A week is not over.
            Assert.Equal(0, (await Collect(server)).GetProperty("removed").GetInt64());
            await server.Terminate();
        }
        await using var again = await ServerProcess.Start(data, more: ["--keep-unreferenced", "1"]);
        Assert.Equal(2, (await Collect(again, "--report-only")).GetProperty("removed").GetInt64());
        Assert.Equal(3, Bodies(data).Count);
        await Collect(again);
        Assert.Single(Bodies(data));
        using var after = Sdk.Client(again.Endpoint);
        using var known = await after.GetObjectAsync("bucket", "known");
        Assert.Equal(Large, await new StreamReader(known.ResponseStream).ReadToEndAsync());
    }

    private static List<string> Bodies(string data) =>
        [.. Directory.EnumerateFiles(Path.Combine(data, "objects", "bytes"), "*", SearchOption.AllDirectories)];

    private static async Task<JsonElement> Collect(ServerProcess server, params string[] more)
    {
        var told = (await server.Zenkofn(["collect", "--wait", "--json", .. more])).Succeeded().Out;
        using var walk = JsonDocument.Parse(told);
        Assert.Equal("done", walk.RootElement.GetProperty("state").GetString());
        return walk.RootElement.GetProperty("counts").Clone();
    }
}
