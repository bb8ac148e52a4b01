using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What was sent and asked for within a day.</summary>
public sealed record Traffic(long In, long Out, long Operations);

/// <summary>What something holds.</summary>
/// <param name="Id">By which traffic is asked for.</param>
/// <param name="Name">For people.</param>
/// <param name="Held">How much.</param>
/// <param name="Href">More about it; null for nothing.</param>
/// <param name="Traffic">Null where it is not counted.</param>
public sealed record AmountLine(string Id, string Name, UsageAmount Held, string? Href, Traffic? Traffic = null);

/// <summary>What the page of usage shows.</summary>
/// <param name="Page">The lines of this page; null where the person may not see them.</param>
/// <param name="Of">bucket, account or location.</param>
/// <param name="Number">Of the page, from one.</param>
/// <param name="Pages">How many there are.</param>
/// <param name="Found">Lines on all of them.</param>
/// <param name="Total">Bytes of everything.</param>
/// <param name="Filter">What names contain; null for anything.</param>
/// <param name="By">The column that sorts.</param>
/// <param name="IsDescending">Whether the greatest come first.</param>
/// <param name="HasTraffic">Whether operations and traffic are counted.</param>
/// <param name="Charts">The same over time; null where the person may not see it.</param>
public sealed record UsageModel(
    IReadOnlyList<AmountLine>? Page, string Of, int Number, int Pages, int Found, long Total, string? Filter, string By, bool IsDescending, bool HasTraffic, HistoryCharts? Charts);

public partial class UsagePage
{
    /// <summary>By what is counted.</summary>
    internal static readonly (string Of, string Name, string One)[] Kinds = [("bucket", "By bucket", "Bucket"), ("account", "By account", "Account"), ("location", "By location", "Location")];

    private const int OnPage = 50;
    private const long Quarter = 900_000;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (of, filter, by) = (Kinds.Any(kind => kind.Of == call.Query("of")) ? call.Query("of")! : Kinds[0].Of, call.Query("q"), call.Query("by") ?? "size");
        var isDescending = call.Query("by") is null || call.Query("down") is not null;
        if (await StoredAmounts.Read(call, ct, isOwn: false) is not { } stored) return await call.Page<UsagePage>(new UsageModel(null, of, 1, 1, 0, 0, filter, by, isDescending, false, null));
        List<AmountLine> all = of switch
        {
            "account" => [.. stored.First.Accounts.Select(each => new AmountLine(each.Account, each.Name ?? each.Account, each.Held, call.Link("account", ("id", each.Account))))],
            "location" => [.. stored.First.Locations.Select(each => new AmountLine(each.Location, each.Location.Length == 0 ? "being counted" : each.Location, each.Held, null))],
            _ => [.. stored.Buckets.Select(each => new AmountLine(each.Bucket, each.Bucket, each.Held, call.Link(ConsolePath.Bucket(each.Bucket))))],
        };
        var found = filter is null ? all : all.FindAll(each => each.Name.Contains(filter, StringComparison.OrdinalIgnoreCase));
        IEnumerable<AmountLine> sorted = by switch
        {
            "name" => found.OrderBy(each => each.Name, StringComparer.OrdinalIgnoreCase),
            "versions" => found.OrderBy(each => each.Held.Versions),
            "uploads" => found.OrderBy(each => each.Held.UploadBytes),
            _ => found.OrderBy(each => each.Held.Bytes),
        };
        if (isDescending) sorted = sorted.Reverse();
        var pages = Math.Max(1, (found.Count + OnPage - 1) / OnPage);
        var number = int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, pages) : 1;
        var page = sorted.Skip((number - 1) * OnPage).Take(OnPage).ToList();
        var hasTraffic = of != "location" && page.Count > 0 && await IsCounted(call, ct);
        if (hasTraffic)
        {
            var traffic = await Read(call, of + "s", page, ct);
            page = page.ConvertAll(line => line with { Traffic = traffic.GetValueOrDefault(line.Id) });
        }
        return await call.Page<UsagePage>(
            new UsageModel(page, of, number, pages, found.Count, stored.First.Total.Bytes, filter, by, isDescending, hasTraffic, await HistoryCharts.Read(call, ct)));
    }

    private static async ValueTask<bool> IsCounted(ConsoleCall call, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", "/_/management/settings", "", ct);
        return answer.Code is null && answer.Json(SettingJson.Default.SettingsDocument).Settings.Any(each => each is { Name: "usage.collect", Value: "true" });
    }

    /// <summary>Of the last day, by Utapi; nothing where that does not answer.</summary>
    private static async ValueTask<Dictionary<string, Traffic>> Read(ConsoleCall call, string level, List<AmountLine> lines, CancellationToken ct)
    {
        var from = call.Clock.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds() / Quarter * Quarter;
        var body = new JsonObject { [level] = new JsonArray([.. lines.Select(line => (JsonNode)line.Id)]), ["timeRange"] = new JsonArray(from) };
        var answer = await call.Api.Send("POST", "/" + level, "?Action=ListMetrics&Version=20160815", ct, System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
        if (answer.Code is not null) return [];
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.EnumerateArray().ToDictionary(
            each => each.GetProperty(level == "buckets" ? "bucketName" : "accountId").GetString()!,
            each => new Traffic(each.GetProperty("incomingBytes").GetInt64(), each.GetProperty("outgoingBytes").GetInt64(), each.GetProperty("operations").EnumerateObject().Sum(one => one.Value.GetInt64())),
            StringComparer.Ordinal);
    }
}
