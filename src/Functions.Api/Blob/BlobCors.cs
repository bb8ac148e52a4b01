using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Cross-origin access by the rules of an account's Blob service.</summary>
internal static class BlobCors
{
    private const string Method = "Access-Control-Request-Method";

    private const string AllowOrigin = "Access-Control-Allow-Origin";

    private static readonly KeyValuePair<string, string> ByOrigin = new("Vary", "Origin");

    /// <summary>
    /// The headers of whatever is answered to a request with an Origin; null where there are no rules. What is read says that it is
    /// another's for another origin, unless it is the same for all.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>>? OfReply(BlobService service, WireRequest request)
    {
        if (service.Cors is not { Count: > 0 } rules) return null;
        var found = Cors.OfReply(new CorsSetting([.. rules.Select(Rule)]), request) ?? [];
        IEnumerable<KeyValuePair<string, string>> headers = found.Where(header => header.Key != ByOrigin.Key);
        return [.. request.Verb is "GET" or "HEAD" && !found.Contains(new(AllowOrigin, "*")) ? headers.Append(ByOrigin) : headers];
    }

    /// <summary>Answers a preflight, given what <see cref="OfReply"/> found.</summary>
    public static Reply Preflight(WireRequest request, IReadOnlyList<KeyValuePair<string, string>>? found) =>
        request.Headers.Origin.Count == 0 || !request.Headers.ContainsKey(Method)
            ? Reply.Refused(BlobErrors.MissingRequiredHeader, $"A preflight needs the headers Origin and {Method}.")
            : found is { Count: > 0 } ? Reply.Empty() : Reply.Refused(BlobErrors.CorsPreflightFailure);

    private static CorsRule Rule(BlobCorsRule rule) => new()
    {
        Origins = ServiceDocument.List(rule.Origins),
        Methods = ServiceDocument.List(rule.Methods),
        Headers = ServiceDocument.List(rule.Headers),
        ExposedHeaders = ServiceDocument.List(rule.Exposed),
        MaxAgeSeconds = rule.MaxAgeSeconds,
    };
}
