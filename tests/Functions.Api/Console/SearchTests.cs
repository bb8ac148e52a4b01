namespace ZenkoFunctions.Api.Tests.Console;

/// <summary>The search of the console: whose searches are shown, and where one may search.</summary>
public sealed class SearchTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    [Fact]
    public async Task What_somebody_keeps_nobody_else_sees()
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("search");
        Assert.Equal(303, (await browser.Post("search", "name", "<i>mine</i>", "bucket", "photos", "q", "key = 1")).Status);
        Assert.Contains("&lt;i&gt;mine&lt;/i&gt;", (await browser.Get("search?bucket=photos")).Text, StringComparison.Ordinal);
        foreach (var other in new[] { server.Other, await server.User("searcher", "\"s3:*\"", "\"*\"") })
        {
            var theirs = await server.SignedIn(other);
            Assert.DoesNotContain("mine", (await theirs.Get("search?bucket=photos")).Text, StringComparison.Ordinal);
            // Nor can they take it away.
            await theirs.Get("search");
            await theirs.Post("search/forget", "name", "<i>mine</i>");
        }
        Assert.Contains("mine", (await browser.Get("search?bucket=photos")).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await browser.Post("search/forget", "name", "<i>mine</i>")).Status);
        Assert.DoesNotContain("mine", (await browser.Get("search?bucket=photos")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_found_in_a_bucket_of_somebody_else()
    {
        await server.Installation.Buckets.Create("secret-search", server.Root.Account, "", default);
        await server.Put("secret-search", "treasure", "x", "text/plain");
        Assert.Contains("treasure", (await (await server.SignedIn(server.Root)).Get("search?bucket=secret-search&q=key%20LIKE%20t")).Text, StringComparison.Ordinal);
        var refused = await (await server.SignedIn(server.Other)).Get("search?bucket=secret-search&q=key%20LIKE%20t");
        Assert.Equal(403, refused.Status);
        Assert.DoesNotContain("treasure", refused.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await (await server.SignedIn(server.Root)).Get("search?bucket=No_Bucket&q=x")).Status);
    }
}
