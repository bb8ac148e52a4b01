using System.IO.Pipelines;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.Iam;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Console;

public sealed partial class UserTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private async Task<Browser> WithUser(AccessKey key, string name)
    {
        var browser = await server.SignedIn(key);
        await browser.Get("new-user");
        Assert.Equal(303, (await browser.Post("new-user", "name", name)).Status);
        return browser;
    }

    [GeneratedRegex("Secret key</dt><dd><code class=\"secret\">([^<]+)</code>")]
    private static partial Regex Secret();

    [Fact]
    public async Task A_secret_is_told_once_and_signs_in()
    {
        var browser = await WithUser(server.Root, "keyed");
        var made = await browser.Post("user?name=keyed", "do", "create");
        Assert.Equal((200, "no-store"), (made.Status, made.Header("Cache-Control")));
        var secret = WebUtility.HtmlDecode(Secret().Match(made.Text).Groups[1].Value);
        var key = Assert.Single(await server.Installation.Accounts.Keys(server.Root.Account, await server.Installation.Accounts.FindUser(server.Root.Account, "keyed", default), default).ToListAsync());
        Assert.Equal(key.Secret, secret);
        Assert.DoesNotContain(secret, WebUtility.HtmlDecode((await browser.Get("user?name=keyed")).Text), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, made.Header("Set-Cookie") ?? "", StringComparison.Ordinal);
        var user = await server.SignedIn(key);
        Assert.Contains("You may not see the users", (await user.Get("users")).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await browser.Post("user?name=keyed", "do", "disable", "key", key.Id)).Status);
        Assert.Equal(303, (await user.Get("keys")).Status); // to the sign-in
        Assert.Equal(303, (await browser.Post("user?name=keyed", "do", "enable", "key", key.Id)).Status);
        Assert.Equal(200, (await user.Get("keys")).Status);
        Assert.Equal(200, (await browser.Post("user?name=keyed", "do", "create")).Status);
        var third = await browser.Post("user?name=keyed", "do", "create");
        Assert.Equal(409, third.Status);
        Assert.Contains("There are as many as there may be", third.Text, StringComparison.Ordinal);
        Assert.Contains(key.Id, (await browser.Get($"user/delete-key?name=keyed&key={key.Id}")).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await browser.Post($"user/delete-key?name=keyed&key={key.Id}")).Status);
        Assert.Null(await server.Installation.Accounts.FindKey(key.Id, default));
    }

    [Fact]
    public async Task A_user_is_deleted_by_its_name_with_its_keys_and_policies()
    {
        var browser = await WithUser(server.Root, "leaving");
        await browser.Post("user?name=leaving", "do", "create");
        await browser.Post("user/policy?name=leaving", "policy", "p", "document", """{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""");
        var page = (await browser.Get("user/delete?name=leaving")).Text;
        Assert.Contains("policies: p", page, StringComparison.Ordinal);
        Assert.Equal(400, (await browser.Post("user/delete?name=leaving", "name", "leavin")).Status);
        Assert.NotNull(await server.Installation.Accounts.FindUser(server.Root.Account, "leaving", default));
        Assert.Equal(303, (await browser.Post("user/delete?name=leaving", "name", "leaving")).Status);
        Assert.Null(await server.Installation.Accounts.FindUser(server.Root.Account, "leaving", default));
        Assert.Equal(404, (await browser.Get("user?name=leaving")).Status);
    }

    [Theory]
    [InlineData("{\n\"Statement\": nonsense}", "line 2, byte ")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"get","Resource":"*"}]}""", "Policy has invalid action (statement 2, Action)")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*"}}""", "Missing required field Resource (statement 1)")]
    public async Task A_policy_that_is_refused_is_kept_with_the_place_and_the_reason(string document, string found)
    {
        var name = "refused-" + Guid.NewGuid().ToString("n")[..8];
        var browser = await WithUser(server.Root, name);
        var answer = await browser.Post($"user/policy?name={name}", "policy", "mine", "document", document);
        Assert.Equal(400, answer.Status);
        var text = WebUtility.HtmlDecode(answer.Text);
        Assert.Contains(found, text, StringComparison.Ordinal);
        Assert.Contains(document, text, StringComparison.Ordinal);
        Assert.Empty((await server.Installation.Accounts.FindUser(server.Root.Account, name, default))!.Policies);
    }

    [Fact]
    public async Task Templates_are_policies_that_hold()
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("new-user");
        Assert.Equal(400, (await browser.Post("new-user", "name", "templated", "template", "one-bucket", "bucket", "x\"]}")).Status);
        Assert.Equal(303, (await browser.Post("new-user", "name", "templated", "template", "one-bucket", "bucket", "templated-bucket")).Status);
        Assert.Contains("on what is in templated-bucket", (await browser.Get("user?name=templated")).Text, StringComparison.Ordinal);
        await browser.Post("new-bucket", "name", "templated-bucket");
        await browser.Post("new-bucket", "name", "templated-other");
        var user = (await server.Installation.Accounts.FindUser(server.Root.Account, "templated", default))!;
        var signedIn = await server.SignedIn((await server.Installation.Accounts.CreateKey(server.Root.Account, user, null, null, default)).Value);
        Assert.Equal(200, (await signedIn.Get("buckets/templated-bucket")).Status);
        Assert.Equal(403, (await signedIn.Get("buckets/templated-other")).Status);
        // A policy that is new takes no other's place.
        Assert.Equal(409, (await browser.Post("user/policy?name=templated", "policy", "one-bucket", "document", PolicyText("*"))).Status);
        Assert.Equal(303, (await browser.Post("user/policy?name=templated&policy=one-bucket", "document", PolicyText("*"))).Status);
        Assert.Equal(200, (await signedIn.Get("buckets/templated-other")).Status);
        Assert.Equal(303, (await browser.Post("user/delete-policy?name=templated&policy=one-bucket")).Status);
        Assert.Equal(403, (await signedIn.Get("buckets/templated-other")).Status);
    }

    [Fact]
    public async Task Users_are_of_ones_own_account_and_as_ones_policies_say()
    {
        var root = await WithUser(server.Root, "secluded");
        var other = await server.SignedIn(server.Other);
        await other.Get("new-user");
        Assert.DoesNotContain("secluded", (await other.Get("users")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await other.Get("user?name=secluded")).Status);
        Assert.Equal(404, (await other.Post("user?name=secluded", "do", "create")).Status);
        Assert.Equal(404, (await other.Post("user/delete?name=secluded", "name", "secluded")).Status);
        Assert.Equal(404, (await other.Post("user/policy?name=secluded", "policy", "p", "document", PolicyText("*"))).Status);
        var limited = await server.SignedIn(await server.User("onlooker", """["iam:ListUsers","iam:GetUser"]""", "\"*\""));
        await limited.Get("new-user");
        Assert.Contains("secluded", (await limited.Get("users")).Text, StringComparison.Ordinal);
        Assert.Contains("You may not see them", (await limited.Get("user?name=secluded")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await limited.Post("new-user", "name", "by-onlooker")).Status);
        Assert.Equal(403, (await limited.Post("user?name=secluded", "do", "create")).Status);
        Assert.Equal(403, (await limited.Post("user/delete?name=secluded", "name", "secluded")).Status);
        Assert.Equal(403, (await limited.Post("user/policy?name=onlooker", "policy", "more", "document", PolicyText("*"))).Status);
        Assert.NotNull(await server.Installation.Accounts.FindUser(server.Root.Account, "secluded", default));
        Assert.Equal(200, (await root.Get("roles")).Status);
    }

    [Fact]
    public async Task Names_with_markup_are_text()
    {
        var browser = await WithUser(server.Root, "..");
        Assert.Contains(">..</h1>", (await browser.Get("user?name=..")).Text, StringComparison.Ordinal);
        var markup = Uri.EscapeDataString("<img src=x onerror=alert(1)>");
        foreach (var page in new[] { $"users?q={markup}", $"users?deleted={markup}", $"user?name={markup}", $"user?name=..&done=saved&policy={markup}", $"user/delete-key?name={markup}&key={markup}", $"user/policy?name=..&bucket={markup}&template=one-bucket", $"keys/delete?key={markup}" })
            Assert.DoesNotContain("<img", (await browser.Get(page)).Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nothing_that_comes_over_the_wire_asks_IAM_unsigned()
    {
        // The service alone names nothing, and neither it nor the key is anything that a request could say.
        Assert.Null(IamService.Of(new("POST", "/", "", new HeaderDictionary(), PipeReader.Create(Stream.Null), 0, null, false) { SignedInService = "iam" }));
        foreach (var (target, header) in new[] { ("/", "SignedInService"), ("/?SignedInService=iam&SignedIn=" + server.Root.Id, "SignedIn"), ("/", "X-Signed-In") })
        {
            using var form = new FormUrlEncodedContent([new("Action", "CreateUser"), new("Version", "2010-05-08"), new("UserName", "forged"), new("SignedIn", server.Root.Id), new("SignedInService", "iam")]);
            var answer = await server.Send(HttpMethod.Post, target, null, form, (header, "iam"), ("SignedIn", server.Root.Id));
            Assert.InRange(answer.Status, 400, 499);
        }
        Assert.Null(await server.Installation.Accounts.FindUser(server.Root.Account, "forged", default));
        // In the process a key asks IAM, and never what a certificate is enough for.
        var within = new WireRequest("POST", "/", "Action=AssumeRoleWithCertificate", new HeaderDictionary(), PipeReader.Create(Stream.Null), 0, null, false) { SignedIn = server.Root };
        Assert.Null(IamService.Of(within));
        Assert.Same(IamService.Iam, IamService.Of(within with { SignedInService = "iam" }));
    }

    private static string PolicyText(string action) => $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"{{{action}}}","Resource":"*"}}""";
}
