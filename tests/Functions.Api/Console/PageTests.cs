using System.Net;
using System.Text.RegularExpressions;
using ZenkoFunctions.Api.Console;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Console;

public sealed class PageTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private const string Markup = "<img src=x onerror=alert(1)>\"'&<svg onload=alert(1)>";

    private async Task<Browser> WithBucket(AccessKey key, string bucket)
    {
        var browser = await server.SignedIn(key);
        await browser.Get("new-bucket");
        Assert.Equal(303, (await browser.Post("new-bucket", "name", bucket)).Status);
        return browser;
    }

    [Fact]
    public async Task Markup_in_what_people_say_is_text()
    {
        var browser = await WithBucket(server.Root, "markup");
        var found = Uri.EscapeDataString(Markup);
        foreach (var page in new[] { $"buckets?q={found}", $"buckets?deleted={found}", $"buckets?by={found}", $"buckets/markup?prefix={found}", $"buckets/markup?prefix={found}%2F{found}&versions=1", $"buckets/markup/object?key={found}", $"buckets/{found}", $"sign-in?to={found}", $"link?code={found}", $"no/such/{found}" })
        {
            var text = (await browser.Get(page)).Text;
            Assert.DoesNotContain("<img", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<svg onload", text, StringComparison.OrdinalIgnoreCase);
        }
        Assert.Contains(WebUtility.HtmlEncode("<img src=x"), (await browser.Get($"buckets?deleted={found}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_account_sees_none_of_it()
    {
        await WithBucket(server.Root, "private-one");
        var other = await server.SignedIn(server.Other);
        Assert.DoesNotContain("private-one", (await other.Get("buckets")).Text, StringComparison.Ordinal);
        foreach (var page in (string[])["buckets/private-one", "buckets/private-one/settings", "buckets/private-one/delete", "buckets/private-one/object?key=k", "buckets/private-one/download?key=k"])
            Assert.Equal(403, (await other.Get(page)).Status);
        Assert.Equal(403, (await other.Post("buckets/private-one/delete", "name", "private-one")).Status);
        Assert.NotNull(await server.Installation.Buckets.Find("private-one", default));
    }

    [Fact]
    public async Task Policies_say_what_a_user_sees_and_may_do_as_they_are_at_that_moment()
    {
        await WithBucket(server.Root, "shared-one");
        await WithBucket(server.Root, "closed-one");
        var key = await server.User("reader", """["s3:ListAllMyBuckets","s3:ListBucket"]""", """["arn:aws:s3:::shared-one","arn:aws:s3:::*"]""");
        await server.Installation.Accounts.PutUserPolicy(server.Root.Account, "reader", new("q", """{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":["arn:aws:s3:::closed-one","arn:aws:s3:::closed-one/*"]}}"""), default);
        var reader = await server.SignedIn(key);
        Assert.Equal(200, (await reader.Get("buckets/shared-one")).Status);
        Assert.Equal(403, (await reader.Get("buckets/closed-one")).Status);
        Assert.Equal(403, (await reader.Post("new-bucket", "name", "reader-made")).Status);
        Assert.Contains("You may not see this", (await reader.Get("buckets/shared-one/settings")).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await reader.Get("")).Status);
        await server.Installation.Accounts.DeleteUserPolicy(server.Root.Account, "reader", "p", default);
        Assert.Equal(403, (await reader.Get("buckets/shared-one")).Status);
    }

    [Fact]
    public async Task An_owner_sees_what_each_bucket_holds_and_whoever_may_not_ask_sees_nothing()
    {
        var other = await WithBucket(server.Other, "others-own");
        Assert.Contains("0 bytes", (await other.Get("buckets?q=others-own")).Text, StringComparison.Ordinal);
        await WithBucket(server.Root, "unmeasured");
        var lister = await server.SignedIn(await server.User("lister", "\"s3:ListAllMyBuckets\"", "\"*\""));
        var page = (await lister.Get("buckets?q=unmeasured")).Text;
        Assert.Contains("unmeasured", page, StringComparison.Ordinal);
        Assert.DoesNotContain("0 bytes", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_no_bucket_can_have_asks_nothing_else()
    {
        var browser = await server.SignedIn(server.Root);
        foreach (var name in (string[])["_", "UPPER", "a%2fb", "_%2fmanagement"])
            Assert.Equal(400, (await browser.Get($"buckets/{name}/object?key=management/locations")).Status);
    }

    [Fact]
    public async Task What_is_the_installations_is_for_administrators()
    {
        var (root, other) = (await server.SignedIn(server.Root), await server.SignedIn(server.Other));
        Assert.Contains("Copies owed", (await root.Get("")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Copies owed", (await other.Get("")).Text, StringComparison.Ordinal);
        Assert.Contains("Locations are for administrators", (await other.Get("locations")).Text, StringComparison.Ordinal);
        Assert.Contains("</svg>far</a>", (await root.Get("locations")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_leads_to_where_objects_are_and_holds_for_a_while()
    {
        var browser = await WithBucket(server.Root, "downloads");
        Assert.Equal(404, (await browser.Get("buckets/downloads/download?key=missing")).Status);
        await server.Put("downloads", "a folder/ü \"%2F.txt", "its text", "text/plain");
        var answer = await browser.Get("buckets/downloads/download?key=" + Uri.EscapeDataString("a folder/ü \"%2F.txt"));
        var link = answer.Header("Location")!;
        Assert.Equal((303, ""), (answer.Status, answer.Text));
        Assert.StartsWith(server.Origin + "/downloads/", link, StringComparison.Ordinal);
        var got = await server.Follow(link);
        Assert.Equal((200, "its text"), (got.Status, got.Text));
        Assert.Equal(403, (await server.Follow(link + "&versionId=null")).Status);
        server.Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        Assert.Equal(403, (await server.Follow(link)).Status);
    }

    [Fact]
    public async Task A_page_among_the_objects_that_share_the_consoles_origin_runs_nothing()
    {
        var browser = await WithBucket(server.Root, "attacker");
        await server.Put("attacker", "evil.html", "<script>fetch('/_/console/buckets').then(r => r.text())</script>", "text/html");
        var link = (await browser.Get("buckets/attacker/download?key=evil.html")).Header("Location")!;
        var page = await server.Follow(link);
        Assert.Equal((200, "sandbox", "nosniff"), (page.Status, page.Header("Content-Security-Policy"), page.Header("X-Content-Type-Options")));
        var refused = await server.Get("/attacker/evil.html");
        Assert.Equal((403, "sandbox"), (refused.Status, refused.Header("Content-Security-Policy")));
        var bucketHost = await server.Send(HttpMethod.Get, "/evil.html", null, null, ("Host", "attacker.localhost"));
        Assert.Equal((403, null), (bucketHost.Status, bucketHost.Header("Content-Security-Policy")));
        // What it would be let run anyway: its requests come from no origin, and bring no cookie.
        Assert.Equal(403, (await browser.PostFrom("null", "cross-site", "new-bucket", "name", "forged")).Status);
    }

    [Fact]
    public async Task Copies_that_were_given_up_are_shown_to_whom_they_concern_and_sent_again_where_a_rule_asks_for_it()
    {
        var browser = await WithBucket(server.Root, "copied");
        await server.Put("copied", Markup.Replace("/", "", StringComparison.Ordinal), "text", "text/plain");
        var bucket = (await server.Installation.Buckets.Find("copied", default))!;
        var key = Markup.Replace("/", "", StringComparison.Ordinal);
        var version = (await server.Installation.Objects.Find(bucket, key, null, default)).Value.Version;
        await GiveUp();
        var page = (await browser.Get("replication/failed?site=far")).Text;
        Assert.Contains(">copied<", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        var other = (await (await server.SignedIn(server.Other)).Get("replication/failed?site=far")).Text;
        Assert.DoesNotContain("copied", other, StringComparison.Ordinal);
        var pick = WebUtility.HtmlDecode(Regex.Match(page, "name=\"pick0\" value=\"([^\"]+)\"").Groups[1].Value);
        Assert.Equal((303, "../replication/failed?site=far"), await Sent(browser, ["pick0", "bucket=other"]));
        foreach (string[] fields in (string[][])[["pick0", pick], ["one", pick]])
        {
            Assert.Equal((303, "../replication/failed?site=far&sent=0%20of%201"), await Sent(browser, fields));
            await GiveUp();
        }
        // No task can be started for a site that is not there.
        Assert.Equal(404, (await browser.Post("replication/failed?site=nowhere", "all", "1")).Status);

        ValueTask GiveUp() => server.Installation.FailedCopies.Add(
            new() { Site = "far", Bucket = "copied", BucketId = bucket.Id, Key = key, VersionId = version.PublicId, Size = 4, Modified = version.Modified }, default);

        static async Task<(int, string?)> Sent(Browser by, string[] fields)
        {
            var answer = await by.Post("replication/failed?site=far", fields);
            return (answer.Status, answer.Header("Location"));
        }
    }

    [Fact]
    public async Task Scripts_and_styles_are_few_and_kept_by_browsers_for_good()
    {
        Assert.InRange(Asset.All.Sum(asset => asset.Compressed), 1, 60 * 1024);
        foreach (var asset in Asset.All)
        {
            var answer = await server.Browser().Get("assets/" + asset.File);
            Assert.Equal((200, true), (answer.Status, answer.Header("Cache-Control")!.Contains("immutable", StringComparison.Ordinal)));
        }
        Assert.Equal(404, (await server.Browser().Get("assets/console.css")).Status);
        Assert.Equal(404, (await server.Browser().Get("assets/..%2f..%2fsecret")).Status);
    }

    [Fact]
    public async Task The_root_without_its_slash_leads_to_the_one_with_it()
    {
        var answer = await server.Send(HttpMethod.Get, "/_/console", null, null);
        Assert.Equal((308, "console/"), (answer.Status, answer.Header("Location")));
    }
}
