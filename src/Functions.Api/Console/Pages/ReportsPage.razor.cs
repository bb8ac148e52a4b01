using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the list of reports shows.</summary>
public sealed record ReportsModel(IReadOnlyList<ReportLine> Page, int Number, int Pages, int All, string? Bucket, string? Site);

public partial class ReportsPage
{
    private const int OnPage = 50;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (bucket, site) = (call.Query("bucket"), call.Query("site"));
        List<ReportLine> all = [];
        await foreach (var part in call.Api.Pages(WalkTold.Api + "/reports", ct, ("bucket", bucket), ("site", site)))
            all.AddRange(part.Deserialize(WalkDocumentJson.Default.ReportList)!.Reports);
        var pages = Math.Max(1, (all.Count + OnPage - 1) / OnPage);
        var number = int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, pages) : 1;
        return await call.Page<ReportsPage>(new ReportsModel([.. all.OrderByDescending(line => line.Ended).Skip((number - 1) * OnPage).Take(OnPage)], number, pages, all.Count, bucket, site));
    }
}
