using System.Globalization;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Dates in headers: the three forms of RFC 9110 section 5.6.7.</summary>
public static class HttpDates
{
    private static readonly string[] Forms =
    [
        "dd MMM yyyy HH:mm:ss 'GMT'", // IMF-fixdate, behind its day of the week
        "dd-MMM-yy HH:mm:ss 'GMT'",   // RFC 850, likewise; the two-digit year means 1950 to 2049
        "MMM d HH:mm:ss yyyy",        // asctime, likewise
    ];

    /// <summary>
    /// The instant, or null where the text is no date: such headers are ignored. The day of the week is not compared with
    /// the date, since clients get it wrong and it says nothing new.
    /// </summary>
    public static DateTimeOffset? Parse(string? header)
    {
        if (header is null) return null;
        var text = header.AsSpan().Trim();
        var blank = text.IndexOf(' ');
        if (blank < 0 || !IsDayOfWeek(text[..blank])) return null;
        return DateTimeOffset.TryParseExact(
            text[(blank + 1)..], Forms, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite | DateTimeStyles.AllowLeadingWhite, out var date)
            ? date
            : null;
    }

    /// <summary>The second of an instant in the form of ISO 8601, as XML has it; null where the text is none.</summary>
    public static DateTimeOffset? ParseIso(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)
            ? new DateTimeOffset(date.UtcTicks - date.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero)
            : null;

    /// <summary>IMF-fixdate.</summary>
    public static string Format(DateTimeOffset date) => date.ToString("r", CultureInfo.InvariantCulture);

    private static bool IsDayOfWeek(ReadOnlySpan<char> word)
    {
        word = word.TrimEnd(',');
        foreach (var c in word)
            if (!char.IsAsciiLetter(c)) return false;
        return word.Length >= 3;
    }
}
