using System.Globalization;
using ZenkoFunctions.Api.Console.Parts;
using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Core.History;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>An installation's numbers over time.</summary>
/// <param name="Range">How long: hour, day or month.</param>
/// <param name="Charts">Those of which there is something to show.</param>
public sealed record HistoryCharts(string Range, IReadOnlyList<TimeChartModel> Charts)
{
    /// <summary>The titles of what is stored.</summary>
    internal const string Stored = "Stored", Objects = "Objects and versions";

    /// <summary>The times that can be shown.</summary>
    internal static readonly (string Name, string Title, TimeSpan Time, TimeSpan Step)[] Ranges =
    [
        ("hour", "Last hour", TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)), ("day", "Last day", TimeSpan.FromDays(1), TimeSpan.FromMinutes(15)),
        ("month", "Last month", TimeSpan.FromDays(30), TimeSpan.FromHours(6)),
    ];

    /// <summary>Reads them; null where the person may not see them.</summary>
    internal static async ValueTask<HistoryCharts?> Read(ConsoleCall call, CancellationToken ct)
    {
        var (name, _, time, step) = Array.Find(Ranges, each => each.Name == call.Query("range")) is { Name: not null } found ? found : Ranges[0];
        var now = call.Clock.GetUtcNow();
        // Whole steps, the last of which is under way.
        var to = DateTimeOffset.FromUnixTimeSeconds(((now.ToUnixTimeSeconds() / (long)step.TotalSeconds) + (step > TimeSpan.FromMinutes(1) ? 1 : 0)) * (long)step.TotalSeconds);
        var answer = await call.Api.Send("GET", "/_/management/history", ConsoleApi.Query(("from", (to - time).ToString("O")), ("to", to.ToString("O")), ("step", ((long)step.TotalSeconds).ToString(CultureInfo.InvariantCulture))), ct);
        if (answer.Status == 403) return null;
        return new(name, Of(answer.OrThrow().Json(HistoryDocumentJson.Default.HistoryDocument), now));
    }

    private static List<TimeChartModel> Of(HistoryDocument history, DateTimeOffset now)
    {
        var step = TimeSpan.FromSeconds(history.StepSeconds);
        var steps = new HistoryPoint?[(int)((history.To - history.From) / step)];
        foreach (var point in history.Points)
            if ((int)((point.Start - history.From) / step) is var at && at >= 0 && at < steps.Length) steps[at] = point;
        List<TimeChartModel> charts = [];

        var stored = Filled([.. steps.Select(point => point?.Stored)]);
        Add(Stored, Largest(stored.SelectMany(each => each ?? []), each => each.Location, each => each.Bytes).Select(location =>
            new TimeSeries(location.Length == 0 ? "being counted" : location, [.. stored.Select(each => each is null ? (double?)null : each.FirstOrDefault(one => one.Location == location)?.Bytes ?? 0)])), Bytes, true);
        Add(Objects, [new("versions", [.. stored.Select(each => each is null ? (double?)null : each.Sum(one => one.Versions))])], Count);
        Add("Requests a minute", [Requests("S3", "s3", each => each.Done + each.Refused + each.Failed, 60), Requests("Azure Blob", "blob", each => each.Done + each.Refused + each.Failed, 60)], Rate);
        Add("Errors a minute", [Requests("refused (4xx)", null, each => each.Refused, 60), Requests("failed (5xx)", null, each => each.Failed, 60)], Rate);
        Add("Traffic a second", [Requests("in", null, each => each.Received, 1), Requests("out", null, each => each.Sent, 1)], Bytes, true);

        var sites = Largest(steps.SelectMany(point => point?.Sites ?? []), each => each.Site, each => each.Pending + each.Done);
        AddSites("Copies that are owed", (site, _, _) => site.Pending, Count);
        AddSites("Copied a second", (site, before, seconds) => before is null ? null : Math.Max(0, site.DoneBytes - before.DoneBytes) / seconds, Bytes, true);
        AddSites("Given up", (site, before, _) => before is null ? null : Math.Max(0, site.Failed - before.Failed), Count);
        AddSites("Lag of 99 of 100 copies", (site, _, _) => site.LagP99, value => Text.Duration(TimeSpan.FromSeconds(value)));
        return charts;

        void Add(string title, IEnumerable<TimeSeries> series, Func<double, string> told, bool isBinary = false)
        {
            var shown = series.Where(each => each.Values.Any(value => value > 0)).Take(TimeChartModel.Most).ToList();
            if (shown.Count > 0) charts.Add(new(title, history.From, step, shown, told, isBinary));
        }

        void AddSites(string title, Func<SiteNumbers, SiteNumbers?, double, double?> of, Func<double, string> told, bool isBinary = false) => Add(title, sites.Select(name =>
        {
            SiteNumbers? before = null;
            var values = new double?[steps.Length];
            for (var i = 0; i < steps.Length; i++)
            {
                if (steps[i]?.Sites?.FirstOrDefault(each => each.Site == name) is not { } site) continue;
                values[i] = of(site, before, Seconds(i));
                before = site;
            }
            return new TimeSeries(name, values);
        }), told, isBinary);

        // A step that is under way is as long as it is by now.
        double Seconds(int at) => Math.Clamp((now - history.From - (at * step)).TotalSeconds, 60, step.TotalSeconds);

        TimeSeries Requests(string name, string? protocol, Func<RequestNumbers, double> of, double per) => new(name, [.. steps.Select((point, at) => point is null
            ? (double?)null
            : point.Requests.Where(each => protocol is null ? each.Protocol is "s3" or "blob" : each.Protocol == protocol).Sum(of) * per / Seconds(at))]);
    }

    private static string Bytes(double value) => Text.Bytes((long)value);

    private static string Count(double value) => Text.Number(value);

    private static string Rate(double value) => value is > 0 and < 10 ? value.ToString("0.#", CultureInfo.InvariantCulture) : Text.Number(value);

    private static List<string> Largest<T>(IEnumerable<T> all, Func<T, string> name, Func<T, long> size) =>
        [.. all.GroupBy(name).OrderByDescending(group => group.Max(size)).Take(TimeChartModel.Most).Select(group => group.Key)];

    // What is looked at less often holds until it is looked at again.
    private static T?[] Filled<T>(T?[] values) where T : class
    {
        for (var i = 1; i < values.Length; i++) values[i] ??= values[i - 1];
        return values;
    }
}
