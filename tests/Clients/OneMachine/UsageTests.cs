using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary><c>zenkofn usage</c> against a running server, which is killed in between.</summary>
[Trait("Speed", "Slow")]
public sealed class UsageTests
{
    [Fact]
    public async Task What_is_kept_is_told_in_tables_and_as_JSON_after_a_kill_too()
    {
        using var scratch = new Scratch();
        await using (var server = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync("bucket");
            await s3.PutObjectAsync(new() { BucketName = "bucket", Key = "small", ContentBody = "12345" });
            await s3.PutObjectAsync(new() { BucketName = "bucket", Key = "large", ContentBody = new string('x', 100_000) });

            var told = (await server.Zenkofn("usage")).Succeeded().Out;
            Assert.Matches(@"(?m)^disk +100,005 +2 +0\r?$", told);
            Assert.Matches(@"(?m)^bucket +100,005 +2 +0 +disk\r?$", told);
            Assert.Equal(1, (await server.Zenkofn("usage", "--bucket", "nothing")).ExitCode);
            Assert.Equal(2, (await server.Zenkofn("usage", "--bucket", "bucket", "--location", "disk")).ExitCode);
            await server.Kill();
        }
        await using var again = await ServerProcess.Start(scratch["data"]);
        await Eventually.Holds(async () =>
        {
            using var document = JsonDocument.Parse((await again.Zenkofn("usage", "--bucket", "bucket", "--json")).Succeeded().Out);
            return document.RootElement.GetProperty("total").GetProperty("bytes").GetInt64() == 100_005;
        }, "the walk after the kill has counted all", TimeSpan.FromMinutes(1));
    }
}
