using System.Text.Json;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary><c>zenkofn search</c> against a running server, that is killed while it builds an index.</summary>
[Trait("Speed", "Slow")]
public sealed class SearchTests
{
    [Fact]
    public async Task Objects_are_found_in_a_table_and_as_lines_and_fields_are_indexed()
    {
        using var scratch = new Scratch();
        await using (var server = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(server.Endpoint);
            await s3.PutBucketAsync("bucket");
            await s3.PutBucketVersioningAsync(new() { BucketName = "bucket", VersioningConfig = new() { Status = Amazon.S3.VersionStatus.Enabled } });
            await Parallel.ForEachAsync(Enumerable.Range(0, 1200), async (i, stop) =>
            {
                var put = new PutObjectRequest { BucketName = "bucket", Key = $"k{i:d4}", ContentBody = "body" };
                put.Metadata["color"] = i % 400 == 0 ? "red" : "blue";
                await s3.PutObjectAsync(put, stop);
            });
            await s3.DeleteObjectAsync("bucket", "k0400");

            var table = (await server.Zenkofn("search", "bucket", "x-amz-meta-color = red")).Succeeded();
            Assert.Equal(["MODIFIED", "SIZE", "KEY"], Lines(table.Out)[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(["k0000", "k0800"], Lines(table.Out)[1..].Select(line => line.Split(' ')[^1]));
            Assert.Contains("2 found.", table.Err, StringComparison.Ordinal);
            // Two pages, read to the end.
            Assert.Equal(1197, Lines((await server.Zenkofn("search", "bucket", "x-amz-meta-color = blue", "--json")).Succeeded().Out).Length);
            var versions = Lines((await server.Zenkofn("search", "bucket", "key = k0400", "--versions", "--json")).Succeeded().Out);
            Assert.Equal([true, false], versions.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("isDeleteMarker").GetBoolean()));

            var refused = await server.Zenkofn("search", "bucket", "color = red");
            Assert.Equal((1, true), (refused.ExitCode, refused.Err.Contains("Search param contains unknown attribute: color", StringComparison.Ordinal)));
            Assert.Equal(2, (await server.Zenkofn("search", "bucket", "--versions")).ExitCode);
            Assert.Contains("looks at every object", (await server.Zenkofn("search", "bucket")).Succeeded().Out, StringComparison.Ordinal);
            Assert.Equal(1, (await server.Zenkofn("search", "bucket", "--index", "color")).ExitCode);
            (await server.Zenkofn("search", "bucket", "--index", "x-amz-meta-color", "content-length")).Succeeded();
            await server.Kill();
        }
        await using var again = await ServerProcess.Start(scratch["data"]);
        await Eventually.Holds(async () => (await again.Zenkofn("search", "bucket")).Succeeded().Out.Split("ready").Length == 3, "both fields are ready", TimeSpan.FromMinutes(1));
        Assert.Equal(3, Lines((await again.Zenkofn("search", "bucket", "x-amz-meta-color = red")).Succeeded().Out).Length);
        var left = (await again.Zenkofn("search", "bucket", "--drop", "content-length", "--rebuild", "--wait")).Succeeded().Out;
        Assert.DoesNotContain("content-length", left, StringComparison.Ordinal);
        Assert.Contains("done", left, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
