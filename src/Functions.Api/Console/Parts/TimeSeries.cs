using System.Globalization;

namespace ZenkoFunctions.Api.Console.Parts;

/// <summary>An amount over time.</summary>
/// <param name="Name">Of what.</param>
/// <param name="Values">One for each step; null where it is not known.</param>
public sealed record TimeSeries(string Name, IReadOnlyList<double?> Values);

/// <summary>What a chart over time shows.</summary>
/// <param name="Title">What it is about, and in which unit where the numbers do not tell.</param>
/// <param name="Start">When the first step begins.</param>
/// <param name="Step">How long each is.</param>
/// <param name="Series">At most <see cref="Most"/>.</param>
/// <param name="Told">A value for people.</param>
/// <param name="IsBinary">Whether a thousand is 1,024.</param>
public sealed record TimeChartModel(string Title, DateTimeOffset Start, TimeSpan Step, IReadOnlyList<TimeSeries> Series, Func<double, string> Told, bool IsBinary = false)
{
    /// <summary>The most series: so many colours can be told apart.</summary>
    public const int Most = 5;

    /// <summary>In the drawing's own units.</summary>
    internal const double Width = 600, Height = 100;

    private const int MostLines = 24;

    /// <summary>How many steps there are.</summary>
    internal int Steps => Series.Count == 0 ? 0 : Series[0].Values.Count;

    /// <summary>The value at the top: a round one.</summary>
    internal double Top => Round(Series.SelectMany(each => each.Values).Max() ?? 0);

    /// <summary>When a step begins.</summary>
    internal DateTimeOffset At(int step) => Start + (step * Step);

    /// <summary>A moment as the axis tells it.</summary>
    internal string Label(DateTimeOffset at) => (Steps * Step) > TimeSpan.FromDays(2) ? at.UtcDateTime.ToString("MMM d", CultureInfo.InvariantCulture) : at.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The last value that is known.</summary>
    internal static double? Last(TimeSeries series) => series.Values.LastOrDefault(value => value is not null);

    /// <summary>The drawing in words.</summary>
    internal string Words => $"From {Text.Time(Start)} to {Text.Time(At(Steps))}. " + string.Join(" ", Series.Select(each => each.Values.Any(value => value is not null)
        ? $"{each.Name}: between {Told(each.Values.Min() ?? 0)} and {Told(each.Values.Max() ?? 0)}, at last {Told(Last(each) ?? 0)}."
        : $"{each.Name}: not known."));

    /// <summary>The lines of a series: one for each stretch of time in which it is known.</summary>
    internal IEnumerable<string> Lines(TimeSeries series)
    {
        foreach (var (first, last) in Stretches(series))
            yield return first == last ? $"{X(first - 0.3)},{Y(series, first)} {X(first + 0.3)},{Y(series, first)}" : string.Join(' ', Enumerable.Range(first, last - first + 1).Select(i => $"{X(i)},{Y(series, i)}"));
    }

    /// <summary>What is below these lines.</summary>
    internal IEnumerable<string> Areas(TimeSeries series)
    {
        foreach (var (first, last) in Stretches(series))
            if (first < last) yield return $"{X(first)},{Number(Height)} {string.Join(' ', Enumerable.Range(first, last - first + 1).Select(i => $"{X(i)},{Y(series, i)}"))} {X(last)},{Number(Height)}";
    }

    /// <summary>The steps of a table that is not longer than people read, and of which step each line tells.</summary>
    internal IEnumerable<int> TableSteps()
    {
        var each = Math.Max(1, (Steps + MostLines - 1) / MostLines);
        for (var i = Steps - 1; i >= 0; i -= each)
            if (Series.Any(series => series.Values[i] is not null)) yield return i;
    }

    private static IEnumerable<(int First, int Last)> Stretches(TimeSeries series)
    {
        for (var i = 0; i < series.Values.Count; i++)
        {
            if (series.Values[i] is null) continue;
            var first = i;
            while (i + 1 < series.Values.Count && series.Values[i + 1] is not null) i++;
            yield return (first, i);
        }
    }

    private string X(double step) => Number((step + 0.5) * Width / Math.Max(1, Steps));

    private string Y(TimeSeries series, int step) => Number(Height - (Height * Math.Max(0, series.Values[step] ?? 0) / Top));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // 1, 2 or 5 of a unit, and something where there is nothing at all.
    private double Round(double most)
    {
        if (most <= 0) return 1;
        var unit = 1.0;
        if (IsBinary) while (most / unit >= 1024) unit *= 1024;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most / unit)));
        foreach (var factor in (ReadOnlySpan<double>)[1, 2, 5, 10])
            if (factor * power * unit >= most) return factor * power * unit;
        return most;
    }
}
