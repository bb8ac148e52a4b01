using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>What is kept, as the management API tells it: sums of the buckets' counters.</summary>
public sealed class UsageTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Far = "x-amz-meta-scal-location-constraint: far";

    private async Task<UsageDocument> Usage(string query = "") =>
        JsonSerializer.Deserialize((await server.Send("GET", "/_/management/usage" + query)).Text, UsageDocumentJson.Default.UsageDocument)!;

    [Fact]
    public async Task What_is_written_moved_and_deleted_is_told_by_bucket_account_and_location()
    {
        var before = await Usage();
        foreach (var bucket in new[] { "used", "used-too", "used-not" }) Assert.Equal(200, (await server.Send("PUT", "/" + bucket)).Status);
        await server.Send("PUT", "/used/small", "12345");
        await server.Send("PUT", "/used/large", new string('x', 5000));
        await server.Send("PUT", "/used/far", "123", Far);
        await server.Send("PUT", "/used-too/far", "1234567", Far);
        var upload = (await server.Send("POST", "/used/parts?uploads", "", Far)).Element("UploadId");
        var part = await server.Send("PUT", $"/used/parts?partNumber=1&uploadId={upload}", "four");

        var used = await Usage("?bucket=used");
        Assert.Equal(new(5008, 3, 4), used.Total);
        Assert.Equal([new("disk", new(5005, 2, 0)), new("far", new(3, 1, 4))], used.Locations);
        Assert.Equal(new(0, 0, 0), (await Usage("?bucket=used-not")).Total);

        var all = await Usage();
        Assert.Equal(before.Total + new UsageAmount(5015, 4, 4), all.Total);
        Assert.Equal(new(10, 2, 4), (await Usage("?location=far")).Total);
        Assert.Equal([("used", 3L), ("used-too", 7L)], (await Usage("?location=far")).Buckets.Select(each => (each.Bucket, each.Held.Bytes)));
        var account = Assert.Single(used.Accounts);
        Assert.Equal(all.Accounts.Single(each => each.Account == account.Account).Held, (await Usage("?account=" + account.Account)).Total);
        Assert.Equal((await Usage("?account=" + account.Account)).Total, (await Usage("?account=" + Uri.EscapeDataString(account.Name!))).Total);
        // The sums are the buckets', whichever way they are taken.
        foreach (var sum in new[] { all.Locations.Select(each => each.Held), all.Accounts.Select(each => each.Held), all.Buckets.Select(each => each.Held), all.Buckets.SelectMany(each => each.Locations).Select(each => each.Held) })
            Assert.Equal(all.Total, sum.Aggregate((a, b) => a + b));

        await server.Send("DELETE", "/used/far");
        await server.Send("DELETE", "/used/small");
        var complete = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Header("ETag")}</ETag></Part></CompleteMultipartUpload>";
        Assert.Equal(200, (await server.Send("POST", $"/used/parts?uploadId={upload}", complete)).Status);
        Assert.Equal([new("disk", new(5000, 1, 0)), new("far", new(4, 1, 0))], (await Usage("?bucket=used")).Locations);
        Assert.Null((await Usage()).Next);
    }

    [Theory]
    [InlineData("?bucket=nothing", 404, "NoSuchBucket")]
    [InlineData("?account=nobody", 404, "NoSuchAccount")]
    [InlineData("?location=nowhere", 404, "NoSuchLocation")]
    [InlineData("?bucket=bkt&location=far", 400, "InvalidQueryParameter")]
    public async Task What_is_not_there_is_told_so(string query, int status, string code)
    {
        var answer = await server.Send("GET", "/_/management/usage" + query);
        Assert.Equal(status, answer.Status);
        Assert.StartsWith($$"""{"code":"{{code}}","message":""", answer.Text, StringComparison.Ordinal);
    }
}
