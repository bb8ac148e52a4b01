using System.Net;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Console;

public sealed class ObjectTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private const string Markup = "<img src=x onerror=alert(1)>\"'&<svg onload=alert(1)>";

    private async Task<Browser> WithBucket(string bucket, string? more = null)
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("new-bucket");
        Assert.Equal(303, (await browser.Post("new-bucket", more is null ? ["name", bucket] : ["name", bucket, more, "1"])).Status);
        return browser;
    }

    private async Task<ObjectVersion> Find(string bucket, string key) =>
        (await server.Installation.Objects.Find((await server.Installation.Buckets.Find(bucket, default))!, key, null, default)).Value.Version;

    [Fact]
    public async Task Text_is_shown_as_text_from_its_beginning_and_pictures_are_only_what_cannot_hold_a_script()
    {
        var browser = await WithBucket("previews");
        await server.Put("previews", "page.html", Markup + new string('x', 70_000), "text/html");
        var page = await browser.Get("buckets/previews/object?key=page.html");
        Assert.Contains(HtmlEncoder.Default.Encode("<img src=x"), page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page.Text, StringComparison.Ordinal);
        Assert.Contains("The beginning, 64 KiB", page.Text, StringComparison.Ordinal);
        Assert.InRange(page.Text.Length, 64 * 1024, 80 * 1024);
        Assert.Contains("img-src 'self';", page.Header("Content-Security-Policy"), StringComparison.Ordinal);

        await server.Put("previews", "a \"b\".png", "no picture at all", "IMAGE/PNG; x=y");
        page = await browser.Get("buckets/previews/object?key=" + Uri.EscapeDataString("a \"b\".png"));
        Assert.Contains($"img-src 'self' {server.Origin};", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        var link = WebUtility.HtmlDecode(Regex.Match(page.Text, "<img src=\"([^\"]+)\"").Groups[1].Value);
        var got = await server.Follow(link);
        Assert.Equal((200, "no picture at all"), (got.Status, got.Text));
        Assert.Contains("response-content-type=image%2Fpng", link, StringComparison.Ordinal);

        foreach (var (key, type) in ((string, string)[])[("a.svg", "image/svg+xml"), ("a.bin", "application/octet-stream"), ("a.png.html", "application/xhtml+xml")])
        {
            await server.Put("previews", key, "<script/>", type);
            Assert.DoesNotContain("<img", (await browser.Get("buckets/previews/object?key=" + key)).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metadata_is_replaced_by_a_copy_that_keeps_the_rest_and_nobody_elses_change_is_lost()
    {
        var browser = await WithBucket("metadata", "versioning");
        await server.Put("metadata", "a", "its text", "text/plain");
        const string Form = "buckets/metadata/object/metadata?key=a";
        var etag = WebUtility.HtmlDecode(Regex.Match((await browser.Get(Form)).Text, "name=\"etag\" value=\"([^\"]+)\"").Groups[1].Value);
        Assert.Equal(303, (await browser.Post("buckets/metadata/object/tags?key=a", "name0", Markup[..20].Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal), "value0", "v")).Status);
        foreach (string[] wrong in (string[][])[["name0", "no name", "value0", "x"], ["name0", "a", "value0", "x\r\ny: z"], ["name0", "a", "value0", "1", "name1", "A", "value1", "2"]])
        {
            var refused = await browser.Post(Form, ["etag", etag, "Content-Type", Markup, .. wrong]);
            Assert.Equal(400, refused.Status);
            Assert.Contains(HtmlEncoder.Default.Encode(Markup), refused.Text, StringComparison.Ordinal);
        }
        Assert.Equal("text/plain", (await Find("metadata", "a")).Headers["Content-Type"]);
        Assert.Equal(303, (await browser.Post(Form, "etag", etag, "Content-Type", "text/html", "Cache-Control", "max-age=5", "name0", "Note", "value0", "ü " + Markup)).Status);
        var version = await Find("metadata", "a");
        Assert.Equal(("text/html", "max-age=5", 8L, 1), (version.Headers["Content-Type"], version.Headers["Cache-Control"], version.Size, version.Tags!.Count));
        var page = (await browser.Get("buckets/metadata/object?key=a")).Text;
        Assert.Contains(HtmlEncoder.Default.Encode("ü " + Markup), page, StringComparison.Ordinal);
        Assert.DoesNotContain("<svg onload", page, StringComparison.Ordinal);
        await server.Put("metadata", "a", "another", "text/plain");
        var late = await browser.Post(Form, "etag", etag, "Content-Type", "text/late");
        Assert.Equal(400, late.Status);
        Assert.Contains("Somebody has changed the object", late.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_to_go_is_named_first_and_goes_only_when_that_is_meant()
    {
        var browser = await WithBucket("deletions");
        foreach (var key in (string[])[Markup, " blanks ", "control\u0001"]) await server.Put("deletions", key, "x", "text/plain");
        var listed = (await browser.Get("buckets/deletions")).Text;
        var picks = Regex.Matches(listed, "name=\"(pick[0-9]+)\" value=\"([^\"]+)\"").SelectMany(found => new[] { found.Groups[1].Value, WebUtility.HtmlDecode(found.Groups[2].Value) }).ToArray();
        Assert.Equal(6, picks.Length);
        var asked = await browser.Post("buckets/deletions/delete-objects", picks);
        Assert.Equal(200, asked.Status);
        Assert.Contains("goes for good", asked.Text, StringComparison.Ordinal);
        Assert.Contains(HtmlEncoder.Default.Encode(Markup), asked.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", asked.Text, StringComparison.Ordinal);
        Assert.Equal(1, (await Find("deletions", Markup)).Size);
        var done = await browser.Post("buckets/deletions/delete-objects", [.. picks, "sure", "1"]);
        Assert.Equal((303, "../../buckets/deletions?deleted=3"), (done.Status, done.Header("Location")));
        Assert.Contains("Nothing in this bucket yet", (await browser.Get("buckets/deletions")).Text, StringComparison.Ordinal);
        // Nothing chosen, half versions and half objects: back to where they are chosen.
        Assert.Equal(303, (await browser.Post("buckets/deletions/delete-objects", "sure", "1")).Status);
        Assert.Equal(303, (await browser.Post("buckets/deletions/delete-objects", "sure", "1", "pick0", "key=a", "pick1", "key=a&version=null")).Status);
    }

    [Fact]
    public async Task Undeleting_removes_a_marker_and_never_a_version()
    {
        var browser = await WithBucket("markers", "versioning");
        await server.Put("markers", "a", "its text", "text/plain");
        var version = (await Find("markers", "a")).PublicId;
        Assert.Equal(303, (await browser.Post($"buckets/markers/object/undelete?key=a&version={version}")).Status);
        Assert.Equal(303, (await browser.Post("buckets/markers/object/undelete?key=a")).Status);
        Assert.Equal(version, (await Find("markers", "a")).PublicId);
        Assert.Equal(303, (await browser.Post("buckets/markers/delete-objects", "pick0", "key=a", "sure", "1")).Status);
        var page = (await browser.Get("buckets/markers?versions=1")).Text;
        var marker = WebUtility.HtmlDecode(Regex.Match(page, "object\\?key=a&amp;version=([^\"]+)\"[^>]*>(?=<svg[^>]*><path d=\"M5 2.500h6.500L15.500 6.500v11H5zM8)").Groups[1].Value);
        Assert.NotEqual(version, marker);
        var undone = await browser.Post($"buckets/markers/object/undelete?key=a&version={marker}");
        Assert.Equal((303, "../../../buckets/markers/object?key=a&done=undeleted"), (undone.Status, undone.Header("Location")));
        Assert.Equal(version, (await Find("markers", "a")).PublicId);
    }

    [Fact]
    public async Task Who_may_only_read_changes_nothing_and_another_account_sees_nothing()
    {
        var browser = await WithBucket("guarded", "lock");
        await server.Put("guarded", "a", "secret text", "text/plain");
        var version = (await Find("guarded", "a")).PublicId;
        AccessKey[] keys = [await server.User("object-reader", """["s3:ListBucket","s3:ListBucketVersions","s3:GetObject","s3:GetObjectVersion"]""", "\"*\""), server.Other];
        foreach (var key in keys)
        {
            var other = await server.SignedIn(key);
            await other.Get("new-bucket");
            var isReader = key != server.Other;
            Assert.Equal(isReader ? 200 : 403, (await other.Get("buckets/guarded/object?key=a")).Status);
            Assert.Equal(isReader, (await other.Get("buckets/guarded/object?key=a")).Text.Contains("secret text", StringComparison.Ordinal));
            foreach (var (path, fields) in ((string, string[])[])
            [
                ("object/metadata?key=a", ["etag", "x", "Content-Type", "text/evil"]), ("object/tags?key=a", ["name0", "a", "value0", "b"]), ($"object/restore?key=a&version={version}", []),
                ("object/lock?key=a", ["do", "hold"]), ("object/lock?key=a", ["do", "retain", "mode", "GOVERNANCE", "until", "2100-01-01"]), ("delete-objects", ["sure", "1", "pick0", "key=a"]),
                ("delete-objects", ["sure", "1", "pick0", "key=a&version=" + version]),
            ])
                Assert.Equal(403, (await other.Post("buckets/guarded/" + path, fields)).Status);
            Assert.Equal(isReader ? 200 : 403, (await other.Post("buckets/guarded/object/share?key=a", "lifetime", "0")).Status);
        }
        var left = await Find("guarded", "a");
        Assert.Equal((version, "text/plain", null, null), (left.PublicId, left.Headers["Content-Type"], left.Tags, left.LegalHold));
        // And who may, once compliance is confirmed alone.
        Assert.Equal(400, (await browser.Post("buckets/guarded/object/lock?key=a", "do", "retain", "mode", "COMPLIANCE", "until", "2100-01-01")).Status);
        Assert.Null((await Find("guarded", "a")).Retention);
        Assert.Equal(303, (await browser.Post("buckets/guarded/object/lock?key=a", "do", "retain", "mode", "GOVERNANCE", "until", "2100-01-01")).Status);
        Assert.Equal(403, (await browser.Post("buckets/guarded/delete-objects", "sure", "1", "pick0", "key=a&version=" + version)).Status);
        Assert.Equal(303, (await browser.Post("buckets/guarded/delete-objects", "sure", "1", "bypass", "1", "pick0", "key=a&version=" + version)).Status);
    }

    [Fact]
    public async Task A_shared_link_holds_as_long_as_was_chosen_and_is_shown_once()
    {
        var browser = await WithBucket("shared");
        await server.Put("shared", "a b", "its text", "text/plain");
        Assert.Equal(404, (await browser.Post("buckets/shared/object/share?key=missing", "lifetime", "0")).Status);
        Assert.Equal(303, (await browser.Post("buckets/shared/object/share?key=a%20b", "lifetime", "6")).Status);
        var page = (await browser.Post("buckets/shared/object/share?key=a%20b", "lifetime", "1")).Text;
        var link = WebUtility.HtmlDecode(Regex.Match(page, "id=\"link\" value=\"([^\"]+)\"").Groups[1].Value);
        Assert.Equal("its text", (await server.Follow(link)).Text);
        Assert.DoesNotContain("X-Amz-Signature", (await browser.Get("buckets/shared/object/share?key=a%20b")).Text, StringComparison.Ordinal);
        server.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.Equal(403, (await server.Follow(link)).Status);
    }

    [Fact]
    public async Task A_page_of_a_large_folder_is_one_page_of_its_listing()
    {
        var browser = await WithBucket("large-folder");
        var bucket = (await server.Installation.Buckets.Find("large-folder", default))!;
        await Parallel.ForAsync(0, 1500, async (i, _) => await server.Put("large-folder", $"k{i:0000}", "x", "text/plain"));
        Assert.Equal((100, 1), await Cost("buckets/large-folder"));
        await WithBucket("small-folder");
        for (var i = 0; i < 100; i++) await server.Put("small-folder", $"k{i:0000}", "x", "text/plain");
        Assert.Equal((100, 1), await Cost("buckets/small-folder"));

        async Task<(int Rows, long Listings)> Cost(string path)
        {
            var before = server.Asked("ListObjectsV2");
            var page = await browser.Get(path);
            return (Regex.Count(page.Text, "name=\"pick[0-9]+\""), server.Asked("ListObjectsV2") - before);
        }
    }
}
