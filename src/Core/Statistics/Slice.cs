using System.Globalization;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>
/// A stretch of time in which is counted: a quarter of an hour, or a whole period where that is shorter. All begin at multiples of
/// their length since 1970, so that quarters and periods are made of whole slices.
/// </summary>
/// <param name="Start">Seconds since 1970.</param>
/// <param name="Period">What it is part of.</param>
internal readonly record struct Slice(long Start, Period Period)
{
    /// <summary>The longest, in seconds: what Utapi's times are multiples of.</summary>
    public const int Longest = 900;

    /// <summary>Its end, not part of it any more.</summary>
    public long End => Start + Math.Min(Period.Seconds, Longest);

    /// <summary>The slice that a moment is in.</summary>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="seconds">How long periods are.</param>
    public static Slice At(long now, int seconds) => new(now - (now % Math.Min(seconds, Longest)), new(now - (now % seconds), seconds));
}

/// <summary>A period: what one statistics object is about.</summary>
/// <param name="Start">Seconds since 1970.</param>
/// <param name="Seconds">How long it is.</param>
public readonly record struct Period(long Start, int Seconds)
{
    /// <summary>The most seconds of one: a day.</summary>
    internal const int Longest = 86400;

    /// <summary>As rows are called: ordered by start.</summary>
    internal string Row => string.Create(CultureInfo.InvariantCulture, $"{Start:d11}.{Seconds:d5}");

    /// <summary>When it is over.</summary>
    public DateTimeOffset End => DateTimeOffset.FromUnixTimeSeconds(Start + Seconds);

    /// <summary>Reads what <see cref="Row"/> gave.</summary>
    internal static Period Parse(ReadOnlySpan<char> row) =>
        new(long.Parse(row[..11], CultureInfo.InvariantCulture), int.Parse(row[12..17], CultureInfo.InvariantCulture));
}
