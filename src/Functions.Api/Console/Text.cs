using System.Globalization;

namespace ZenkoFunctions.Api.Console;

/// <summary>Numbers and times for people.</summary>
internal static class Text
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary><c>1.4 GiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        if (bytes < 1024) return bytes == 1 ? "1 byte" : $"{bytes} bytes";
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1023.5 && unit < Units.Length - 1) (value, unit) = (value / 1024, unit + 1);
        return value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary><c>12,345</c>.</summary>
    public static string Number(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>0.5</c>, <c>100</c>: as fields take it.</summary>
    public static string Exact(double number) => number.ToString("0.#########", CultureInfo.InvariantCulture);

    /// <summary><c>1 bucket</c>, <c>2 buckets</c>.</summary>
    public static string Count(double number, string one, string? many = null) => $"{Number(number)} {(number == 1 ? one : many ?? one + "s")}";

    /// <summary>As a sentence begins.</summary>
    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary><c>2026-05-01 13:05 UTC</c>.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A time as a listing has it; null where it is none.</summary>
    public static DateTimeOffset? ReadTime(string? text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    /// <summary><c>4 s</c>, <c>3 min</c>, <c>5 h</c>, <c>2 days</c>.</summary>
    public static string Duration(TimeSpan time) =>
        time < TimeSpan.FromMinutes(1) ? $"{time.TotalSeconds:0} s" : time < TimeSpan.FromHours(2) ? $"{time.TotalMinutes:0} min" : time < TimeSpan.FromDays(2) ? $"{time.TotalHours:0} h" : $"{time.TotalDays:0} days";
}
