using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Collects what was measured of servers that are asked the same, and writes it as markdown.</summary>
/// <param name="targets">The servers.</param>
/// <param name="ours">The name of the one that the others are compared with.</param>
/// <param name="peers">The names of the others; the last is another's server, and its errors are its own.</param>
internal sealed class Report(IReadOnlyList<Target> targets, string ours, params IReadOnlyList<string> peers)
{
    private readonly List<string> rows = [];
    private readonly List<string> lost = [];
    private readonly Dictionary<(string Row, string Target), List<Measurement>> all = [];

    /// <summary>The servers.</summary>
    public IReadOnlyList<Target> Targets => targets;

    /// <summary>The name of ours.</summary>
    public string Ours => ours;

    /// <summary>The rows in the order in which they were measured.</summary>
    public IReadOnlyList<string> Rows => rows;

    /// <summary>Whether the run came to an early end.</summary>
    public bool Broken { get; set; }

    /// <summary>Whether a row of ours or of the bare server saw errors.</summary>
    public bool Failed => Broken || all.Any(pair => pair.Key.Target != peers[^1] && pair.Value.Exists(measured => measured.Errors > 0));

    /// <summary>A server failed or ended; its later rows are missing.</summary>
    public void Lost(Target target, string reason)
    {
        lost.Add($"{target.Name} was lost in {reason}");
        Broken |= target.Name != peers[^1];
    }

    public void Add(Target target, Measurement measured)
    {
        if (!all.TryGetValue((measured.Row, target.Name), out var list))
        {
            all[(measured.Row, target.Name)] = list = [];
            if (!rows.Contains(measured.Row)) rows.Add(measured.Row);
        }
        list.Add(measured);
    }

    /// <summary>The tables; a value is the median of its rounds.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        void Line(IFormattable line) => text.AppendLine(line.ToString(null, CultureInfo.InvariantCulture));
        void Head(params IEnumerable<string> cells)
        {
            Line($"| {string.Join(" | ", cells)} |");
            Line($"| --- |{string.Concat(Enumerable.Repeat(" ---: |", cells.Count() - 1))}");
        }

        Head(["row", "unit", .. targets.Select(target => target.Name), .. peers.Select(peer => $"ours / {peer}")]);
        foreach (var row in rows)
        {
            var unit = targets.Select(target => Median(row, target.Name)).First(measured => measured is not null)!.Unit;
            Line($"| {row} | {Name(unit)} | {string.Join(" | ", targets.Select(target => Cell(row, target.Name)))} | {string.Join(" | ", peers.Select(peer => Ratio(row, peer)))} |");
        }
        Line($"");
        Line($"Values are medians of the rounds; a ratio is the median of the rounds' ratios, and above 1 where we are faster. Latency in ms (p50 / p99), and processor time in µs a request (in ms where a request moves MiB): the server's, with the work it left for later, and the driver's.");
        Line($"");
        Head(["row", .. targets.Select(target => $"{target.Name} p50 / p99"), .. targets.Select(target => $"{target.Name} CPU"), "driver CPU"]);
        foreach (var row in rows)
            Line($"| {row} | {string.Join(" | ", targets.Select(target => Latency(row, target.Name)))} | {string.Join(" | ", targets.Select(target => Cpu(row, target.Name, one => one.ServerSeconds)))} | {Cpu(row, targets[0].Name, one => one.DriverSeconds)} |");
        Line($"");
        Line($"Most memory resident during the row (VmHWM), in MiB:");
        Line($"");
        Head(["row", .. targets.Select(target => target.Name)]);
        foreach (var row in rows)
            Line($"| {row} | {string.Join(" | ", targets.Select(target => Peak(row, target.Name) is { } peak ? $"{peak:0}" : "n/a"))} |");
        foreach (var ((row, target), list) in all)
            foreach (var measured in list.Where(measured => measured.Errors > 0))
                Line($"\n**{target}, {row}: {measured.Errors} errors**, the first: `{measured.FirstError?.ReplaceLineEndings(" ")}`");
        foreach (var reason in lost) Line($"\n**{reason.ReplaceLineEndings(" ")}**");
        return text.ToString();
    }

    /// <summary>The round in the middle, or one with errors; null where none was measured.</summary>
    public Measurement? Median(string row, string target) =>
        all.TryGetValue((row, target), out var list)
            ? list.Find(measured => measured.Errors > 0) ?? list.OrderBy(measured => measured.Value).ElementAt(list.Count / 2)
            : null;

    /// <summary>The most memory of all rounds, in MiB.</summary>
    public double? Peak(string row, string target) =>
        all.TryGetValue((row, target), out var list) ? list.Max(measured => measured.PeakMiB) : null;

    private string Cell(string row, string target) => Median(row, target) switch
    {
        null => "n/a",
        { Errors: > 0 } => "errors",
        { Unit: Unit.MillisecondsPerPage } measured => measured.Value.ToString("N2", CultureInfo.InvariantCulture),
        var measured => measured.Value.ToString("N0", CultureInfo.InvariantCulture),
    };

    /// <summary>How much faster ours is; null where one of both was not measured.</summary>
    public double? RatioOf(string row, string other)
    {
        if (Median(row, ours) is not { Errors: 0 } || Median(row, other) is not { Errors: 0 }) return null;
        // Rounds are compared one by one: what disturbed a round disturbed both.
        var ratios = all[(row, ours)].Zip(all[(row, other)], (ours, theirs) =>
            ours.Unit == Unit.MillisecondsPerPage ? theirs.Value / ours.Value : ours.Value / theirs.Value).Order().ToList();
        return ratios[ratios.Count / 2];
    }

    /// <summary>The same as text.</summary>
    public string Ratio(string row, string other) => RatioOf(row, other)?.ToString("0.00", CultureInfo.InvariantCulture) ?? "n/a";

    private string Latency(string row, string target) => Median(row, target) is { Errors: 0 } measured
        ? string.Create(CultureInfo.InvariantCulture, $"{measured.Latency.Milliseconds(0.5):0.00} / {measured.Latency.Milliseconds(0.99):0.00}")
        : "n/a";

    private string Cpu(string row, string target, Func<Measurement, double> seconds)
    {
        if (Median(row, target) is not { Errors: 0 } measured) return "n/a";
        var each = seconds(measured) / measured.Latency.Count;
        return measured.Unit == Unit.RequestsPerSecond
            ? string.Create(CultureInfo.InvariantCulture, $"{each * 1e6:0}")
            : string.Create(CultureInfo.InvariantCulture, $"{each * 1e3:0.0} ms");
    }

    private static string Name(Unit unit) => unit switch
    {
        Unit.RequestsPerSecond => "requests/s",
        Unit.MiBPerSecond => "MiB/s",
        _ => "ms",
    };
}
