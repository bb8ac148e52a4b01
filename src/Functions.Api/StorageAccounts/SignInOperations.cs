using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>The way to a token: what there is, OpenID Connect's discovery, and OAuth 2.0 (RFC 6749, 7636, 8628).</summary>
public static class SignInOperations
{
    /// <summary>The directory by whose name clients ask nobody else whether they may trust this server (AD FS).</summary>
    internal const string Adfs = "adfs";

    /// <summary>Where a person types a device's code.</summary>
    internal const string DevicePage = "/_/devicelogin";

    /// <summary>Where the public keys of tokens are.</summary>
    internal const string KeysPath = "/_/identity/keys";

    private const string Discovery = "/.well-known/openid-configuration";

    private static readonly string[] Versioned = ["api-version"], AuthorizeParameters = ["client_id", "redirect_uri", "response_type"];

    /// <summary>The names under which clients ask for a directory whose id they do not know.</summary>
    private static readonly string[] Directories = [Adfs, "common", "organizations", "consumers"];

    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<ArmOperation> All =
    [
        new("GetMetadata", "GET", "/metadata/endpoints", DiscoveryDocuments.Metadata) { IsSignIn = true, Parameters = Versioned },
        new("GetOpenIdConfiguration", "GET", "/{tenant}" + Discovery, DiscoveryDocuments.OpenId) { IsSignIn = true },
        new("GetOpenIdConfigurationV2", "GET", "/{tenant}/v2.0" + Discovery, DiscoveryDocuments.OpenId) { IsSignIn = true },
        new("GetOpenIdConfigurationAdfs", "GET", "/adfs/{tenant}" + Discovery, DiscoveryDocuments.OpenId) { IsSignIn = true },
        new("GetTokenKeys", "GET", KeysPath, DiscoveryDocuments.Keys) { IsSignIn = true },
        new("GetUserRealm", "GET", "/common/userrealm/{user}", DiscoveryDocuments.UserRealm) { IsSignIn = true, Parameters = Versioned },
        new("ShowSignIn", "GET", "/{tenant}/oauth2/authorize", AuthorizePage.Show) { IsSignIn = true, Parameters = AuthorizeParameters },
        new("ShowSignInV2", "GET", "/{tenant}/oauth2/v2.0/authorize", AuthorizePage.Show) { IsSignIn = true, Parameters = AuthorizeParameters },
        new("SignIn", "POST", "/{tenant}/oauth2/authorize", AuthorizePage.SignIn) { IsSignIn = true, Parameters = AuthorizeParameters, TakesForm = true },
        new("SignInV2", "POST", "/{tenant}/oauth2/v2.0/authorize", AuthorizePage.SignIn) { IsSignIn = true, Parameters = AuthorizeParameters, TakesForm = true },
        new("GetDeviceCode", "POST", "/{tenant}/oauth2/devicecode", DeviceSignIn.GetCode) { IsSignIn = true, TakesForm = true },
        new("GetDeviceCodeV2", "POST", "/{tenant}/oauth2/v2.0/devicecode", DeviceSignIn.GetCode) { IsSignIn = true, TakesForm = true },
        new("ShowDeviceSignIn", "GET", DevicePage, DeviceSignIn.Show) { IsSignIn = true },
        new("SignInDevice", "POST", DevicePage, DeviceSignIn.SignIn) { IsSignIn = true, TakesForm = true },
        new("GetToken", "POST", "/{tenant}/oauth2/token", TokenEndpoint.Answer) { IsSignIn = true, TakesForm = true },
        new("GetTokenV2", "POST", "/{tenant}/oauth2/v2.0/token", TokenEndpoint.Answer) { IsSignIn = true, TakesForm = true },
    ];

    /// <summary>Whether a path may be one of these, seen from afar.</summary>
    internal static bool MayBe(WireRequest request) =>
        request.RawPath.Contains("/oauth2/", StringComparison.OrdinalIgnoreCase)
        || request.RawPath.EndsWith(Discovery, StringComparison.OrdinalIgnoreCase)
        || request.RawPath.StartsWith("/_/", StringComparison.Ordinal)
        || IsWorker(request);

    /// <summary>
    /// Whether a browser asks for a script that would stand between it and the sign-in pages: an object in a bucket that is called as
    /// they are could be one.
    /// </summary>
    internal static bool IsWorker(WireRequest request) =>
        request.Headers.ContainsKey("Service-Worker") && request.RawPath[1..].Split('/', 2) is [var first, _] && (IsTenant(first) || first == "_");

    /// <summary>Whether it may stand for a directory in a path.</summary>
    internal static bool IsTenant(string text) => Directories.Contains(text, StringComparer.OrdinalIgnoreCase) || Guid.TryParseExact(text, "D", out _);

    /// <summary>The directory that the client asked, as it is told it: adfs stays, any other is the installation's.</summary>
    internal static async ValueTask<string> TenantOf(ArmCall call, CancellationToken ct) =>
        call.Path["tenant"].Equals(Adfs, StringComparison.OrdinalIgnoreCase) ? Adfs : $"{await call.Installation.Tokens.Keys.Tenant(ct)}";
}
