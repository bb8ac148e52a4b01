using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>The pages of signing in: HTML without scripts, that nobody may frame, cache or open a window on.</summary>
internal static class Pages
{
    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#222;background:#fff}
        h1{font-size:1.4rem}label{display:block;margin:1rem 0 .2rem}input{width:100%;box-sizing:border-box;padding:.5rem;font:inherit;border:1px solid #777;border-radius:4px}
        button{margin-top:1.5rem;padding:.6rem 1.4rem;font:inherit;border:0;border-radius:4px;background:#1a5fb4;color:#fff}.problem{color:#a40000;font-weight:600}
        """;

    private static readonly CompositeFormat Frame = CompositeFormat.Parse(
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{0}</title><style>{1}</style></head>
        <body><main><h1>{0}</h1>
        {2}
        </main></body></html>

        """);

    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    private const string Keys = """
        <label for="a">Access key</label><input id="a" name="access_key" autocomplete="username" autocapitalize="off" spellcheck="false" maxlength="128" required>
        <label for="s">Secret key</label><input id="s" name="secret_key" type="password" autocomplete="current-password" maxlength="128" required>
        <button type="submit">Sign in</button>
        """;

    /// <summary>Asks for the keys, to send a code to a program on the person's machine.</summary>
    public static Reply SignIn(Uri redirect, string clientId, string? problem) => Page(
        "Sign in",
        $"""
        {ProblemOf(problem)}<p>The program {Name(clientId)} at {Text(redirect.GetLeftPart(UriPartial.Authority))} on your own machine asks to act in your name. Go on only if you have just started it.</p>
        <form method="post" autocomplete="on">{Keys}</form>
        """,
        problem is null ? 200 : 400, redirect);

    /// <summary>Asks for a device's code and the keys.</summary>
    public static Reply Device(string? problem) => Page(
        "Sign in a device",
        $"""
        {ProblemOf(problem)}<p>Type the code that the program shows. Go on only if you have started it yourself: whoever gave you the code will act in your name.</p>
        <form method="post"><label for="c">Code</label><input id="c" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="16" required>{Keys}</form>
        """,
        problem is null ? 200 : 400);

    /// <summary>Sends the code to the program by a form (OAuth 2.0 Form Post Response Mode). There are no scripts here, so the person sends it.</summary>
    public static Reply Continue(Uri redirect, string redirectText, string code, string? state) => Page(
        "Signed in",
        $"""
        <p>One more step: go back to the program at {Text(redirect.GetLeftPart(UriPartial.Authority))} on your own machine.</p>
        <form method="post" action="{Text(redirectText)}"><input type="hidden" name="code" value="{Text(code)}">{(state is null ? "" : $"<input type=\"hidden\" name=\"state\" value=\"{Text(state)}\">")}<button type="submit" autofocus>Go on</button></form>
        """,
        200, redirect);

    /// <summary>The end of a device's way.</summary>
    public static Reply Done() => Page("Signed in", "<p>Go back to the program; you can close this window.</p>", 200);

    /// <summary>Why it does not go on.</summary>
    public static Reply Problem(string problem) => Page("This cannot go on", ProblemOf(problem), 400);

    /// <summary>Whether a form was sent from our own page, or by no browser.</summary>
    public static bool IsOwnForm(ArmCall call)
    {
        var (origin, site) = (call.Request.Headers.Origin.ToString(), call.Request.Headers["Sec-Fetch-Site"].ToString());
        return (origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(new Uri(call.Base).Authority, StringComparison.OrdinalIgnoreCase)))
            && site is "" or "same-origin" or "none";
    }

    /// <summary>Adds the headers that bind a browser.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="redirect">Where the form may lead besides this server: browsers look at that, too.</param>
    public static Reply Secured(Reply reply, Uri? redirect = null) => reply
        .With("Content-Security-Policy", $"default-src 'none'; style-src 'sha256-{StyleHash}'; form-action 'self'{(redirect is null ? "" : " " + redirect.GetLeftPart(UriPartial.Authority))}; frame-ancestors 'none'; base-uri 'none'")
        .With("X-Frame-Options", "DENY")
        .With("Cross-Origin-Opener-Policy", "same-origin")
        .With("Cross-Origin-Resource-Policy", "same-origin")
        // Not no-referrer: browsers would hide the form's origin from us, too.
        .With("Referrer-Policy", "same-origin");

    private static Reply Page(string title, string body, int status, Uri? redirect = null) => Secured(
        Reply.Document(Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, Frame, title, Style, body)), "text/html; charset=utf-8", status), redirect);

    private static string ProblemOf(string? problem) => problem is null ? "" : $"<p class=\"problem\" role=\"alert\">{Text(problem)}</p>\n";

    private static string Name(string clientId) => clientId == "04b07795-8ddb-461a-bbee-02f9e1bf7b46" ? "Azure CLI" : Text(clientId);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
