namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>A bucket that is emptied over the wire, and who may not.</summary>
public sealed class EmptyBucketTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Fact]
    public async Task An_emptying_is_started_told_and_cancelled()
    {
        await server.Send("PUT", "/emptied");
        Assert.Equal((404, "NoSuchBucketEmptying"), await Told("GET"));
        Assert.Equal((404, "NoSuchBucketEmptying"), await Told("DELETE"));
        var started = await server.Send("POST", "/emptied?zenkofn-empty&prefix=a%2F");
        Assert.Equal((202, "running", "a/"), (started.Status, started.Element("State"), started.Element("Prefix")));
        // Nobody runs jobs here.
        Assert.Equal("running", (await server.Send("GET", "/emptied?zenkofn-empty")).Element("State"));
        Assert.Equal((409, "OperationAborted"), await Told("POST"));
        Assert.Equal("cancelled", (await server.Send("DELETE", "/emptied?zenkofn-empty")).Element("State"));
        Assert.Equal(202, (await server.Send("POST", "/emptied?zenkofn-empty")).Status);

        async Task<(int, string?)> Told(string verb)
        {
            var answer = await server.Send(verb, "/emptied?zenkofn-empty");
            return (answer.Status, answer.Code);
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
