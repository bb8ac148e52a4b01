using System.Globalization;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the list of workflows shows.</summary>
/// <param name="Lines">The workflows.</param>
/// <param name="More">Buckets that have more than are shown, and how many.</param>
/// <param name="Number">The page, from 1.</param>
/// <param name="Pages">How many there are.</param>
/// <param name="Found">How many workflows there are; null where the person may not know.</param>
/// <param name="IsCut">Whether there are more than are looked at.</param>
/// <param name="Bucket">The only bucket; null for all.</param>
/// <param name="Kind">The only kind; null for both.</param>
public sealed record WorkflowsModel(
    IReadOnlyList<WorkflowTold> Lines, IReadOnlyList<(string Bucket, int More)> More, int Number, int Pages, int? Found, bool IsCut, string? Bucket, string? Kind);

public partial class WorkflowsPage
{
    private const int BucketsOnPage = 20, RulesOfBucket = 10, OnPage = 50;

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (only, kind) = (call.Query("bucket"), call.Query("kind") is BucketRules.Replication or BucketRules.Lifecycle ? call.Query("kind") : null);
        var asked = int.TryParse(call.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? page : 1;
        if (only is not null)
        {
            var all = await Of(call, only, kind, ct);
            var (number, pages) = At(asked, all.Count, OnPage);
            return await call.Page<WorkflowsPage>(new WorkflowsModel([.. all.Skip((number - 1) * OnPage).Take(OnPage)], [], number, pages, all.Count, false, only, kind));
        }
        var listed = await call.Api.Send("GET", "/_/management/workflows", "", ct);
        if (listed.Status == 403) return await call.Page<WorkflowsPage>(new WorkflowsModel([], [], 1, 1, null, false, null, kind));
        var answer = listed.OrThrow().Json(BucketWorkflowsJson.Default.BucketsWithRules);
        var buckets = answer.Buckets.Where(each => Count(each) > 0).ToList();
        var (at, last) = At(asked, buckets.Count, BucketsOnPage);
        List<WorkflowTold> lines = [];
        List<(string, int)> more = [];
        foreach (var bucket in buckets.Skip((at - 1) * BucketsOnPage).Take(BucketsOnPage))
        {
            // It may have gone, and its rules may be told to others than its list.
            try
            {
                var rules = await Of(call, bucket.Bucket, kind, ct);
                lines.AddRange(rules.Take(RulesOfBucket));
                if (rules.Count > RulesOfBucket) more.Add((bucket.Bucket, rules.Count - RulesOfBucket));
            }
            catch (ConsoleException e) when (e.Status is 403 or 404)
            {
                continue;
            }
        }
        return await call.Page<WorkflowsPage>(new WorkflowsModel(lines, more, at, last, buckets.Sum(Count), answer.Next is not null, null, kind));

        int Count(BucketWithRules bucket) => (kind == BucketRules.Lifecycle ? 0 : bucket.Replication) + (kind == BucketRules.Replication ? 0 : bucket.Lifecycle);
    }

    internal static async ValueTask<Reply> Switch(ConsoleCall call, CancellationToken ct)
    {
        var form = call.Form;
        if (form["kind"] is not (BucketRules.Replication or BucketRules.Lifecycle) || form["do"] is not ("on" or "off"))
            return await call.Problem(400, "This form cannot be read", "Go back, load the page again and send the form once more.");
        var rules = await BucketRules.Read(call, form["bucket"] ?? "", form["kind"]!, ct);
        BucketRules.Set(rules.Find(form["rule"], form["was"]), "Status", form["do"] == "on" ? "Enabled" : "Disabled");
        (await rules.Write(call, ct)).OrThrow();
        return call.Go("workflows", ("bucket", call.Query("bucket")), ("kind", call.Query("kind")), ("did", form["do"]));
    }

    private static async ValueTask<IReadOnlyList<WorkflowTold>> Of(ConsoleCall call, string bucket, string? kind, CancellationToken ct)
    {
        List<WorkflowTold> all = [];
        foreach (var each in (string[])[BucketRules.Replication, BucketRules.Lifecycle])
            if (kind is null || kind == each) all.AddRange((await BucketRules.Read(call, bucket, each, ct)).All.Select(rule => WorkflowTold.Of(bucket, each, rule)));
        return all;
    }

    private static (int Number, int Pages) At(int asked, int count, int onPage)
    {
        var pages = Math.Max(1, (count + onPage - 1) / onPage);
        return (Math.Clamp(asked, 1, pages), pages);
    }
}
