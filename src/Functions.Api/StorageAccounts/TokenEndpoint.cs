using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>Gives tokens for what shows who signed in (RFC 6749, section 3.2).</summary>
internal static class TokenEndpoint
{
    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

    private static readonly Dictionary<string, Func<ArmCall, SignInForm, CancellationToken, ValueTask<Reply>>> Grants = new(StringComparer.Ordinal)
    {
        ["authorization_code"] = ByCode,
        [DeviceGrant] = ByDevice,
        ["password"] = ByPassword,
        ["client_credentials"] = ByClient,
        ["refresh_token"] = ByRefresh,
    };

    /// <summary>The grants that there are.</summary>
    public static IReadOnlyList<string> GrantTypes { get; } = [.. Grants.Keys];

    public static async ValueTask<Reply> Answer(ArmCall call, CancellationToken ct)
    {
        if (!SignInForm.TryRead(call, out var form)) return OAuth.Refused("invalid_request", "A parameter stands in the form twice.");
        if (form["grant_type"] is not { } type) return OAuth.Refused("invalid_request", "The form lacks grant_type.");
        if (!Grants.TryGetValue(type, out var grant)) return OAuth.Refused("unsupported_grant_type", $"The grants are: {string.Join(", ", GrantTypes)}.");
        return await grant(call, form, ct);
    }

    private static async ValueTask<Reply> ByPassword(ArmCall call, SignInForm form, CancellationToken ct)
    {
        if (form["username"] is not { } user || form["password"] is not { } password) return OAuth.Refused("invalid_request", "The form lacks username or password.");
        if (form["client_id"] is not { } client) return OAuth.Refused("invalid_request", "The form lacks client_id.");
        return await call.Installation.Tokens.SignIn(user, password, ct) is { } key
            ? await UserTokens(call, form, key, GrantOf(client, key, form["scope"]), ct)
            : OAuth.Refused("invalid_grant", "The user name is an access key, the password its secret key; these are none, or the key is disabled.");
    }

    private static async ValueTask<Reply> ByClient(ArmCall call, SignInForm form, CancellationToken ct)
    {
        var (id, secret) = form["client_secret"] is { } posted ? (form["client_id"], posted) : Basic(call.Request);
        if (id is null || secret is null) return OAuth.Refused("invalid_request", "The form lacks client_id or client_secret.");
        if (await call.Installation.Tokens.SignIn(id, secret, ct) is not { } key)
            return OAuth.Refused("invalid_client", "The id is an access key, the secret its secret key; these are none, or the key is disabled.");
        if (OAuth.AudienceOf(call, form["scope"], form["resource"]) is not { } audience) return WrongScope();
        return Reply.Json(OAuthJson.Default.TokenDocument, await AccessOnly(call, key, audience, id, ct));
    }

    private static async ValueTask<Reply> ByCode(ArmCall call, SignInForm form, CancellationToken ct)
    {
        if (form["code"] is not { } code || form["client_id"] is not { } client || form["redirect_uri"] is not { } redirect || form["code_verifier"] is not { } verifier)
            return OAuth.Refused("invalid_request", "The form lacks code, client_id, redirect_uri or code_verifier.");
        // Whoever shows a code with anything wrong beside it has used it up: it has leaked.
        if (await call.Installation.SignInGrants.TakeCode(code, ct) is not { } grant)
            return OAuth.Refused("invalid_grant", "There is no such code: it was used, or it has expired. Sign in again.");
        if (grant.ClientId != client || grant.RedirectUri != redirect || !Shows(verifier, grant.Challenge!))
            return OAuth.Refused("invalid_grant", "The code was given to another program, for another address, or its code_verifier is wrong. Sign in again.");
        return await Continue(call, form, grant, ct);
    }

    private static async ValueTask<Reply> ByDevice(ArmCall call, SignInForm form, CancellationToken ct)
    {
        if ((form["device_code"] ?? form["code"]) is not { } code || form["client_id"] is not { } client)
            return OAuth.Refused("invalid_request", "The form lacks device_code or client_id.");
        var (state, grant) = await call.Installation.SignInGrants.TakeDevice(code, ct);
        if (grant is not null && grant.ClientId != client) return OAuth.Refused("invalid_grant", "The code was given to another program.");
        return state switch
        {
            DeviceState.Granted => await Continue(call, form, grant!, ct),
            DeviceState.Pending => OAuth.Refused("authorization_pending", "Nobody has typed the code yet."),
            _ => OAuth.Refused("expired_token", "There is no such code: it was used, or it has expired. Sign in again."),
        };
    }

    private static async ValueTask<Reply> ByRefresh(ArmCall call, SignInForm form, CancellationToken ct)
    {
        if (form["refresh_token"] is not { } token || form["client_id"] is not { } client)
            return OAuth.Refused("invalid_request", "The form lacks refresh_token or client_id.");
        if (await call.Installation.SignInGrants.TakeRefresh(token, ct) is not { } grant || grant.ClientId != client)
            return OAuth.Refused("invalid_grant", "There is no such refresh token of this program: it was used, or it has expired. Sign in again: az login");
        return await Continue(call, form, grant with { Nonce = null }, ct);
    }

    private static async ValueTask<Reply> Continue(ArmCall call, SignInForm form, SignInGrant grant, CancellationToken ct) =>
        await call.Installation.Tokens.KeyOf(grant.AccessKeyId!, grant.Owner!, ct) is { } key
            ? await UserTokens(call, form, key, grant, ct)
            : OAuth.Refused("invalid_grant", "The access key that signed in is disabled or gone. Sign in again with another: az login");

    private static async ValueTask<Reply> UserTokens(ArmCall call, SignInForm form, AccessKey key, SignInGrant grant, CancellationToken ct)
    {
        var scope = form["scope"] ?? grant.Scope;
        if (OAuth.AudienceOf(call, scope, form["resource"]) is not { } audience || scope?.Length > OAuth.MaxCharacters || grant.ClientId.Length > OAuth.MaxCharacters) return WrongScope();
        var tenant = await SignInOperations.TenantOf(call, ct);
        var access = await AccessOnly(call, key, audience, grant.ClientId, ct);
        return Reply.Json(OAuthJson.Default.TokenDocument, access with
        {
            // Clients compare it with what they asked; whoever polls for a device asks nothing.
            Scope = form["scope"],
            RefreshToken = await call.Installation.SignInGrants.AddRefresh(GrantOf(grant.ClientId, key, scope) with { Session = grant.Session }, ct),
            IdToken = await call.Installation.Tokens.Id(key, grant.ClientId, $"{call.Base}/{tenant}", grant.Nonce, ct),
            ClientInfo = form["client_info"] is null || tenant == SignInOperations.Adfs
                ? null
                : Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new($"{Tokens.ObjectId(key)}", tenant), OAuthJson.Default.ClientInfo)),
        });
    }

    private static async ValueTask<TokenDocument> AccessOnly(ArmCall call, AccessKey key, string audience, string client, CancellationToken ct)
    {
        var token = await call.Installation.Tokens.Access(key, audience, client, $"{call.Base}/{await SignInOperations.TenantOf(call, ct)}", ct);
        var seconds = (int)Tokens.Lifetime.TotalSeconds;
        return new("Bearer", seconds, seconds, token);
    }

    private static SignInGrant GrantOf(string client, AccessKey key, string? scope) => new(client) { AccessKeyId = key.Id, Owner = Tokens.OwnerOf(key), Scope = scope };

    private static Reply WrongScope() => OAuth.Refused("invalid_scope", $"The scope must name one resource, for instance {Audience.Storage}/.default");

    /// <summary>RFC 7636, section 4.6, S256.</summary>
    private static bool Shows(string verifier, string challenge) =>
        verifier.Length is >= 43 and <= 128
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(challenge), Base64Url.EncodeToUtf8(SHA256.HashData(Encoding.UTF8.GetBytes(verifier))));

    /// <summary>RFC 6749, section 2.3.1.</summary>
    private static (string? Id, string? Secret) Basic(WireRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return (null, null);
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), bytes, out var length)) return (null, null);
        return Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [var id, var secret] ? (Uri.UnescapeDataString(id), Uri.UnescapeDataString(secret)) : (null, null);
    }
}
