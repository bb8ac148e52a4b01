namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class BucketQuotaTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Theory]
    [InlineData("quota-json", "{\"quota\": 1000}")]
    [InlineData("quota-text", "{\"quota\": \"1000\"}")]
    [InlineData("quota-xml", "<QuotaConfiguration><Quota>1000</Quota></QuotaConfiguration>")]
    public async Task A_quota_is_set_told_and_removed(string bucket, string body)
    {
        await server.Send("PUT", "/" + bucket);
        var none = await server.Send("GET", $"/{bucket}?quota");
        Assert.Equal((404, "NoSuchQuota"), (none.Status, none.Code));

        Assert.Equal(200, (await server.Send("PUT", $"/{bucket}?quota", body)).Status);

        var set = await server.Send("GET", $"/{bucket}?quota");
        Assert.Equal((bucket, "1000"), (set.Element("Name"), set.Element("Quota")));
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}?quota")).Status);
        Assert.Equal("NoSuchQuota", (await server.Send("GET", $"/{bucket}?quota")).Code);
    }

    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("[1]", "InvalidArgument")]
    [InlineData("{}", "InvalidArgument")]
    [InlineData("{\"quota\": 0}", "InvalidArgument")]
    [InlineData("{\"quota\": -5}", "InvalidArgument")]
    [InlineData("{\"quota\": 1.5}", "InvalidArgument")]
    [InlineData("{\"quota\": null}", "InvalidArgument")]
    [InlineData("<QuotaConfiguration><Quota>much</Quota></QuotaConfiguration>", "InvalidArgument")]
    [InlineData("<Quota>5</Quota>", "MalformedXML")]
    public async Task What_is_no_quota_changes_nothing(string body, string code)
    {
        await server.Send("PUT", "/quota-strict");
        await server.Send("PUT", "/quota-strict?quota", "{\"quota\": 7}");

        var refused = await server.Send("PUT", "/quota-strict?quota", body);

        Assert.Equal((400, code), (refused.Status, refused.Code));
        Assert.Equal("7", (await server.Send("GET", "/quota-strict?quota")).Element("Quota"));
    }
}
