using System.Globalization;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A bucket in the list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Bytes">What it holds; null where the person may not know.</param>
/// <param name="Versions">In how many versions; null where the person may not know.</param>
/// <param name="Location">Where that is; empty where the person may not know.</param>
public sealed record BucketLine(string Name, DateTimeOffset? Created, long? Bytes, long? Versions, string Location);

/// <summary>What the list of buckets shows.</summary>
/// <param name="Page">The buckets of this page.</param>
/// <param name="Number">Of the page, from one.</param>
/// <param name="Pages">How many there are.</param>
/// <param name="Found">Buckets on all of them.</param>
/// <param name="All">Buckets without the filter.</param>
/// <param name="Filter">What names contain; null for any.</param>
/// <param name="By">The column that sorts.</param>
/// <param name="IsDescending">Whether the greatest come first.</param>
/// <param name="HasAll">Whether it is known of all buckets what they hold, so that they can be sorted by it.</param>
/// <param name="IsCut">Whether there are more than are looked at.</param>
public sealed record BucketsModel(
    IReadOnlyList<BucketLine> Page, int Number, int Pages, int Found, int All, string? Filter, string By, bool IsDescending, bool HasAll, bool IsCut);

public partial class BucketsPage
{
    private const int Most = 10_000, OnPage = 50;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var listed = await call.Api.Xml("/", ConsoleApi.Query(("max-buckets", Most.ToString(CultureInfo.InvariantCulture))), ct);
        var held = await StoredAmounts.Read(call, ct);
        var all = listed.All("Bucket").Select(bucket =>
        {
            var name = bucket.Of("Name")!;
            var amount = held?.Of(name);
            return new BucketLine(name, Text.ReadTime(bucket.Of("CreationDate")), held is null ? null : amount?.Held.Bytes ?? 0, held is null ? null : amount?.Held.Versions ?? 0, string.Join(", ", amount?.Locations.Select(each => each.Location) ?? []));
        }).ToList();
        var (filter, by, isDescending) = (call.Query("q"), call.Query("by") ?? "name", call.Query("down") is not null);
        var found = filter is null ? all : all.FindAll(line => line.Name.Contains(filter, StringComparison.OrdinalIgnoreCase));
        // Stable, and in order of name as they came: what is equal stays in that order.
        IEnumerable<BucketLine> sorted = by switch
        {
            "size" => Order(line => line.Bytes),
            "versions" => Order(line => line.Versions),
            "created" => Order(line => line.Created ?? default),
            _ => isDescending ? found.AsEnumerable().Reverse() : found,
        };
        var pages = Math.Max(1, (found.Count + OnPage - 1) / OnPage);
        var number = int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, pages) : 1;
        var page = sorted.Skip((number - 1) * OnPage).Take(OnPage).ToList();
        if (held is null)
            for (var i = 0; i < page.Count; i++) page[i] = await Measured(call, page[i], ct);
        return await call.Page<BucketsPage>(new BucketsModel(
            page, number, pages, found.Count, all.Count, filter, by, isDescending, held is not null, listed.Of("ContinuationToken") is not null));

        IEnumerable<BucketLine> Order<T>(Func<BucketLine, T> of) => isDescending ? found.OrderByDescending(of) : found.OrderBy(of);
    }

    /// <summary>With what the bucket itself tells its owner, whether it has a quota or not.</summary>
    private static async ValueTask<BucketLine> Measured(ConsoleCall call, BucketLine line, CancellationToken ct)
    {
        var told = (await call.Api.Send("GET", ConsoleApi.PathOf(line.Name), "?quota", ct)).Reply;
        return line with { Bytes = Number("x-zenkofn-usage-bytes"), Versions = Number("x-zenkofn-usage-versions") };

        long? Number(string header) => long.TryParse(told.Header(header), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}

/// <summary>What is stored, by bucket, account and location, for those who may know.</summary>
internal sealed class StoredAmounts
{
    private const int MostPages = 10;

    private readonly Dictionary<string, UsageOfBucket> buckets = new(StringComparer.Ordinal);

    private StoredAmounts(UsageDocument first) => First = first;

    /// <summary>The totals.</summary>
    public UsageDocument First { get; }

    /// <summary>All buckets that were read.</summary>
    public IEnumerable<UsageOfBucket> Buckets => buckets.Values;

    /// <summary>Of a bucket; null where it is not told.</summary>
    public UsageOfBucket? Of(string bucket) => buckets.GetValueOrDefault(bucket);

    /// <summary>What the usage API tells; null where it does not tell it to this person.</summary>
    public static async ValueTask<StoredAmounts?> Read(ConsoleCall call, CancellationToken ct, bool isOwn = true)
    {
        StoredAmounts? amounts = null;
        string? marker = null;
        for (var page = 0; page < MostPages; page++)
        {
            var answer = await call.Api.Send("GET", "/_/management/usage", ConsoleApi.Query(("account", isOwn ? call.Key!.Account.Id : null), ("marker", marker)), ct);
            if (answer.Status == 403) return null;
            var document = answer.OrThrow().Json(UsageDocumentJson.Default.UsageDocument);
            amounts ??= new(document);
            foreach (var bucket in document.Buckets) amounts.buckets[bucket.Bucket] = bucket;
            if ((marker = document.Next) is null) break;
        }
        return amounts;
    }
}
