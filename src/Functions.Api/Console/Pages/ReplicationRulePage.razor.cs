using System.Globalization;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form of a workflow that copies shows.</summary>
public sealed record ReplicationRuleModel(bool IsNew, string? Bucket, string? Mark, bool IsOldForm, IReadOnlyList<string> Buckets, IReadOnlyList<(string Site, bool IsChosen)> Sites)
{
    /// <summary>What names begin with.</summary>
    public string? Prefix { get; init; }

    /// <summary>Tags, a line each.</summary>
    public string? Tags { get; init; }

    /// <summary>Where readers are served from; null for the bucket's own location.</summary>
    public string? Preferred { get; init; }

    /// <summary>Whether deletions go, too.</summary>
    public bool Markers { get; init; }

    /// <summary>Whether what was there before goes, too.</summary>
    public bool Existing { get; init; }

    /// <summary>Whether the bucket is to keep versions.</summary>
    public bool Versioning { get; init; }

    /// <summary>Whether it is on.</summary>
    public bool Enabled { get; init; }

    /// <summary>What it does, in words.</summary>
    public IReadOnlyList<string> Preview { get; init; } = [];

    /// <summary>Why it was not saved.</summary>
    public FormProblem? Problem { get; init; }
}

public partial class ReplicationRulePage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var sites = await Sites(call, ct);
        if (call.Query("rule") is not { } id)
        {
            return await call.Page<ReplicationRulePage>(new ReplicationRuleModel(true, call.Query("bucket"), null, false, await NewTaskPage.BucketNames(call, ct), [.. sites.Select(site => (site, sites.Count == 1))])
            {
                Markers = true, Versioning = true, Enabled = true,
            });
        }
        var bucket = call.Query("bucket") ?? "";
        var rules = await BucketRules.Read(call, bucket, BucketRules.Replication, ct);
        var rule = rules.Find(id, null);
        var (scope, chosen) = (RuleScope.Of(rule), Chosen(rule, sites));
        return await call.Page<ReplicationRulePage>(
            new ReplicationRuleModel(false, bucket, BucketRules.MarkOf(rule), rules.IsOldForm, [], [.. sites.Union(chosen.Select(each => each.Name)).Select(site => (site, chosen.Any(each => each.Name == site)))])
            {
                Prefix = scope.Prefix, Tags = scope.TagLines, Preferred = chosen.FirstOrDefault(each => each.IsPreferred).Name,
                Markers = rule.Child("DeleteMarkerReplication")?.Of("Status") == "Enabled", Existing = rule.Child("ExistingObjectReplication")?.Of("Status") == "Enabled",
                Enabled = rule.Of("Status") == "Enabled", Preview = WorkflowTold.Of(bucket, BucketRules.Replication, rule).Sentences,
            });
    }

    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        var (form, id) = (call.Form, call.Query("rule"));
        var bucket = (id is null ? form["bucket"] : call.Query("bucket")) ?? "";
        var (isOldForm, sites) = (false, await Sites(call, ct));
        try
        {
            var rules = await BucketRules.Read(call, bucket, BucketRules.Replication, ct);
            isOldForm = rules.IsOldForm;
            var rule = id is null ? rules.New() : rules.Find(id, form["was"] ?? "");
            Write(rule, rules, form, sites);
            if (form["do"] == "preview") return await Again(null, WorkflowTold.Of(bucket, BucketRules.Replication, rule).Sentences);
            if (id is null) rules.Add(rule);
            if (id is null && form["versioning"] is not null) await KeepVersions(call, bucket, ct);
            var answer = await rules.Write(call, ct);
            if (answer.Refusal is { } refused) return await Again(FormProblem.Of(refused), [], refused.Status);
            return call.Go("workflows", ("bucket", bucket), ("did", "saved"));
        }
        catch (ConsoleException e)
        {
            return await Again(FormProblem.Of(e), [], e.Status);
        }

        async ValueTask<Reply> Again(FormProblem? problem, IReadOnlyList<string> preview, int status = 200) => await call.Page<ReplicationRulePage>(
            new ReplicationRuleModel(id is null, bucket, form["was"], isOldForm, id is null ? await NewTaskPage.BucketNames(call, ct) : [], [.. sites.Select(site => (site, form["to-" + site] is not null))])
            {
                Prefix = form["prefix"], Tags = form["tags"], Preferred = form["preferred"], Markers = form["markers"] is not null, Existing = form["existing"] is not null,
                Versioning = form["versioning"] is not null, Enabled = form["enabled"] is not null, Preview = preview, Problem = problem,
            },
            status);
    }

    private static void Write(XElement rule, BucketRules rules, ConsoleForm form, IReadOnlyList<string> sites)
    {
        var before = Chosen(rule, sites);
        var chosen = sites.Union(before.Select(each => each.Name)).Where(site => form["to-" + site] is not null).ToList();
        if (chosen.Count == 0) throw new ConsoleException(400, "InvalidRequest", "Choose at least one location to copy to.");
        var preferred = form["preferred"];
        if (preferred is not null && !chosen.Contains(preferred)) throw new ConsoleException(400, "InvalidRequest", $"Readers cannot be served from {preferred}, as nothing is copied there.");
        RuleScope.Write(rule, rules.IsOldForm, form);
        BucketRules.Set(rule, "Status", form["enabled"] is null ? "Disabled" : "Enabled");
        var destination = BucketRules.Within(rule, "Destination");
        if (!before.Select(each => each.Name).Order().SequenceEqual(chosen.Order()) || before.FirstOrDefault(each => each.IsPreferred).Name != preferred)
            BucketRules.Set(destination, "StorageClass", string.Join(',', chosen.Select(site => site == preferred ? site + ":preferred_read" : site)));
        if (rules.IsOldForm) return;
        if (rule.Child("Priority") is null)
        {
            var highest = rules.All.Select(each => int.TryParse(each.Of("Priority"), NumberStyles.None, CultureInfo.InvariantCulture, out var priority) ? priority : 0).DefaultIfEmpty().Max();
            BucketRules.Set(rule, "Priority", (highest + 1).ToString(CultureInfo.InvariantCulture));
        }
        BucketRules.Set(BucketRules.Within(rule, "DeleteMarkerReplication"), "Status", form["markers"] is null ? "Disabled" : "Enabled");
        if (form["existing"] is not null) BucketRules.Set(BucketRules.Within(rule, "ExistingObjectReplication"), "Status", "Enabled");
        else if (rule.Child("ExistingObjectReplication") is { } existing) BucketRules.Set(existing, "Status", "Disabled");
    }

    /// <summary>The locations of a rule; where it names none that is one, the only one is meant.</summary>
    private static List<(string Name, bool IsPreferred)> Chosen(XElement rule, IReadOnlyList<string> sites)
    {
        if (rule.Child("Destination") is null) return [];
        var named = WorkflowTold.SitesOf(rule).Where(each => sites.Contains(each.Name)).ToList();
        return named.Count > 0 || sites.Count != 1 ? named : [(sites[0], false)];
    }

    private static async ValueTask<IReadOnlyList<string>> Sites(ConsoleCall call, CancellationToken ct)
    {
        var sites = (await ReplicationPage.Sites(call, ct)).Select(each => each.Name);
        var known = await call.Api.Send("GET", LocationForm.Root, "", ct);
        if (known.Code is not null) return [.. sites];
        // Copies of several buckets would meet where keys go without the bucket's name.
        var others = known.Json(LocationsJson.Default.LocationList).Locations.Where(each => each.Details.BucketMatch == true).Select(each => each.Name).ToHashSet();
        return [.. sites.Where(site => !others.Contains(site))];
    }

    private static async ValueTask KeepVersions(ConsoleCall call, string bucket, CancellationToken ct)
    {
        var path = ConsoleApi.PathOf(bucket);
        if ((await call.Api.Xml(path, "?versioning", ct)).Of("Status") == "Enabled") return;
        await call.Api.Do("PUT", path, "?versioning", ct, Documents.Element("VersioningConfiguration", Documents.Element("Status", "Enabled")).Bytes());
    }
}
