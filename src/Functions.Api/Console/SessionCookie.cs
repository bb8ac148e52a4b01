using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console;

/// <summary>
/// The cookie of a session. Over HTTPS its name begins with <c>__Host-</c>: browsers take such a one from this very host only, so that no
/// page of a bucket's host below it can put another in its place.
/// </summary>
internal static class SessionCookie
{
    private const string Plain = "zenkofn-console", Secure = "__Host-" + Plain;
    private const int MaxCharacters = 256;

    /// <summary>What a browser shows of its session; null where it shows nothing, or two things.</summary>
    public static string? Of(WireRequest request)
    {
        var name = request.IsHttps ? Secure : Plain;
        string? found = null;
        foreach (var part in request.Headers.Cookie.ToString().Split(';'))
        {
            if (part.Split('=', 2) is not [var key, var value] || key.Trim() != name) continue;
            if (found is not null || value.Length > MaxCharacters) return null;
            found = value.Trim();
        }
        return found;
    }

    /// <summary>The header that gives a browser its session.</summary>
    public static string Set(WireRequest request, string session) => Write(request, session, "");

    /// <summary>The header that takes it away.</summary>
    public static string Remove(WireRequest request) => Write(request, "", "; Max-Age=0");

    // Until the browser is closed; the row ends sooner or later by itself.
    private static string Write(WireRequest request, string value, string more) =>
        $"{(request.IsHttps ? Secure : Plain)}={value}; Path=/; HttpOnly; SameSite=Strict{(request.IsHttps ? "; Secure" : "")}{more}";
}
