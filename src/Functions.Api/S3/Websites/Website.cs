using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Reads an object of a website if its visitor may; refuses as GetObject does.</summary>
/// <param name="request">GET or HEAD, with the headers that count.</param>
/// <param name="key">The key.</param>
/// <param name="ct">Ends it.</param>
internal delegate ValueTask<Reply> ReadPage(WireRequest request, string key, CancellationToken ct);

/// <summary>What a bucket answers as a website: pages, index and error documents, redirects.</summary>
internal static class Website
{
    private const string RedirectLocation = "x-amz-website-redirect-location";

    /// <summary>Answers a GET or a HEAD of a page.</summary>
    /// <param name="bucket">The website.</param>
    /// <param name="request">The visitor's request.</param>
    /// <param name="path">The path, decoded, without its first slash.</param>
    /// <param name="read">Reads an object as the visitor.</param>
    /// <param name="ct">Ends it.</param>
    public static async ValueTask<Reply> Answer(Bucket bucket, WireRequest request, string path, ReadPage read, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.Website) is not { } site) return Reply.Refused(S3Errors.NoSuchWebsiteConfiguration);
        if (site.RedirectAll is { } host) return Redirect(request, new() { Host = host.Name, Protocol = host.Protocol }, path);
        if (site.Rules.FirstOrDefault(rule => rule.ErrorStatus is null && Fits(rule, path)) is { } always) return Redirect(request, always, path);

        var isDirectory = path.Length == 0 || path.EndsWith('/');
        var found = await read(request, isDirectory ? path + site.IndexSuffix : path, ct);
        if (found.Error is null)
        {
            if (found.Header(RedirectLocation) is not { } location) return found;
            if (found.Body is { } body) await body.DisposeAsync();
            return Reply.Empty(301).With("Location", location);
        }
        if (found.Status is not (403 or 404)) return found;
        if (!isDirectory && (await read(Plain(request, "HEAD"), $"{path}/{site.IndexSuffix}", ct)).Error is null)
            return Reply.Empty(302).With("Location", EncodedPath(path) + "/");
        if (site.Rules.FirstOrDefault(rule => rule.ErrorStatus == found.Status && Fits(rule, path)) is { } rule) return Redirect(request, rule, path);
        if (site.ErrorKey is null) return found;
        var page = await read(Plain(request, request.Verb), site.ErrorKey, ct);
        return page.Error is null ? page.As(found.Status) : found;
    }

    private static bool Fits(WebsiteRule rule, string path) => rule.KeyPrefix is null || path.StartsWith(rule.KeyPrefix, StringComparison.Ordinal);

    private static Reply Redirect(WireRequest request, WebsiteRule rule, string path)
    {
        var key = rule.NewKey
            ?? (rule.NewPrefix is null ? path : rule.NewPrefix + path[(rule.KeyPrefix?.Length ?? 0)..]);
        var protocol = rule.Protocol ?? (request.IsHttps ? "https" : "http");
        return Reply.Empty(rule.Status).With("Location", $"{protocol}://{rule.Host ?? request.Headers.Host.ToString()}/{Encoded(key)}");
    }

    // Two slashes at its front would be the name of another host to a browser.
    private static string EncodedPath(string path) => path.StartsWith('/') ? "/%2F" + Encoded(path[1..]) : "/" + Encoded(path);

    private static string Encoded(string key) => string.Join('/', key.Split('/').Select(Uri.EscapeDataString));

    /// <summary>Ranges and conditions are about the page that was asked for, not about the one that is answered instead.</summary>
    private static WireRequest Plain(WireRequest request, string verb) =>
        request with { Verb = verb, Headers = new HeaderDictionary { ["Host"] = request.Headers.Host } };
}
