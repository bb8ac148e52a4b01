using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZenkoFunctions.Api.Console.Pages;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Console;

public sealed class UploadTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private const long MiB = 1024 * 1024;

    private async Task<Browser> WithBucket(AccessKey key, string bucket)
    {
        var browser = await server.SignedIn(key);
        await browser.Get("new-bucket");
        Assert.Equal(303, (await browser.Post("new-bucket", "name", bucket)).Status);
        return browser;
    }

    private static async Task<(int Status, JsonElement Told)> Ask(Browser browser, string path, params string[] fields)
    {
        var answer = await browser.Post(path, fields);
        return (answer.Status, JsonDocument.Parse(answer.Text).RootElement);
    }

    private Task<BrowserAnswer> Put(string link, string text, params (string, string)[] headers)
    {
        Assert.StartsWith(server.Origin + "/", link, StringComparison.Ordinal);
        return server.Send(HttpMethod.Put, link[server.Origin.Length..], null, new ByteArrayContent(Encoding.UTF8.GetBytes(text)), headers);
    }

    [Fact]
    public async Task A_small_file_goes_by_one_link_and_one_that_is_there_is_not_replaced_unasked()
    {
        var browser = await WithBucket(server.Root, "small-files");
        var key = " a folder/ü \"%2F.txt ";
        var (status, told) = await Ask(browser, "buckets/small-files/upload", "key", key, "size", "8", "type", "text/plain");
        Assert.Equal(200, status);
        var sent = await Put(told.GetProperty("link").GetString()!, "its text");
        Assert.Equal(200, sent.Status);
        var bucket = (await server.Installation.Buckets.Find("small-files", default))!;
        Assert.Equal(8, (await server.Installation.Objects.Find(bucket, key, null, default)).Value.Version.Size);
        Assert.True((await Ask(browser, "buckets/small-files/upload", "key", key, "size", "8")).Told.GetProperty("exists").GetBoolean());
        var again = (await Ask(browser, "buckets/small-files/upload", "key", key, "size", "8", "replace", "1")).Told.GetProperty("link").GetString()!;
        Assert.Equal(403, (await Put(again.Replace("small-files", "other-files", StringComparison.Ordinal), "x")).Status);
        server.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        Assert.Contains("expired", (await Put(again, "x")).Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_of_which_the_server_tells_what_has_arrived()
    {
        var browser = await WithBucket(server.Root, "large-files");
        string[] named = ["key", "film.mp4"];
        var (_, begun) = await Ask(browser, "buckets/large-files/upload", [.. named, "size", $"{17 * MiB}", "type", "video/mp4"]);
        Assert.Equal(8 * MiB, begun.GetProperty("part").GetInt64());
        string[] upload = [.. named, "upload", begun.GetProperty("upload").GetString()!];
        var links = (await Ask(browser, "buckets/large-files/upload/sign", [.. upload, "parts", "2,1"])).Told.GetProperty("links").EnumerateArray().Select(link => link.GetString()!).ToList();
        var second = (await Put(links[0], "end")).Header("ETag")!.Trim('"');
        Assert.Equal($"[[2,3,\"{second}\"]]", (await Ask(browser, "buckets/large-files/upload/parts", upload)).Told.GetProperty("parts").GetRawText());
        var first = (await Put(links[1], new string('x', (int)(5 * MiB)))).Header("ETag")!.Trim('"');
        Assert.Equal((400, "InvalidPart"), await Code("complete", [.. upload, "etags", second + "," + first]));
        Assert.Equal(200, (await Ask(browser, "buckets/large-files/upload/complete", [.. upload, "etags", first + "," + second])).Status);
        var bucket = (await server.Installation.Buckets.Find("large-files", default))!;
        var version = (await server.Installation.Objects.Find(bucket, "film.mp4", null, default)).Value.Version;
        Assert.Equal((5 * MiB + 3, "video/mp4"), (version.Size, version.Headers["Content-Type"]));

        (_, begun) = await Ask(browser, "buckets/large-files/upload", "key", "no.bin", "size", $"{17 * MiB}");
        upload = ["key", "no.bin", "upload", begun.GetProperty("upload").GetString()!];
        Assert.Equal(200, (await Ask(browser, "buckets/large-files/upload/abort", upload)).Status);
        Assert.Equal((404, "NoSuchUpload"), await Code("parts", upload));

        async Task<(int, string?)> Code(string path, string[] fields)
        {
            var (status, told) = await Ask(browser, "buckets/large-files/upload/" + path, fields);
            return (status, told.GetProperty("code").GetString());
        }
    }

    [Theory]
    [InlineData(17 * MiB, 8)]
    [InlineData(80_000 * MiB, 8)]
    [InlineData(80_000 * MiB + 1, 9)]
    [InlineData(640_000 * MiB, 64)]
    public void Parts_are_as_small_as_ten_thousand_may_be_and_pass_where_100_MB_do(long size, long part) => Assert.Equal(part * MiB, Upload.PartSize(size));

    [Theory]
    [InlineData("key", "", "size", "1")]
    [InlineData("key", "a/../b", "size", "1")]
    [InlineData("key", "a", "size", "-1")]
    [InlineData("key", "a", "size", "671088640001")]
    [InlineData("key", "a", "size", "x")]
    public async Task What_cannot_be_sent_is_refused_and_nothing_is_begun(params string[] fields)
    {
        var browser = await server.SignedIn(server.Root);
        await browser.Get("new-bucket");
        Assert.Equal(400, (await Ask(browser, "buckets/nowhere/upload", fields)).Status);
        foreach (var parts in (string[])["", "0", "10001", "1,x", string.Join(',', Enumerable.Range(1, 33))])
            Assert.Equal(400, (await Ask(browser, "buckets/nowhere/upload/sign", "key", "a", "upload", "u", "parts", parts)).Status);
    }

    [Fact]
    public async Task Who_may_not_write_begins_nothing_and_gets_no_use_of_a_link()
    {
        await WithBucket(server.Root, "no-uploads");
        var reader = await server.SignedIn(await server.User("upload-reader", "\"s3:ListBucket\"", "\"*\""));
        Assert.Equal(200, (await reader.Get("buckets/no-uploads")).Status);
        var (status, told) = await Ask(reader, "buckets/no-uploads/upload", "key", "a", "size", $"{17 * MiB}");
        Assert.Equal((403, "AccessDenied"), (status, told.GetProperty("code").GetString()));
        var link = (await Ask(reader, "buckets/no-uploads/upload", "key", "a", "size", "1")).Told.GetProperty("link").GetString()!;
        Assert.Equal(403, (await Put(link, "x")).Status);
        var other = await server.SignedIn(server.Other);
        await other.Get("new-bucket");
        Assert.Equal(403, (await Ask(other, "buckets/no-uploads/upload", "key", "a", "size", $"{17 * MiB}")).Status);
        Assert.Equal(403, (await other.Post("buckets/no-uploads/folder", "name", "theirs")).Status);
        other.Token = null;
        Assert.Equal(403, (await other.Post("buckets/no-uploads/upload", "key", "a", "size", "1")).Status);
    }

    [Fact]
    public async Task Folders_are_created_with_names_that_can_be_and_shown_as_text()
    {
        var browser = await WithBucket(server.Root, "folders");
        foreach (var name in (string[])["/", "..", "a//b"]) Assert.Equal(400, (await browser.Post("buckets/folders/folder", "name", name)).Status);
        var made = await browser.Post("buckets/folders/folder?prefix=2026/", "name", "<b>summer</b>");
        Assert.Equal((303, "../../buckets/folders?prefix=2026%2F%3Cb%3Esummer%3C%2Fb%3E%2F&folder=1"), (made.Status, made.Header("Location")));
        Assert.DoesNotContain("<b>", (await browser.Get("buckets/folders?prefix=2026/")).Text, StringComparison.Ordinal);
        // Another of that name is the same.
        Assert.Equal(303, (await browser.Post("buckets/folders/folder?prefix=2026/", "name", "<b>summer</b>")).Status);
    }

    [Fact]
    public async Task Pages_of_the_consoles_origin_alone_may_send_and_only_by_links_and_without_cookies()
    {
        var browser = await WithBucket(server.Root, "cross-origin");
        var page = await browser.Get("buckets/cross-origin");
        Assert.Contains($"connect-src 'self' {server.Origin};", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("connect-src 'self';", (await browser.Get("buckets")).Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Matches(new Regex("""<script src="[^"]*upload\.[0-9a-f]+\.js" defer>"""), page.Text);
        Assert.DoesNotContain("upload.", (await browser.Get("buckets")).Text, StringComparison.Ordinal);

        var link = (await Ask(browser, "buckets/cross-origin/upload", "key", "a", "size", "1")).Told.GetProperty("link").GetString()!;
        var target = link[server.Origin.Length..];
        var answer = await Preflight(target, server.Origin, "PUT", "content-type");
        Assert.Equal((200, server.Origin, "PUT", null), (answer.Status, answer.Header("Access-Control-Allow-Origin"), answer.Header("Access-Control-Allow-Methods"), answer.Header("Access-Control-Allow-Credentials")));
        var sent = await Put(link, "x", ("Origin", server.Origin));
        Assert.Equal((200, server.Origin, "ETag", null), (sent.Status, sent.Header("Access-Control-Allow-Origin"), sent.Header("Access-Control-Expose-Headers"), sent.Header("Access-Control-Allow-Credentials")));
        // So that it can tell why, too.
        server.Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        var refused = await Put(link, "x", ("Origin", server.Origin));
        Assert.Equal((403, server.Origin), (refused.Status, refused.Header("Access-Control-Allow-Origin")));

        foreach (var (at, origin, verb, headers) in ((string, string, string, string)[])
        [
            (target, "https://evil.example", "PUT", "content-type"), (target, "null", "PUT", "content-type"), (target, server.Origin + "0", "PUT", "content-type"),
            (target, server.Origin, "DELETE", "content-type"), (target, server.Origin, "GET", ""), (target, server.Origin, "PUT", "authorization"), ("/cross-origin/a", server.Origin, "PUT", ""),
        ])
            Assert.Equal((403, null), ((await Preflight(at, origin, verb, headers)).Status, (await Preflight(at, origin, verb, headers)).Header("Access-Control-Allow-Origin")));
        Assert.Null((await server.Send(HttpMethod.Get, "/cross-origin/a", null, null, ("Origin", server.Origin))).Header("Access-Control-Allow-Origin"));
        Assert.Null((await Put(link, "x", ("Origin", "https://evil.example"))).Header("Access-Control-Allow-Origin"));

        Task<BrowserAnswer> Preflight(string at, string origin, string verb, string headers) =>
            server.Send(HttpMethod.Options, at, null, null, [("Origin", origin), ("Access-Control-Request-Method", verb), .. headers.Length == 0 ? ((string, string)[])[] : [("Access-Control-Request-Headers", headers)]]);
    }
}
