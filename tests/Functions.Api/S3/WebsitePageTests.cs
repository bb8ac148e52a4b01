using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.S3;

/// <summary>Which object a website answers, over objects that anybody may read or nobody.</summary>
public sealed class WebsitePageTests
{
    private static readonly Dictionary<string, string> Pages = new()
    {
        ["index.html"] = "home", ["page.html"] = "page", ["dir/index.html"] = "dir", ["a b/index.html"] = "blank", ["error.html"] = "sorry",
        ["moved"] = ">/page.html", ["away"] = ">https://else.test/",
    };

    private static readonly WebsiteRule[] Rules =
    [
        new() { KeyPrefix = "gone/", ErrorStatus = 404, NewKey = "page.html", Status = 302 },
        new() { ErrorStatus = 403, Host = "login.test" },
    ];

    [Theory]
    [InlineData("", 200, "home", null)]
    [InlineData("index.html", 200, "home", null)]
    [InlineData("dir/", 200, "dir", null)]
    [InlineData("dir", 302, null, "/dir/")]
    [InlineData("a b", 302, null, "/a%20b/")]
    [InlineData("none", 404, "sorry", null)]
    [InlineData("none/", 404, "sorry", null)]
    [InlineData("moved", 301, null, "/page.html")]
    [InlineData("away", 301, null, "https://else.test/")]
    [InlineData("gone/x", 302, null, "http://site.test/page.html")]
    [InlineData("secret", 301, null, "http://login.test/secret")]
    public async Task A_path_is_answered_by(string path, int status, string? text, string? location)
    {
        foreach (var verb in new[] { "GET", "HEAD" })
        {
            var reply = await Visit(verb, path, new() { IndexSuffix = "index.html", ErrorKey = "error.html", Rules = Rules });
            Assert.Equal((status, location), (reply.Status, reply.Header("Location")));
            Assert.Equal(verb == "GET" ? text?.Length : null, reply.Body?.Length);
        }
    }

    [Fact]
    public async Task Without_an_error_document_the_error_itself_is_answered()
    {
        Assert.Equal(S3Errors.NoSuchKey, (await Visit("GET", "none", new() { IndexSuffix = "index.html" })).Error);
        Assert.Equal(S3Errors.AccessDenied, (await Visit("GET", "secret", new() { IndexSuffix = "index.html", ErrorKey = "none.html" })).Error);
    }

    [Fact]
    public async Task Conditions_and_ranges_are_not_those_of_the_error_document()
    {
        var reply = await Visit("GET", "none", new() { IndexSuffix = "index.html", ErrorKey = "error.html" }, ("Range", "bytes=0-0"), ("If-None-Match", "*"));
        Assert.Equal((404, 5L), (reply.Status, reply.Body!.Length));
    }

    private static ValueTask<Reply> Visit(string verb, string path, WebsiteSetting setting, params (string Name, string Value)[] headers)
    {
        var request = new WireRequest(
            verb, "/", "", new HeaderDictionary { ["Host"] = "site.test" }, PipeReader.Create(Stream.Null), null, null, false);
        foreach (var (name, value) in headers) request.Headers[name] = value;
        var bucket = new Bucket
        {
            Name = "site", Id = "i", OwnerId = "o", OwnerCanonicalId = "c", OwnerName = "n", Created = default,
            Settings = BucketSettings.None.With(BucketSettings.Website, setting),
        };
        return Website.Answer(bucket, request, path, Read, default);
    }

    private static ValueTask<Reply> Read(WireRequest request, string key, CancellationToken ct)
    {
        if (key == "secret") return new(Reply.Refused(S3Errors.AccessDenied));
        if (!Pages.TryGetValue(key, out var page)) return new(Reply.Refused(S3Errors.NoSuchKey));
        var size = request.Headers.ContainsKey("Range") ? 1 : page.Length;
        var reply = request.Verb == "HEAD" ? Reply.LengthOnly(size, 200) : Reply.Bytes(new MemoryBody(new byte[size]), 200);
        return new(reply.With("x-amz-website-redirect-location", page[0] == '>' ? page[1..] : null));
    }
}
