using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.StorageAccounts;

internal sealed record Metadata2015(string GalleryEndpoint, string GraphEndpoint, string PortalEndpoint, Authentication2015 Authentication);

internal sealed record Authentication2015(string LoginEndpoint, IReadOnlyList<string> Audiences);

internal sealed record CloudMetadata(
    string Name, string Portal, string Graph, string GraphAudience, string ResourceManager, string Gallery, CloudAuthentication Authentication, CloudSuffixes Suffixes,
    string? Batch = null, string? Media = null);

internal sealed record CloudAuthentication(string LoginEndpoint, IReadOnlyList<string> Audiences, string Tenant, string IdentityProvider);

internal sealed record CloudSuffixes(string Storage);

internal sealed record UserRealmDocument(string Ver, [property: JsonPropertyName("account_type")] string AccountType, [property: JsonPropertyName("domain_name")] string DomainName);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Metadata2015))]
[JsonSerializable(typeof(IReadOnlyList<CloudMetadata>))]
[JsonSerializable(typeof(UserRealmDocument))]
internal sealed partial class DiscoveryJson : JsonSerializerContext;

/// <summary>What a client asks before anybody signs in: where everything is.</summary>
internal static class DiscoveryDocuments
{
    /// <summary>The cloud's endpoints; one object in the versions before 2018, a list of clouds since.</summary>
    public static ValueTask<Reply> Metadata(ArmCall call, CancellationToken ct)
    {
        var (root, login) = (call.Base + "/", $"{call.Base}/{SignInOperations.Adfs}");
        if (string.CompareOrdinal(call.Request.Query["api-version"], "2018") < 0)
            return new(Reply.Json(DiscoveryJson.Default.Metadata2015, new(root, root + "graph", root + "portal", new(login, [root]))));
        var cloud = new CloudMetadata(
            "ZenkoFunctions", root + "portal", root + "graph", root + "graph", root, root, new(login, [root], SignInOperations.Adfs, "ADFS"), new(StorageSuffix(call)));
        return new(Reply.Json(DiscoveryJson.Default.IReadOnlyListCloudMetadata, [cloud]));
    }

    /// <summary>OpenID Connect's discovery.</summary>
    public static async ValueTask<Reply> OpenId(ArmCall call, CancellationToken ct)
    {
        var tenant = await SignInOperations.TenantOf(call, ct);
        var (issuer, oauth) = ($"{call.Base}/{tenant}", $"{call.Base}/{tenant}/oauth2{(tenant == SignInOperations.Adfs ? "" : "/v2.0")}");
        return Reply.Json(OAuthJson.Default.OpenIdDocument, new(
            issuer, oauth + "/authorize", oauth + "/token", oauth + "/devicecode", call.Base + SignInOperations.KeysPath,
            ["code"], ["query", "form_post"], TokenEndpoint.GrantTypes, ["openid", "profile", "offline_access"], ["public"], ["RS256"],
            ["client_secret_post", "client_secret_basic", "none"], ["S256"], ["sub", "oid", "tid", "name", "preferred_username", "upn", "nonce"]));
    }

    /// <summary>The public keys of tokens, as a JSON Web Key set.</summary>
    public static async ValueTask<Reply> Keys(ArmCall call, CancellationToken ct) => Reply.Json(
        OAuthJson.Default.JsonWebKeys, new([.. (await call.Installation.Tokens.Keys.Public(ct)).Select(key => new JsonWebKeyDocument(key.Kid, key.N, key.E))]));

    /// <summary>That a user signs in here and at no other place.</summary>
    public static ValueTask<Reply> UserRealm(ArmCall call, CancellationToken ct) =>
        new(Reply.Json(DiscoveryJson.Default.UserRealmDocument, new("1.0", "Managed", call.Path["user"].Split('@')[^1])));

    /// <summary>What stands behind <c>ACCOUNT.blob.</c>: the domain that the client knows the server by, with its port.</summary>
    private static string StorageSuffix(ArmCall call) => call.Host;
}
