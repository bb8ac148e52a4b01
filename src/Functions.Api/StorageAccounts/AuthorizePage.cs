using System.Net;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>
/// The page of the browser's way to a token (RFC 6749, section 4.1; PKCE always). It knows no session: whoever sends the form sends the
/// keys with it, so there is nothing that another site could make a browser do in a person's name.
/// </summary>
internal static class AuthorizePage
{
    public static ValueTask<Reply> Show(ArmCall call, CancellationToken ct) => new(
        Wrong(call, out var asked) is { } wrong ? Pages.Problem(wrong) : Pages.SignIn(asked!.Redirect, asked.ClientId, problem: null));

    public static async ValueTask<Reply> SignIn(ArmCall call, CancellationToken ct)
    {
        if (!Pages.IsOwnForm(call)) return Pages.Problem("The form was sent by another site.");
        if (Wrong(call, out var asked) is { } wrong) return Pages.Problem(wrong);
        if (!SignInForm.TryRead(call, out var form)) return Pages.Problem("A field stands in the form twice.");
        if (form["access_key"] is not { } id || form["secret_key"] is not { } secret || await call.Installation.Tokens.SignIn(id.Trim(), secret.Trim(), ct) is not { } key)
            return Pages.SignIn(asked!.Redirect, asked.ClientId, "These are no access key and its secret key, or the key is disabled.");
        var code = await call.Installation.SignInGrants.AddCode(
            new(asked!.ClientId)
            {
                AccessKeyId = key.Id,
                Owner = Tokens.OwnerOf(key),
                Scope = asked.Scope,
                Nonce = asked.Nonce,
                RedirectUri = asked.RedirectText,
                Challenge = asked.Challenge,
            },
            ct);
        if (asked.IsPosted) return Pages.Continue(asked.Redirect, asked.RedirectText, code, asked.State);
        var state = asked.State is null ? "" : "&state=" + Uri.EscapeDataString(asked.State);
        return Pages.Secured(Reply.Empty(302), asked.Redirect)
            .With("Location", $"{asked.RedirectText}{(asked.Redirect.Query.Length > 0 ? '&' : '?')}code={Uri.EscapeDataString(code)}{state}");
    }

    // Nothing is sent to an address that is not this machine's own.
    private static string? Wrong(ArmCall call, out Asked? asked)
    {
        asked = null;
        if (!SignInForm.TryRead(call.Request.Query, out var query)) return "A parameter stands in the address twice.";
        if (query["client_id"] is not { Length: <= 128 } client) return "The address lacks client_id.";
        if (query["response_type"] != "code") return "The only response_type is code.";
        if (query["response_mode"] is not (null or "query" or "form_post")) return "The response_mode is query or form_post.";
        if (query["redirect_uri"] is not { Length: <= OAuth.MaxCharacters } text || LoopbackOf(text) is not { } redirect)
            return "The redirect_uri must be http://localhost or a loopback address: this server sends codes to programs on your own machine only.";
        if (query["code_challenge_method"] != "S256" || query["code_challenge"] is not { Length: 43 } challenge)
            return "The program must prove itself by PKCE: code_challenge, and code_challenge_method=S256.";
        if (call.Request.RawQuery.Length > 4 * OAuth.MaxCharacters) return "The address is too long.";
        asked = new(client, text, redirect, challenge, query["scope"], query["state"], query["nonce"], query["response_mode"] == "form_post");
        return null;
    }

    /// <summary>RFC 8252, section 7.3; null for any other address.</summary>
    private static Uri? LoopbackOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http", UserInfo: "", Fragment: "" } && !text.Contains('\\', StringComparison.Ordinal)
        && (uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)))
            ? uri : null;

    private sealed record Asked(string ClientId, string RedirectText, Uri Redirect, string Challenge, string? Scope, string? State, string? Nonce, bool IsPosted);
}
