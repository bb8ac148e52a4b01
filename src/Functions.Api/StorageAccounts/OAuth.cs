using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.StorageAccounts;

internal sealed record OAuthError(string Error, string ErrorDescription);

internal sealed record TokenDocument(string TokenType, int ExpiresIn, int ExtExpiresIn, string AccessToken)
{
    public string? Scope { get; init; }

    public string? RefreshToken { get; init; }

    public string? IdToken { get; init; }

    public string? ClientInfo { get; init; }
}

internal sealed record ClientInfo(string Uid, string Utid);

internal sealed record DeviceDocument(string UserCode, string DeviceCode, string VerificationUri, string VerificationUrl, int ExpiresIn, int Interval, string Message);

internal sealed record OpenIdDocument(
    string Issuer, string AuthorizationEndpoint, string TokenEndpoint, string DeviceAuthorizationEndpoint, string JwksUri,
    IReadOnlyList<string> ResponseTypesSupported, IReadOnlyList<string> ResponseModesSupported, IReadOnlyList<string> GrantTypesSupported,
    IReadOnlyList<string> ScopesSupported, IReadOnlyList<string> SubjectTypesSupported, IReadOnlyList<string> IdTokenSigningAlgValuesSupported,
    IReadOnlyList<string> TokenEndpointAuthMethodsSupported, IReadOnlyList<string> CodeChallengeMethodsSupported, IReadOnlyList<string> ClaimsSupported);

internal sealed record JsonWebKeys(IReadOnlyList<JsonWebKeyDocument> Keys);

internal sealed record JsonWebKeyDocument(string Kid, string N, string E, string Kty = "RSA", string Use = "sig", string Alg = "RS256");

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OAuthError))]
[JsonSerializable(typeof(TokenDocument))]
[JsonSerializable(typeof(ClientInfo))]
[JsonSerializable(typeof(DeviceDocument))]
[JsonSerializable(typeof(OpenIdDocument))]
[JsonSerializable(typeof(JsonWebKeys))]
internal sealed partial class OAuthJson : JsonSerializerContext;

/// <summary>What the rooms of OAuth have in common.</summary>
internal static class OAuth
{
    /// <summary>Longer scopes, addresses, ids of programs and the like are nobody's.</summary>
    public const int MaxCharacters = 2048;

    private static readonly string[] OpenIdScopes = ["openid", "profile", "email", "offline_access"];

    /// <summary>RFC 6749, section 5.2.</summary>
    public static Reply Refused(string error, string description) => Reply.Json(OAuthJson.Default.OAuthError, new(error, description), 400);

    /// <summary>
    /// What a token is asked for: the scope without its last segment (<c>https://host//.default</c> is for <c>https://host/</c>); the server
    /// itself where nothing is said. Null where it cannot be told.
    /// </summary>
    public static string? AudienceOf(ArmCall call, string? scope, string? resource)
    {
        if (resource is not null) return IsAudience(resource) ? resource : null;
        var scopes = scope?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(OpenIdScopes).ToList() ?? [];
        if (scopes.Count == 0) return call.Base + "/";
        var audiences = scopes.Select(each => each.LastIndexOf('/') is > 0 and var slash ? each[..slash] : "").Distinct().ToList();
        return audiences is [var one] && IsAudience(one) ? one : null;
    }

    private static bool IsAudience(string text) =>
        text.Length <= MaxCharacters && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" or "api";
}
