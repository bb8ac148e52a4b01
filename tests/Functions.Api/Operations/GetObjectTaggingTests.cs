namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class GetObjectTaggingTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Fact]
    public async Task An_object_has_an_empty_set_of_tags()
    {
        await server.Send("PUT", "/bkt/untagged", "x");

        var answer = await server.Send("GET", "/bkt/untagged?tagging");

        Assert.Equal(200, answer.Status);
        Assert.Equal([""], answer.Elements("TagSet"));
    }

    [Theory]
    [InlineData("/bkt/missing?tagging", 404)]
    [InlineData("/bkt/untagged?tagging&versionId=0006474846204000aaaaaaaaaaaaaaaa", 404)]
    public async Task What_is_not_there_has_no_tags(string target, int status) =>
        Assert.Equal(status, (await server.Send("GET", target)).Status);
}
