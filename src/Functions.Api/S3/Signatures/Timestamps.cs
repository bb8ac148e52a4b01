using System.Globalization;

namespace ZenkoFunctions.Api.S3.Signatures;

/// <summary>The forms in which clients send the time.</summary>
internal static class Timestamps
{
    private const string Basic = "yyyyMMdd'T'HHmmss'Z'";

    // RFC 1123 and 850, also with a numeric zone, as `date -R` writes it.
    private static readonly string[] Http =
    [
        "ddd, d MMM yyyy H:m:s 'GMT'", "ddd, d MMM yyyy H:m:s 'UTC'", "ddd, d MMM yyyy H:m:s zzz", "d MMM yyyy H:m:s 'GMT'",
        "d MMM yyyy H:m:s zzz", "dddd, d-MMM-yy H:m:s 'GMT'", "ddd MMM d H:m:s yyyy", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
    ];

    /// <summary><c>yyyyMMddTHHmmssZ</c>, the only form of X-Amz-Date in a presigned URL.</summary>
    public static bool TryBasic(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Basic, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>Any form of a date header.</summary>
    public static bool TryHeader(string text, out DateTimeOffset time) =>
        TryBasic(text, out time) || (text.Length <= 64 && DateTimeOffset.TryParseExact(text, Http, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out time));

    /// <summary>As version 4 signs it.</summary>
    public static string ToBasic(DateTimeOffset time) => time.UtcDateTime.ToString(Basic, CultureInfo.InvariantCulture);
}
