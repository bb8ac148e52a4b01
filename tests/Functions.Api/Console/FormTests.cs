namespace ZenkoFunctions.Api.Tests.Console;

public sealed class FormTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private async Task<bool> Exists(string bucket) => await server.Installation.Buckets.Find(bucket, default) is not null;

    [Fact]
    public async Task A_form_of_the_session_is_done()
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("new-bucket");
        Assert.Equal(303, (await browser.Post("new-bucket", "name", "mine", "versioning", "1")).Status);
        Assert.True(await Exists("mine"));
        Assert.Equal(400, (await browser.Post("buckets/mine/delete", "name", "min")).Status);
        Assert.True(await Exists("mine"));
        Assert.Equal(303, (await browser.Post("buckets/mine/delete", "name", "mine")).Status);
        Assert.False(await Exists("mine"));
    }

    [Theory]
    [InlineData("https://evil.example", "cross-site")]
    [InlineData("https://evil.example", null)]
    [InlineData("null", null)]
    [InlineData(null, null)]
    [InlineData(null, "same-site")] // another port of this machine, a bucket's host
    [InlineData("OWN", "cross-site")]
    [InlineData("OWN", "none")]
    public async Task A_form_of_another_site_is_refused_though_it_has_the_token(string? origin, string? site)
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("new-bucket");
        var answer = await browser.PostFrom(origin == "OWN" ? server.Origin : origin, site, "new-bucket", "name", "forged");
        Assert.Equal(403, answer.Status);
        Assert.False(await Exists("forged"));
        Assert.Equal(403, (await server.Browser().PostFrom(origin == "OWN" ? server.Origin : origin, site, "sign-in", "access_key", server.Root.Id, "secret_key", server.Root.Secret)).Status);
    }

    [Fact]
    public async Task A_form_without_the_token_or_with_that_of_another_session_is_refused()
    {
        var (browser, other) = (await server.SignedIn(server.Root), await server.SignedIn(server.Root));
        Assert.Equal(403, (await browser.Post("new-bucket", "name", "forged")).Status);
        await other.Get("new-bucket");
        browser.Token = other.Token;
        Assert.Equal(403, (await browser.Post("new-bucket", "name", "forged")).Status);
        Assert.False(await Exists("forged"));
    }

    [Fact]
    public async Task A_form_of_nobody_is_refused_and_one_with_a_field_twice_or_too_large_too()
    {
        Assert.Equal(401, (await server.Browser().Post("new-bucket", "name", "forged")).Status);
        var browser = await server.SignedIn(server.Root);
        await browser.Get("new-bucket");
        Assert.Equal(400, (await browser.Post("new-bucket", "name", "forged", "name", "forged2")).Status);
        Assert.Equal(400, (await browser.Post("new-bucket", "name", new string('x', 200_000))).Status);
        Assert.False(await Exists("forged"));
    }

    [Fact]
    public async Task Nothing_is_changed_by_a_link()
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("new-bucket");
        await browser.Post("new-bucket", "name", "lasting");
        await browser.Get("buckets/lasting/delete?name=lasting&form=" + browser.Token);
        await browser.Get("sign-out?form=" + browser.Token);
        Assert.True(await Exists("lasting"));
        Assert.Equal(200, (await browser.Get("")).Status);
    }
}
