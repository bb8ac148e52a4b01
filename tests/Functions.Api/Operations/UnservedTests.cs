namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>What is not there yet is refused wherever it is asked for, by a header or a parameter; nothing is changed.</summary>
public sealed class UnservedTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Unknown = "x-amz-server-side-encryption-customer-colour: blue";

    [Theory]
    [InlineData("GET", "/bkt/kept", Unknown)]
    [InlineData("HEAD", "/bkt/kept", Unknown)]
    [InlineData("PUT", "/bkt/kept", Unknown)]
    [InlineData("POST", "/bkt/kept?uploads", Unknown)]
    [InlineData("DELETE", "/bkt/kept", "If-None-Match: *")]
    [InlineData("PUT", "/bkt/kept?annotation", "x-amz-meta-a: b")]
    public async Task A_feature_that_is_not_there_is_never_passed_over(string verb, string target, string header)
    {
        await server.Send("PUT", "/bkt/kept", "as it was");
        Assert.Equal(501, (await server.Send(verb, target, "", header)).Status);
        Assert.Equal("as it was", (await server.Send("GET", "/bkt/kept")).Text);
    }

    [Theory]
    [InlineData("PUT", "/bkt/kept?versionId=null")]
    [InlineData("PUT", "/bkt/kept?versionId=")]
    [InlineData("POST", "/bkt/kept?uploads&versionId=abc")]
    public async Task A_version_cannot_be_written_to(string verb, string target)
    {
        await server.Send("PUT", "/bkt/kept", "as it was");
        Assert.Equal("InvalidArgument", (await server.Send(verb, target, "other")).Code);
        Assert.Equal("as it was", (await server.Send("GET", "/bkt/kept")).Text);
    }
}
