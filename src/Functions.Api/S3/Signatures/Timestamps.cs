using System.Buffers;
using System.Globalization;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>The forms in which clients send the time.</summary>
internal static class Timestamps
{
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private const string Basic = "yyyyMMdd'T'HHmmss'Z'";

    // RFC 1123 and 850, also with a numeric zone, as `date -R` writes it.
    private static readonly string[] Http =
    [
        "d MMM yyyy H:m:s 'GMT'", "d MMM yyyy H:m:s 'UTC'", "d MMM yyyy H:m:s zzz", "d-MMM-yy H:m:s 'GMT'", "ddd MMM d H:m:s yyyy",
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
    ];

    /// <summary><c>yyyyMMddTHHmmssZ</c>, the only form of X-Amz-Date in a presigned URL.</summary>
    public static bool TryBasic(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Basic, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>Any form of a date header since 1970. A day of the week before a comma is passed over, be it the wrong one.</summary>
    public static bool TryHeader(string text, out DateTimeOffset time)
    {
        if (TryBasic(text, out time)) return true;
        var date = text.AsSpan();
        if (date.IndexOf(',') is > 0 and <= 9 and var comma && !date[..comma].ContainsAnyExcept(Letters)) date = date[(comma + 1)..];
        return text.Length <= 64
            && DateTimeOffset.TryParseExact(
                date, Http, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out time)
            && time >= DateTimeOffset.UnixEpoch;
    }

    /// <summary>As version 4 signs it.</summary>
    public static string ToBasic(DateTimeOffset time) => time.UtcDateTime.ToString(Basic, CultureInfo.InvariantCulture);
}
