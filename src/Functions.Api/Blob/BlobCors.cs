using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Cross-origin access by the rules of an account's Blob service.</summary>
internal static class BlobCors
{
    private const string Method = "Access-Control-Request-Method";

    /// <summary>The headers of whatever is answered to a request with an Origin; null where no rule fits.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>>? OfReply(BlobService service, WireRequest request) =>
        service.Cors is { Count: > 0 } rules ? Cors.OfReply(new CorsSetting([.. rules.Select(Rule)]), request) : null;

    /// <summary>Answers a preflight, for which <see cref="OfReply"/> was asked already.</summary>
    public static Reply Preflight(WireRequest request, bool isAllowed) =>
        request.Headers.Origin.Count == 0 || !request.Headers.ContainsKey(Method)
            ? Reply.Refused(BlobErrors.MissingRequiredHeader, $"A preflight needs the headers Origin and {Method}.")
            : isAllowed ? Reply.Empty() : Reply.Refused(BlobErrors.CorsPreflightFailure);

    private static CorsRule Rule(BlobCorsRule rule) => new()
    {
        Origins = ServiceDocument.List(rule.Origins),
        Methods = ServiceDocument.List(rule.Methods),
        Headers = ServiceDocument.List(rule.Headers),
        ExposedHeaders = ServiceDocument.List(rule.Exposed),
        MaxAgeSeconds = rule.MaxAgeSeconds,
    };
}
