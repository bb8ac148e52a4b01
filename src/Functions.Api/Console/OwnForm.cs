using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console;

/// <summary>Whether a form comes from a page of ours, shown in the very session that sends it.</summary>
internal static class OwnForm
{
    /// <summary>
    /// Whether a browser says that a page of this origin sent the request. Where it says nothing at all it is refused: every browser sends
    /// one of the two with a form.
    /// </summary>
    public static bool IsSameOrigin(WireRequest request)
    {
        // No page can set this one; browsers leave it out over plain HTTP to another machine.
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site) return site == "same-origin";
        return Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin)
            && origin.Authority.Equals(request.Headers.Host.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What the forms of a session carry: only who has its cookie can make it, and it does not tell the cookie.</summary>
    public static string TokenOf(string session) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(session), "zenkofn console form"u8));

    /// <summary>Whether a form carries that of the session; takes the same time whatever it carries.</summary>
    public static bool IsTokenOf(string session, string? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(TokenOf(session)), Encoding.UTF8.GetBytes(token));
}

/// <summary>The fields of a form.</summary>
internal sealed class ConsoleForm
{
    private const int MostFields = 1000;

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>One without fields.</summary>
    public static ConsoleForm None { get; } = new();

    /// <summary>A field, without blanks around it; null where it is missing or empty.</summary>
    public string? this[string name] => values.GetValueOrDefault(name)?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>A field as it was sent, for names of objects, which may begin and end with blanks; null where it is missing.</summary>
    public string? Exact(string name) => values.GetValueOrDefault(name);

    /// <summary>All that fields say, for fields whose names tell nothing.</summary>
    public IReadOnlyCollection<string> Values => values.Values;

    /// <summary>Reads a form; false where a field stands in it twice, or there are too many.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConsoleForm? form)
    {
        form = new();
        foreach (var (name, value) in QueryParameters.Parse(Encoding.UTF8.GetString(body)).Items)
        {
            if (form.values.Count < MostFields && form.values.TryAdd(name, value)) continue;
            form = null;
            return false;
        }
        return true;
    }
}
