using System.Net;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Console;

/// <summary>Settings of buckets in the console: whose they are, and what stands in them.</summary>
public sealed class SettingsTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private async Task<Bucket> Bucket(string name) => (await server.Installation.Buckets.Create(name, server.Root.Account, "", default)).Value;

    public static TheoryData<string> Editors => ["quota", "versioning", "encryption", "policy", "public-access", "ownership", "grants", "cors", "notifications", "website", "logging", "payer", "redirect", "tags"];

    [Theory, MemberData(nameof(Editors))]
    public async Task Every_form_is_shown_to_the_owner_and_kept_from_others(string editor)
    {
        await Bucket($"forms-{editor}");
        Assert.Equal(200, (await (await server.SignedIn(server.Root)).Get($"buckets/forms-{editor}/settings/{editor}")).Status);
        var other = await (await server.SignedIn(server.Other)).Get($"buckets/forms-{editor}/settings/{editor}");
        Assert.Equal(403, other.Status);
        Assert.DoesNotContain("<textarea", other.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_look_but_not_change_is_told_and_changes_nothing()
    {
        await Bucket("looked-at");
        var browser = await server.SignedIn(await server.User("looker", "[\"s3:Get*\",\"s3:List*\"]", "\"*\""));
        await browser.Get("buckets/looked-at/settings/tags");
        var refused = await browser.Post("buckets/looked-at/settings/tags", "key.0", "<b>a", "value.0", "b");
        Assert.Equal(403, refused.Status);
        // What was typed is kept.
        Assert.Contains("value=\"&lt;b&gt;a\"", refused.Text, StringComparison.Ordinal);
        Assert.Equal(403, (await browser.Post("buckets/looked-at/empty", "name", "looked-at")).Status);
        Assert.Null((await server.Installation.Buckets.Find("looked-at", default))!.Get(BucketSettings.Tagging));
        Assert.Null(await server.Installation.Walks.Find("empty.all.looked-at", default));
    }

    [Fact]
    public async Task What_others_have_set_is_text()
    {
        await Bucket("hostile");
        var browser = await server.SignedIn(server.Root);
        await browser.Get("buckets/hostile/settings/website");
        Assert.Equal(303, (await browser.Post("buckets/hostile/settings/website", "index", "\"><img src=x>", "error", "<script>x</script>")).Status);
        foreach (var page in new[] { "buckets/hostile/settings", "buckets/hostile/settings/website" })
        {
            var shown = await browser.Get(page);
            Assert.DoesNotContain("<script>x", shown.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", shown.Text, StringComparison.Ordinal);
            Assert.Contains("\"><img src=x>", WebUtility.HtmlDecode(shown.Text), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_form_that_makes_no_sense_is_shown_again_and_one_that_is_none_is_not_found()
    {
        await Bucket("nonsense");
        var browser = await server.SignedIn(server.Root);
        await browser.Get("buckets/nonsense/settings/quota");
        foreach (var (editor, name, value) in new[] { ("quota", "amount", "many"), ("redirect", "from", "-1"), ("cors", "origins.0", "https://a.example"), ("notifications", "events.0.s3:ObjectCreated:*", "1"), ("tags", "value.1", "x") })
        {
            var refused = await browser.Post($"buckets/nonsense/settings/{editor}", name, value, "unit", "GiB");
            Assert.Equal(400, refused.Status);
            Assert.Contains("role=\"alert\"", refused.Text, StringComparison.Ordinal);
        }
        Assert.Equal(404, (await browser.Get("buckets/nonsense/settings/anything")).Status);
        Assert.Equal(400, (await browser.Post("buckets/nonsense/empty", "name", "another")).Status);
        Assert.Null(await server.Installation.Walks.Find("empty.all.nonsense", default));
        Assert.Equal(303, (await browser.Post("buckets/nonsense/empty", "name", "nonsense")).Status);
        Assert.NotNull(await server.Installation.Walks.Find("empty.all.nonsense", default));
    }

    [Fact]
    public async Task What_a_form_does_not_show_stays()
    {
        var setting = new WebsiteSetting { IndexSuffix = "a", Rules = [new() { KeyPrefix = "old/", NewPrefix = "new/" }] };
        await server.Installation.Buckets.Change<WebsiteSetting>(await Bucket("kept"), BucketSettings.Website, _ => setting, default);
        var browser = await server.SignedIn(server.Root);
        await browser.Get("buckets/kept/settings/website");
        Assert.Equal(303, (await browser.Post("buckets/kept/settings/website", "index", "b")).Status);
        var website = (await server.Installation.Buckets.Find("kept", default))!.Get(BucketSettings.Website)!;
        Assert.Equal(("b", "old/", "new/"), (website.IndexSuffix, website.Rules.Single().KeyPrefix, website.Rules.Single().NewPrefix));
    }
}
