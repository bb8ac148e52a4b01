using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ZenkoFunctions.Api.Tests.StorageAccounts;

public sealed class SignInTests(ArmServer server) : IClassFixture<ArmServer>
{
    private const string Redirect = "http://localhost:8400", Verifier = "XxQ1k89c3Gl2Os5Nmw.Bh4E~v7nCgWa-pofqjHUKF6R", TokenPath = "/adfs/oauth2/token";

    private static string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    private string Scope => $"{server.Base}//.default offline_access openid profile";

    private string Authorize(string redirect = Redirect, string challenge = "", string more = "") =>
        $"/adfs/oauth2/authorize?client_id={ArmServer.Client}&response_type=code&redirect_uri={Uri.EscapeDataString(redirect)}&scope={Uri.EscapeDataString(Scope)}"
        + $"&state=a%26b&nonce=n1&code_challenge={(challenge.Length > 0 ? challenge : Challenge)}&code_challenge_method=S256{more}";

    private async Task<string> Code()
    {
        var answer = await server.Form(Authorize(), "access_key", server.Root.Id, "secret_key", server.Root.Secret);
        Assert.Equal(302, answer.Status);
        var location = answer.Header("Location")!;
        Assert.StartsWith(Redirect + "/?code=", location, StringComparison.Ordinal);
        Assert.EndsWith("&state=a%26b", location, StringComparison.Ordinal);
        return Uri.UnescapeDataString(location.Split("code=")[1].Split('&')[0]);
    }

    private Task<ArmAnswer> Redeem(string code, string verifier = Verifier, string redirect = Redirect, string client = ArmServer.Client) => server.Form(
        TokenPath, "grant_type", "authorization_code", "client_id", client, "code", code, "redirect_uri", redirect, "code_verifier", verifier, "scope", Scope);

    private static JsonNode Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;

    [Theory]
    [InlineData("/adfs", "/adfs/oauth2/")]
    [InlineData("/ADFS/adfs", "/adfs/oauth2/")]
    [InlineData("/organizations/v2.0", "/TENANT/oauth2/v2.0/")]
    [InlineData("/common/v2.0", "/TENANT/oauth2/v2.0/")]
    [InlineData("/TENANT/v2.0", "/TENANT/oauth2/v2.0/")]
    public async Task Discovery_tells_where_to_sign_in(string authority, string below)
    {
        var tenant = $"{await server.Installation.Tokens.Keys.Tenant(default)}";
        var found = await server.Send("GET", authority.Replace("TENANT", tenant, StringComparison.Ordinal) + "/.well-known/openid-configuration");
        var at = server.Base + below.Replace("TENANT", tenant, StringComparison.Ordinal);
        Assert.Equal((at + "authorize", at + "token", at + "devicecode"), (found["authorization_endpoint"], found["token_endpoint"], found["device_authorization_endpoint"]));
        var keys = await server.Send("GET", new Uri(found["jwks_uri"]!).PathAndQuery);
        Assert.Equal("RS256", keys.Json["keys"]![0]!["alg"]!.ToString());
    }

    [Fact]
    public async Task Metadata_has_the_shape_of_the_version_that_is_asked_for()
    {
        var old = await server.Send("GET", "/metadata/endpoints?api-version=2015-01-01");
        Assert.Equal(server.Base + "/adfs", old.Json["authentication"]!["loginEndpoint"]!.ToString());
        Assert.Equal(server.Base + "/", old.Json["authentication"]!["audiences"]![0]!.ToString());
        var list = await server.Send("GET", "/metadata/endpoints?api-version=2022-09-01");
        Assert.Equal(server.Base + "/", list.Json[0]!["resourceManager"]!.ToString());
        Assert.Equal(new Uri(server.Base).Authority, list.Json[0]!["suffixes"]!["storage"]!.ToString());
    }

    [Fact]
    public async Task A_browser_signs_in_and_its_code_is_redeemed_once()
    {
        var code = await Code();
        var answer = await Redeem(code);
        Assert.Equal((200, "Bearer", Scope), (answer.Status, answer["token_type"], answer["scope"]));
        var id = Claims(answer["id_token"]!);
        Assert.Equal((ArmServer.Client, "n1", server.Root.Id), (id["aud"]!.ToString(), id["nonce"]!.ToString(), id["preferred_username"]!.ToString()));
        Assert.Equal($"{await server.Installation.Tokens.Keys.Tenant(default)}", id["tid"]!.ToString());
        Assert.Equal(server.Base + "/", Claims(answer["access_token"]!)["aud"]!.ToString());
        Assert.Equal((400, "invalid_grant"), (await Redeem(code)).OAuthError);
    }

    [Fact]
    public async Task A_code_that_is_redeemed_twice_ends_the_refresh_token_that_it_gave()
    {
        var code = await Code();
        var refresh = (await Redeem(code))["refresh_token"]!;
        Task<ArmAnswer> Refresh(string token) => server.Form(TokenPath, "grant_type", "refresh_token", "client_id", ArmServer.Client, "refresh_token", token, "scope", Scope);
        var next = await Refresh(refresh);
        Assert.Equal(200, next.Status);
        Assert.Equal((400, "invalid_grant"), (await Redeem(code)).OAuthError);
        Assert.Equal((400, "invalid_grant"), (await Refresh(refresh)).OAuthError);
        Assert.Equal((400, "invalid_grant"), (await Refresh(next["refresh_token"]!)).OAuthError);
    }

    [Fact]
    public async Task A_program_that_asks_for_a_form_gets_its_code_by_one()
    {
        var page = await server.Form(Authorize(more: "&response_mode=form_post"), "access_key", server.Root.Id, "secret_key", server.Root.Secret);
        Assert.Equal((200, "text/html", null), (page.Status, page.Type, page.Header("Location")));
        Assert.Contains($"<form method=\"post\" action=\"{Redirect}\">", page.Text, StringComparison.Ordinal);
        Assert.Contains("name=\"state\" value=\"a&amp;b\"", page.Text, StringComparison.Ordinal);
        Assert.Contains($"form-action 'self' {Redirect};", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Text, StringComparison.OrdinalIgnoreCase);
        var code = System.Net.WebUtility.HtmlDecode(page.Text.Split("name=\"code\" value=\"")[1].Split('"')[0]);
        Assert.Equal(200, (await Redeem(code)).Status);
        Assert.Equal(400, (await server.Send("GET", Authorize(more: "&response_mode=fragment"))).Status);
    }

    [Theory]
    [InlineData("wrong-verifier-wrong-verifier-wrong-verifier-00", Redirect, ArmServer.Client)]
    [InlineData("short", Redirect, ArmServer.Client)]
    [InlineData(Verifier, "http://localhost:8401", ArmServer.Client)]
    [InlineData(Verifier, Redirect, "another")]
    public async Task A_code_with_anything_wrong_beside_it_gives_nothing_and_is_used_up(string verifier, string redirect, string client)
    {
        var code = await Code();
        Assert.Equal((400, "invalid_grant"), (await Redeem(code, verifier, redirect, client)).OAuthError);
        Assert.Equal((400, "invalid_grant"), (await Redeem(code)).OAuthError);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost.evil.example")]
    [InlineData("http://localhost@evil.example")]
    [InlineData("http://localhost:8400#x")]
    [InlineData("http://user@localhost:8400")]
    [InlineData("https://localhost:8400")]
    [InlineData("http://10.0.0.1")]
    [InlineData("http:\\\\localhost")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/relative")]
    public async Task A_code_is_sent_to_this_machine_only(string redirect)
    {
        foreach (var answer in new[] { await server.Send("GET", Authorize(redirect)), await server.Form(Authorize(redirect), "access_key", server.Root.Id, "secret_key", server.Root.Secret) })
        {
            Assert.Equal((400, "text/html", null), (answer.Status, answer.Type, answer.Header("Location")));
            Assert.DoesNotContain("<form", answer.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("http://127.0.0.1:1234/path")]
    [InlineData("http://[::1]:1234")]
    public async Task Every_loopback_address_will_do(string redirect) => Assert.Equal(200, (await server.Send("GET", Authorize(redirect))).Status);

    [Fact]
    public async Task Without_a_proof_nobody_gets_a_form()
    {
        Assert.Equal(400, (await server.Send("GET", Authorize(challenge: "short"))).Status);
        Assert.Equal(400, (await server.Send("GET", Authorize().Replace("=S256", "=plain", StringComparison.Ordinal))).Status);
        Assert.Equal(400, (await server.Send("GET", Authorize(more: "&client_id=twice"))).Status);
    }

    [Fact]
    public async Task The_page_runs_no_script_is_framed_by_nobody_and_shows_what_it_was_told_as_text()
    {
        var page = await server.Send("GET", Authorize().Replace(ArmServer.Client, "%3Cscript%3Ealert(1)%3C/script%3E", StringComparison.Ordinal));
        Assert.Contains("&lt;script&gt;", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Text, StringComparison.OrdinalIgnoreCase);
        var policy = page.Header("Content-Security-Policy")!;
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.Contains($"form-action 'self' {Redirect}; frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal(("DENY", "same-origin", "no-store"), (page.Header("X-Frame-Options"), page.Header("Cross-Origin-Opener-Policy"), page.Header("Cache-Control")));
        var style = page.Text.Split("<style>")[1].Split("</style>")[0];
        Assert.Contains(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style))), policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_keys_show_the_form_again_and_a_form_of_another_site_is_not_taken()
    {
        var again = await server.Form(Authorize(), "access_key", server.Root.Id, "secret_key", "wrong");
        Assert.Equal(400, again.Status);
        Assert.Contains("<form", again.Text, StringComparison.Ordinal);
        foreach (var (name, value) in new[] { ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site") })
        {
            using var form = new FormUrlEncodedContent([new("access_key", server.Root.Id), new("secret_key", server.Root.Secret)]);
            Assert.Equal(400, (await server.Send("POST", Authorize(), form, (name, value))).Status);
        }
        using var own = new FormUrlEncodedContent([new("access_key", server.Root.Id), new("secret_key", server.Root.Secret)]);
        Assert.Equal(302, (await server.Send("POST", Authorize(), own, ("Origin", server.Base), ("Sec-Fetch-Site", "same-origin"))).Status);
    }

    [Fact]
    public async Task A_device_is_signed_in_by_the_page()
    {
        var device = await server.Form("/adfs/oauth2/devicecode", "client_id", ArmServer.Client, "scope", Scope);
        Task<ArmAnswer> Poll(string client = ArmServer.Client) => server.Form(
            TokenPath, "grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id", client, "device_code", device["device_code"]!, "code", device["device_code"]!);
        Assert.Equal((400, "authorization_pending"), (await Poll()).OAuthError);
        var page = new Uri(device["verification_uri"]!).PathAndQuery;
        Assert.Contains("user_code", (await server.Send("GET", page)).Text, StringComparison.Ordinal);
        Assert.Equal(400, (await server.Form(page, "user_code", device["user_code"]!, "access_key", server.Root.Id, "secret_key", "wrong")).Status);
        Assert.Equal(400, (await server.Form(page, "user_code", "BBBBBBBB", "access_key", server.Root.Id, "secret_key", server.Root.Secret)).Status);
        Assert.Equal(200, (await server.Form(page, "user_code", device["user_code"]!, "access_key", server.Root.Id, "secret_key", server.Root.Secret)).Status);
        var answer = await Poll();
        Assert.Equal((200, null), (answer.Status, answer["scope"]));
        Assert.Equal(server.Base + "/", Claims(answer["access_token"]!)["aud"]!.ToString());
        Assert.Equal((400, "expired_token"), (await Poll()).OAuthError);
    }

    [Fact]
    public async Task User_and_password_give_a_refresh_token_which_goes_on()
    {
        var tenant = await server.Installation.Tokens.Keys.Tenant(default);
        var path = $"/{tenant}/oauth2/v2.0/token";
        var first = await server.Form(path, "grant_type", "password", "client_id", ArmServer.Client, "username", server.Root.Id, "password", server.Root.Secret, "scope", Scope, "client_info", "1");
        Assert.Equal(200, first.Status);
        var info = JsonNode.Parse(Base64Url.DecodeFromChars(first["client_info"]!))!;
        Assert.Equal($"{tenant}", info["utid"]!.ToString());
        var next = await server.Form(path, "grant_type", "refresh_token", "client_id", ArmServer.Client, "refresh_token", first["refresh_token"]!, "scope", "https://storage.azure.com/.default");
        Assert.Equal("https://storage.azure.com", Claims(next["access_token"]!)["aud"]!.ToString());
        Assert.NotEqual(first["refresh_token"], next["refresh_token"]);
        Assert.Equal((400, "invalid_grant"), (await server.Form(path, "grant_type", "refresh_token", "client_id", "another", "refresh_token", next["refresh_token"]!)).OAuthError);
    }

    [Theory]
    [InlineData("invalid_grant", "grant_type=password&client_id=az&username=KEY&password=wrong")]
    [InlineData("invalid_grant", "grant_type=refresh_token&client_id=az&refresh_token=2026010203.abcdefghijkl")]
    [InlineData("invalid_client", "grant_type=client_credentials&client_id=KEY&client_secret=wrong")]
    [InlineData("invalid_scope", "grant_type=client_credentials&client_id=KEY&client_secret=SECRET&scope=https%3A%2F%2Fa%2F.default+https%3A%2F%2Fb%2F.default")]
    [InlineData("invalid_scope", "grant_type=client_credentials&client_id=KEY&client_secret=SECRET&scope=nothing")]
    [InlineData("unsupported_grant_type", "grant_type=magic")]
    [InlineData("invalid_request", "client_id=az")]
    [InlineData("invalid_request", "grant_type=password&grant_type=password")]
    [InlineData("invalid_request", "grant_type=password&client_id=az")]
    public async Task Bad_requests_get_the_codes_of_OAuth(string error, string form)
    {
        var body = form.Replace("KEY", server.Root.Id, StringComparison.Ordinal).Replace("SECRET", Uri.EscapeDataString(server.Root.Secret), StringComparison.Ordinal);
        var answer = await server.Send("POST", TokenPath, new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"));
        Assert.Equal((400, error), answer.OAuthError);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task An_oversized_form_is_refused()
    {
        var answer = await server.Form(TokenPath, "grant_type", "password", "x", new string('x', 70_000));
        Assert.Equal((400, "invalid_request"), answer.OAuthError);
    }

    [Fact]
    public async Task A_secret_may_come_in_the_header_as_clients_of_OAuth_do_it()
    {
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials")]);
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{server.Root.Id}:{Uri.EscapeDataString(server.Root.Secret)}"));
        Assert.Equal(200, (await server.Send("POST", TokenPath, form, ("Authorization", "Basic " + basic))).Status);
    }

    [Fact]
    public async Task No_object_becomes_a_script_that_stands_before_the_pages() =>
        Assert.Equal(403, (await server.Send("GET", "/adfs/worker.js", null, ("Service-Worker", "script"))).Status);
}
