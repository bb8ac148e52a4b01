using System.Xml.Linq;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>A bucket that is emptied over the wire, and who may not.</summary>
public sealed class EmptyBucketTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Fact]
    public async Task An_emptying_is_started_told_and_cancelled()
    {
        // Nobody runs jobs here.
        await using var idle = await BucketServer.Start();
        await idle.Bucket("emptied");
        Assert.Equal((404, "NoSuchBucketEmptying"), await Told(HttpMethod.Get));
        Assert.Equal((404, "NoSuchBucketEmptying"), await Told(HttpMethod.Delete));
        Assert.Equal((202, "running a/"), await Told(HttpMethod.Post, "&prefix=a%2F"));
        Assert.Equal((200, "running a/"), await Told(HttpMethod.Get));
        Assert.Equal((409, "OperationAborted"), await Told(HttpMethod.Post));
        Assert.Equal((200, "cancelled a/"), await Told(HttpMethod.Delete));
        Assert.Equal((202, "running "), await Told(HttpMethod.Post));

        async Task<(int, string?)> Told(HttpMethod verb, string more = "")
        {
            var response = await idle.Send(verb, "/emptied?zenkofn-empty" + more);
            var told = XElement.Parse(await response.Content.ReadAsStringAsync());
            return ((int)response.StatusCode, told.Element("Code")?.Value ?? $"{told.Element("State")?.Value} {told.Element("Prefix")?.Value}");
        }
    }

    [Theory]
    [InlineData("""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObjectVersion","Resource":"arn:aws:s3:::BUCKET/kept/*"}""")]
    [InlineData("""{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::BUCKET/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/keep":"yes"}}}""")]
    public async Task Who_may_not_remove_some_may_not_begin(string statement)
    {
        var bucket = $"denied-{statement.Length}";
        await server.Send("PUT", $"/{bucket}");
        Assert.Equal(204, (await server.Send("PUT", $"/{bucket}?policy", $$"""{"Version":"2012-10-17","Statement":[{{statement.Replace("BUCKET", bucket, StringComparison.Ordinal)}}]}""")).Status);
        foreach (var verb in new[] { "POST", "DELETE" })
        {
            var refused = await server.Send(verb, $"/{bucket}?zenkofn-empty");
            Assert.Equal((403, "AccessDenied"), (refused.Status, refused.Code));
        }
        Assert.Equal(404, (await server.Send("GET", $"/{bucket}?zenkofn-empty")).Status);
    }
}
