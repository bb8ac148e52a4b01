using System.Globalization;
using ZenkoFunctions.Api.Console.Parts;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>Something that somebody should look at.</summary>
/// <param name="What">What is so.</param>
/// <param name="Advice">What to do.</param>
/// <param name="IsBad">Whether something is lost or down, rather than late or waiting.</param>
/// <param name="Href">Where that is done; null for elsewhere.</param>
/// <param name="Link">The text of the link there.</param>
public sealed record Attention(string What, string Advice, bool IsBad, string? Href = null, string? Link = null);

/// <summary>What administrators see of the whole installation.</summary>
public sealed record ServerNumbers(
    long Bytes, long Versions, int Accounts, double Requests, double Errors, double Pending, long PendingBytes, IReadOnlyList<Bar> Locations, IReadOnlyList<Bar> Largest, IReadOnlyList<Bar> Operations, IReadOnlyList<Bar> Sites);

/// <summary>What the dashboard shows.</summary>
/// <param name="At">When.</param>
/// <param name="Buckets">The person's own.</param>
/// <param name="Attention">The worst first.</param>
/// <param name="Server">The installation; null for who may not see it.</param>
public sealed record DashboardModel(DateTimeOffset At, int Buckets, IReadOnlyList<Attention> Attention, ServerNumbers? Server)
{
    /// <summary>The installation over time; null for who may not see it.</summary>
    public HistoryCharts? History { get; init; }
}

public partial class DashboardPage
{
    private const int OnChart = 6;

    private static readonly TimeSpan Late = TimeSpan.FromMinutes(15);

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var listed = await call.Api.Send("GET", "/", "", ct);
        var buckets = listed.Status == 403 ? 0 : listed.OrThrow().Xml().All("Bucket").Count();
        var metrics = await call.Api.Send("GET", "/_/metrics", "", ct);
        var stored = await StoredAmounts.Read(call, ct, isOwn: false);
        if (metrics.Status == 403 || stored is null) return await call.Page<DashboardPage>(new DashboardModel(call.Clock.GetUtcNow(), buckets, [], null));
        var samples = MetricSample.ReadAll(metrics.OrThrow().Text());
        var health = await LocationsPage.Health(call, ct);
        List<FailedCopiesModel> failed = [];
        foreach (var (site, _) in await ReplicationPage.Sites(call, ct)) failed.Add(await FailedCopiesPage.Read(call, site, ct));
        var requests = samples.Where(sample => sample.Name == "s3_cloudserver_http_requests_total" && sample["protocol"] is "s3" or "blob").ToList();
        var pending = samples.Where(sample => sample.Name == "zenkofn_replication_pending_objects").ToList();
        return await call.Page<DashboardPage>(new DashboardModel(call.Clock.GetUtcNow(), buckets, Attentions(call, samples, health, failed), new(
            stored.First.Total.Bytes, stored.First.Total.Versions, stored.First.Accounts.Count,
            requests.Sum(sample => sample.Value), requests.Where(sample => sample["code"].StartsWith('5')).Sum(sample => sample.Value),
            pending.Sum(sample => sample.Value), (long)samples.Where(sample => sample.Name == "zenkofn_replication_pending_bytes").Sum(sample => sample.Value),
            Chart(stored.First.Locations.Select(each => new Bar(each.Location.Length == 0 ? "being counted" : each.Location, each.Held.Bytes, Text.Bytes(each.Held.Bytes)))),
            Chart(stored.Buckets.Select(each => new Bar(each.Bucket, each.Held.Bytes, Text.Bytes(each.Held.Bytes), call.Link(ConsolePath.Bucket(each.Bucket))))),
            Chart(requests.GroupBy(sample => (sample["protocol"], sample["action"])).Select(group =>
                new Bar(group.Key.Item1 == "s3" ? group.Key.Item2 : $"{group.Key.Item2} (Azure Blob)", group.Sum(each => each.Value), Text.Number(group.Sum(each => each.Value))))),
            Chart(pending.Select(sample => new Bar(sample["location"], sample.Value, Text.Number(sample.Value))))))
        {
            History = await HistoryCharts.Read(call, ct),
        });
    }

    private static List<Attention> Attentions(ConsoleCall call, IReadOnlyList<MetricSample> samples, IReadOnlyDictionary<string, bool> health, IReadOnlyList<FailedCopiesModel> failed)
    {
        List<Attention> found = [];
        foreach (var (name, answers) in health)
            if (!answers) found.Add(new($"{name} does not answer.", "What is kept there cannot be read, nor anything written. Check its credentials and its network: zenkofn location check " + name, true));
        foreach (var site in failed)
        {
            if (site.Lines.Count > 0)
                found.Add(new($"{Text.Count(site.Lines.Count, "copy", "copies")}{(site.Next is null ? "" : " and more")} to {site.Site} were given up.", "Find out what stands in the way, then send them again.", true, call.Link("replication/failed", ("site", site.Site)), "Show them"));
        }
        foreach (var sample in samples)
        {
            if (sample.Name == "zenkofn_replication_oldest_pending_seconds" && TimeSpan.FromSeconds(sample.Value) is var age && age > Late)
                found.Add(new($"Copies to {sample["location"]} are late.", $"The oldest has waited for {Text.Duration(age)}.", false));
            else if (sample.Name == "zenkofn_site_paused" && sample.Value > 0)
                found.Add(new($"{sample["location"]} is paused for {(sample["service"] == "crr" ? "replication" : sample["service"])}.", "Its work is kept until somebody resumes it.", false, call.Link("replication"), "To replication"));
        }
        return [.. found.OrderByDescending(each => each.IsBad)];
    }

    private static IReadOnlyList<Bar> Chart(IEnumerable<Bar> bars) => [.. bars.Where(bar => bar.Amount > 0).OrderByDescending(bar => bar.Amount).Take(OnChart)];
}

/// <summary>A sample of a metric, as Prometheus' text has it.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>A label; empty where there is none.</summary>
    public string this[string label] => Labels.GetValueOrDefault(label, "");

    /// <summary>All of a text of ours.</summary>
    public static IReadOnlyList<MetricSample> ReadAll(string text)
    {
        List<MetricSample> samples = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#' || line.LastIndexOf(' ') is not (> 0 and var blank)) continue;
            if (!double.TryParse(line.AsSpan(blank + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) continue;
            var name = line[..blank];
            var brace = name.IndexOf('{', StringComparison.Ordinal);
            samples.Add(new(brace < 0 ? name : name[..brace], brace < 0 ? new Dictionary<string, string>() : ReadLabels(name.AsSpan(brace + 1)), value));
        }
        return samples;
    }

    private static Dictionary<string, string> ReadLabels(ReadOnlySpan<char> text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        while (text.IndexOf("=\"") is > 0 and var equals)
        {
            var (name, value, at) = (text[..equals].TrimStart(',').Trim().ToString(), new System.Text.StringBuilder(), equals + 2);
            for (; at < text.Length && text[at] != '"'; at++)
                value.Append(text[at] == '\\' && ++at < text.Length ? text[at] == 'n' ? '\n' : text[at] : text[at]);
            labels[name] = value.ToString();
            text = at < text.Length ? text[(at + 1)..] : [];
        }
        return labels;
    }
}
