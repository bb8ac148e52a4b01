using ZenkoFunctions.Api.Console;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Console;

public sealed class SessionTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    [Fact]
    public async Task Whoever_is_not_signed_in_is_asked_to_and_comes_back()
    {
        var asked = await server.Browser().Get("buckets?q=a%26b");
        Assert.Equal((303, "./sign-in?to=buckets%3Fq%3Da%2526b"), (asked.Status, asked.Header("Location")));
        var browser = server.Browser();
        var answer = await browser.Post("sign-in", "access_key", server.Root.Id, "secret_key", server.Root.Secret, "to", "buckets?q=a%26b");
        Assert.Equal((303, "./buckets?q=a%26b"), (answer.Status, answer.Header("Location")));
        Assert.Equal(200, (await browser.Get("buckets")).Status);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("\\\\evil.example")]
    [InlineData("/../../bucket/evil.html")]
    public async Task Nobody_is_sent_to_another_host_after_signing_in(string to)
    {
        var answer = await server.Browser().Post("sign-in", "access_key", server.Root.Id, "secret_key", server.Root.Secret, "to", to);
        Assert.StartsWith("./", answer.Header("Location"), StringComparison.Ordinal);
        Assert.Equal(new Uri(server.Origin).Authority, new Uri(new Uri(server.Origin + "/_/console/sign-in"), answer.Header("Location")).Authority);
    }

    [Fact]
    public async Task The_cookie_says_nothing_and_no_script_nor_other_site_gets_it()
    {
        var answer = await server.Browser().Post("sign-in", "access_key", server.Root.Id, "secret_key", server.Root.Secret);
        var cookie = answer.Header("Set-Cookie")!;
        Assert.Contains("; HttpOnly", cookie, StringComparison.Ordinal);
        Assert.Contains("; SameSite=Strict", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Root.Id, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("Domain", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Every_answer_binds_the_browser()
    {
        var browser = await server.SignedIn(server.Root);
        foreach (var answer in new[] { await browser.Get(""), await browser.Get("buckets/nowhere"), await server.Browser().Get("sign-in"), await browser.Get("%ff") })
        {
            var policy = answer.Header("Content-Security-Policy")!;
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal(("nosniff", "same-origin", "no-store"), (answer.Header("X-Content-Type-Options"), answer.Header("Cross-Origin-Resource-Policy"), answer.Header("Cache-Control")));
        }
    }

    [Fact]
    public async Task Signing_out_ends_the_session_itself()
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("");
        var kept = browser.Cookie;
        Assert.Equal(303, (await browser.Post("sign-out")).Status);
        browser.Cookie = kept;
        Assert.Equal(303, (await browser.Get("")).Status);
    }

    [Fact]
    public async Task A_session_ends_with_its_key_and_after_twelve_hours()
    {
        var key = (await server.Installation.Accounts.CreateKey(server.Other.Account, null, null, null, default)).Value;
        var browser = await server.SignedIn(key);
        Assert.Equal(200, (await browser.Get("")).Status);
        await server.Installation.Accounts.EnableKey(key.Id, false, default);
        Assert.Equal(303, (await browser.Get("")).Status);
        await server.Installation.Accounts.EnableKey(key.Id, true, default);
        Assert.Equal(200, (await browser.Get("")).Status);
        server.Clock.Advance(SignInGrants.SessionLifetime);
        Assert.Equal(303, (await browser.Get("")).Status);
    }

    [Fact]
    public async Task Keys_that_are_not_right_are_refused_alike_and_after_some_nobody_is_listened_to()
    {
        await using var own = new Own();
        var alone = await own.Start();
        var wrong = await alone.Browser().Post("sign-in", "access_key", alone.Root.Id, "secret_key", "not it");
        var unknown = await alone.Browser().Post("sign-in", "access_key", "AKIAIOSFODNN7EXAMPLE", "secret_key", "not it");
        Assert.Equal((403, 403), (wrong.Status, unknown.Status));
        Assert.Equal(wrong.Text, unknown.Text);
        for (var i = 1; i < SignIns.MostFailures; i++) Assert.Equal(403, (await alone.Browser().Post("sign-in", "access_key", alone.Root.Id, "secret_key", $"{i}")).Status);
        Assert.Equal(429, (await alone.Browser().Post("sign-in", "access_key", alone.Root.Id, "secret_key", alone.Root.Secret)).Status);
        // Nobody else is shut out by it, where many have one address.
        Assert.Equal(303, (await alone.Browser().Post("sign-in", "access_key", alone.Other.Id, "secret_key", alone.Other.Secret)).Status);
        alone.Clock.Advance(SignIns.Window);
        Assert.Equal(303, (await alone.Browser().Post("sign-in", "access_key", alone.Root.Id, "secret_key", alone.Root.Secret)).Status);
    }

    [Fact]
    public async Task A_link_signs_in_once_by_its_button_and_only_for_a_while()
    {
        var code = await server.Installation.SignInGrants.AddLink(server.Other, default);
        Assert.Equal(200, (await server.Browser().Get("link?code=" + code)).Status);
        var browser = server.Browser();
        Assert.Equal(303, (await browser.Post("link", "code", code)).Status);
        Assert.Contains("<strong>other</strong>", (await browser.Get("")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await server.Browser().Post("link", "code", code)).Status);
        var late = await server.Installation.SignInGrants.AddLink(server.Other, default);
        server.Clock.Advance(SignInGrants.LinkLifetime);
        Assert.Equal(403, (await server.Browser().Post("link", "code", late)).Status);
    }

    /// <summary>A server that no other test asks anything of.</summary>
    private sealed class Own : IAsyncDisposable
    {
        private readonly ConsoleServer server = new();

        public async Task<ConsoleServer> Start()
        {
            await server.InitializeAsync();
            return server;
        }

        public async ValueTask DisposeAsync() => await server.DisposeAsync();
    }
}
