using System.Globalization;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.S3;

/// <summary>Cross-origin access: which rule of a bucket fits a request, and the headers that say so to a browser.</summary>
internal static class Cors
{
    private const string MethodHeader = "Access-Control-Request-Method";

    private static readonly KeyValuePair<string, string>[] ForConsole =
    [
        new("Access-Control-Allow-Methods", "PUT"), new("Access-Control-Allow-Headers", "content-type"), new("Access-Control-Expose-Headers", "ETag"),
        new("Access-Control-Max-Age", "600"), new("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ];

    /// <summary>What holds where buckets are open to every page by default.</summary>
    private static readonly CorsSetting Everything = new([new CorsRule { Origins = ["*"], Methods = ["GET", "HEAD", "PUT", "POST", "DELETE"], Headers = ["*"], ExposedHeaders = ["ETag", "x-amz-version-id"] }]);

    /// <summary>
    /// The headers of whatever is answered to a request with an Origin; null where no rule of the bucket fits. A request that
    /// names a method as preflights do is judged by that one.
    /// </summary>
    public static async ValueTask<IReadOnlyList<KeyValuePair<string, string>>?> OfReply(S3Services services, Bucket? bucket, WireRequest request, CancellationToken ct) =>
        await Of(services, bucket, ct) is { } setting ? OfReply(setting, request) : null;

    /// <inheritdoc cref="OfReply(S3Services, Bucket?, WireRequest, CancellationToken)"/>
    public static IReadOnlyList<KeyValuePair<string, string>>? OfReply(CorsSetting setting, WireRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var headers = RequestedHeaders(request);
        return Find(setting, origin, request.Headers.Text(MethodHeader) ?? request.Verb, headers) is { } rule
            ? Headers(rule, origin, headers)
            : null;
    }

    /// <summary>
    /// The headers for a page of the console that sends an object, or a part of one; null for anything else. It has a link for each that it may
    /// send, so neither cookies nor a signature of its own are let through; and it learns nothing by it but how that went.
    /// </summary>
    /// <param name="originFor">The console's own origin.</param>
    /// <param name="request">As it came.</param>
    /// <param name="address">What it is about.</param>
    public static IReadOnlyList<KeyValuePair<string, string>>? OfConsole(Func<WireRequest, string?> originFor, WireRequest request, Address address)
    {
        if (request.Headers.Origin is not [{ Length: > 0 } origin] || address.Target != Target.Object || !request.Query.Has("X-Amz-Signature")) return null;
        if ((request.Headers.Text(MethodHeader) ?? request.Verb) != "PUT" || originFor(request) != origin) return null;
        return RequestedHeaders(request).All(header => header.Equals("content-type", StringComparison.OrdinalIgnoreCase)) ? [new("Access-Control-Allow-Origin", origin), .. ForConsole] : null;
    }

    /// <summary>Answers a preflight, whose headers <see cref="OfReply"/> has found already: BadRequest, AccessForbidden or 200.</summary>
    public static async ValueTask<Reply> Preflight(S3Call call, CancellationToken ct)
    {
        if (call.Header("Origin") is not { } origin)
            return Reply.Refused(S3Errors.BadRequest, "Insufficient information. Origin request header needed.");
        if (call.Header(MethodHeader) is not { } method)
            return Reply.Refused(S3Errors.BadRequest, $"Insufficient information. {MethodHeader} request header needed.");
        if (await Of(call.Services, call.Bucket, ct) is not { } setting)
            return Reply.Refused(S3Errors.AccessForbidden, "CORSResponse: CORS is not enabled for this bucket.");
        return Find(setting, origin, method, RequestedHeaders(call.Request)) is not null
            ? Reply.Empty()
            : Reply.Refused(S3Errors.AccessForbidden)
                .About("Method", method).About("ResourceType", call.Key.Length > 0 ? "OBJECT" : "BUCKET");
    }

    /// <summary>Whether the text fits a pattern, in which the first <c>*</c> stands for any text.</summary>
    internal static bool Fits(string pattern, string text, StringComparison comparison)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return text.Equals(pattern, comparison);
        var before = pattern.AsSpan(0, star);
        var after = pattern.AsSpan(star + 1);
        return text.Length >= before.Length + after.Length
            && text.AsSpan().StartsWith(before, comparison) && text.AsSpan().EndsWith(after, comparison);
    }

    private static async ValueTask<CorsSetting?> Of(S3Services services, Bucket? bucket, CancellationToken ct) =>
        bucket is null ? null
        : bucket.Get(BucketSettings.Cors) ?? (services.Settings is { } settings && await settings.IsOn(LiveSetting.DefaultCors, ct) ? Everything : null);

    private static CorsRule? Find(CorsSetting setting, string origin, string method, string[] headers)
    {
        foreach (var rule in setting.Rules)
            if (rule.Methods.Contains(method, StringComparer.Ordinal)
                && rule.Origins.Any(pattern => Fits(pattern, origin, StringComparison.Ordinal))
                && headers.All(header => rule.Headers.Any(pattern => Fits(pattern, header, StringComparison.OrdinalIgnoreCase))))
                return rule;
        return null;
    }

    private static string[] RequestedHeaders(WireRequest request) =>
        request.Headers.Text("Access-Control-Request-Headers") is { } names
            ? names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];

    private static List<KeyValuePair<string, string>> Headers(CorsRule rule, string origin, string[] requested)
    {
        var forAll = rule.Origins.Contains("*", StringComparer.Ordinal);
        List<KeyValuePair<string, string>> headers =
        [
            new("Access-Control-Allow-Origin", forAll ? "*" : origin),
            new("Access-Control-Allow-Methods", string.Join(", ", rule.Methods)),
            // What is answered depends on these: a cache must not give it to another origin.
            new("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
        ];
        if (!forAll) headers.Add(new("Access-Control-Allow-Credentials", "true"));
        if (requested.Length > 0) headers.Add(new("Access-Control-Allow-Headers", string.Join(", ", requested).ToLowerInvariant()));
        if (rule.ExposedHeaders.Count > 0) headers.Add(new("Access-Control-Expose-Headers", string.Join(", ", rule.ExposedHeaders)));
        if (rule.MaxAgeSeconds is { } seconds)
            headers.Add(new("Access-Control-Max-Age", seconds.ToString(CultureInfo.InvariantCulture)));
        return headers;
    }
}
