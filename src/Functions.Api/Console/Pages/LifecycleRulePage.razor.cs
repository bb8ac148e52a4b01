using System.Globalization;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form of a workflow that moves or deletes shows.</summary>
/// <param name="IsNew">Whether it is to be made.</param>
/// <param name="For">move or delete, where only that is shown; null for both.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Mark">Tells whether it was changed since.</param>
/// <param name="Buckets">Names of buckets to choose from.</param>
/// <param name="Places">Where objects can be moved.</param>
/// <param name="OtherMoves">Moves of the rule that the form does not show.</param>
/// <param name="Preview">What it does, in words.</param>
/// <param name="Problem">Why it was not saved.</param>
public sealed record LifecycleRuleModel(
    bool IsNew, string? For, string? Bucket, string? Mark, IReadOnlyList<string> Buckets, IReadOnlyList<string> Places, int OtherMoves, IReadOnlyList<string> Preview, FormProblem? Problem)
{
    /// <summary>What fields say.</summary>
    internal Func<string, string?> ValueOf { get; init; } = _ => null;

    /// <summary>What a field says; null for nothing.</summary>
    internal string? this[string field] => ValueOf(field);
}

public partial class LifecycleRulePage
{
    private const string Move = "Transition", MoveOld = "NoncurrentVersionTransition", Delete = "Expiration", DeleteOld = "NoncurrentVersionExpiration", Abort = "AbortIncompleteMultipartUpload";

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var places = await Places(call, ct);
        if (call.Query("rule") is not { } id)
        {
            return await call.Page<LifecycleRulePage>(
                new LifecycleRuleModel(true, For(call), call.Query("bucket"), null, await NewTaskPage.BucketNames(call, ct), places, 0, [], null) { ValueOf = field => field == "enabled" ? "1" : null });
        }
        var bucket = call.Query("bucket") ?? "";
        var rule = (await BucketRules.Read(call, bucket, BucketRules.Lifecycle, ct)).Find(id, null);
        return await call.Page<LifecycleRulePage>(
            new LifecycleRuleModel(false, null, bucket, BucketRules.MarkOf(rule), [], Named(places, rule), Others(rule), WorkflowTold.Of(bucket, BucketRules.Lifecycle, rule).Sentences, null) { ValueOf = field => Said(rule, field) });
    }

    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        var (form, id) = (call.Form, call.Query("rule"));
        var bucket = (id is null ? form["bucket"] : call.Query("bucket")) ?? "";
        var (only, others, places) = (id is null ? For(call) : null, 0, await Places(call, ct));
        try
        {
            var rules = await BucketRules.Read(call, bucket, BucketRules.Lifecycle, ct);
            var rule = id is null ? rules.New() : rules.Find(id, form["was"] ?? "");
            (others, places) = (Others(rule), Named(places, rule));
            Write(rule, rules, form, only);
            if (form["do"] == "preview") return await Again(null, WorkflowTold.Of(bucket, BucketRules.Lifecycle, rule).Sentences);
            if (id is null) rules.Add(rule);
            var answer = await rules.Write(call, ct);
            if (answer.Refusal is { } refused) return await Again(FormProblem.Of(refused), [], refused.Status);
            return call.Go("workflows", ("bucket", bucket), ("did", "saved"));
        }
        catch (ConsoleException e)
        {
            return await Again(FormProblem.Of(e), [], e.Status);
        }

        async ValueTask<Reply> Again(FormProblem? problem, IReadOnlyList<string> preview, int status = 200) => await call.Page<LifecycleRulePage>(
            new LifecycleRuleModel(id is null, only, bucket, form["was"], id is null ? await NewTaskPage.BucketNames(call, ct) : [], places, others, preview, problem) { ValueOf = field => form[field] }, status);
    }

    /// <summary>What a rule says in the place of a field.</summary>
    private static string? Said(XElement rule, string field) => field switch
    {
        "prefix" => RuleScope.Of(rule).Prefix,
        "tags" => RuleScope.Of(rule).TagLines,
        "enabled" => rule.Of("Status") == "Enabled" ? "1" : null,
        "move-to" => rule.Child(Move)?.Of("StorageClass"),
        "move-days" => rule.Child(Move)?.Of("Days"),
        "move-date" => Day(rule.Child(Move)),
        "old-to" => rule.Child(MoveOld)?.Of("StorageClass"),
        "old-move-days" => rule.Child(MoveOld)?.Of("NoncurrentDays"),
        "days" => rule.Child(Delete)?.Of("Days"),
        "date" => Day(rule.Child(Delete)),
        "markers" => rule.Child(Delete)?.Of("ExpiredObjectDeleteMarker") == "true" ? "1" : null,
        "old-days" => rule.Child(DeleteOld)?.Of("NoncurrentDays"),
        "old-keep" => rule.Child(DeleteOld)?.Of("NewerNoncurrentVersions"),
        "uploads" => rule.Child(Abort)?.Of("DaysAfterInitiation"),
        _ => null,
    };

    private static void Write(XElement rule, BucketRules rules, ConsoleForm form, string? only)
    {
        RuleScope.Write(rule, rules.IsOldForm, form);
        BucketRules.Set(rule, "Status", form["enabled"] is null ? "Disabled" : "Enabled");
        if (only != "delete")
        {
            Part(rule, Move, form["move-to"] is null, ("StorageClass", form["move-to"]), ("Days", form["move-days"]), ("Date", Midnight(form["move-date"])));
            Part(rule, MoveOld, form["old-to"] is null, ("StorageClass", form["old-to"]), ("NoncurrentDays", form["old-move-days"]));
        }
        if (only != "move")
        {
            var markers = form["markers"] is null ? null : "true";
            Part(rule, Delete, form["days"] is null && form["date"] is null && markers is null, ("Days", form["days"]), ("Date", Midnight(form["date"])), ("ExpiredObjectDeleteMarker", markers));
            Part(rule, DeleteOld, form["old-days"] is null, ("NoncurrentDays", form["old-days"]), ("NewerNoncurrentVersions", form["old-keep"]));
            Part(rule, Abort, form["uploads"] is null, ("DaysAfterInitiation", form["uploads"]));
        }
        if (new[] { Move, MoveOld, Delete, DeleteOld, Abort }.All(name => rule.Child(name) is null))
            throw new ConsoleException(400, "InvalidRequest", only == "move" ? "Say where objects are to be moved." : "Say when something is to be deleted.");
        if (rule.Child(Move) is { } move && move.Of("Days") is null && move.Of("Date") is null || rule.Child(MoveOld) is { } old && old.Of("NoncurrentDays") is null)
            throw new ConsoleException(400, "InvalidRequest", "Say after how many days objects are to be moved.");
    }

    /// <summary>Writes an action; removes it where nothing is said of it.</summary>
    private static void Part(XElement rule, string name, bool isNone, params (string Name, string? Value)[] said)
    {
        if (isNone)
        {
            rule.Child(name)?.Remove();
            return;
        }
        var part = BucketRules.Within(rule, name);
        // A day as it was written stays as it was written.
        foreach (var (child, value) in said)
            if (child != "Date" || Day(part) != value?[..10]) BucketRules.Set(part, child, value);
    }

    private static string? Midnight(string? day) => day is null ? null
        : DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? day + "T00:00:00Z"
        : throw new ConsoleException(400, "InvalidArgument", $"“{day}” is no day: write it as 2030-12-31.");

    private static string? Day(XElement? action) => Text.ReadTime(action?.Of("Date"))?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static int Others(XElement rule) => new[] { Move, MoveOld }.Sum(name => Math.Max(0, rule.Elements().Count(each => each.Name.LocalName == name) - 1));

    private static string? For(ConsoleCall call) => call.Query("for") == "move" ? "move" : "delete";

    private static async ValueTask<IReadOnlyList<string>> Places(ConsoleCall call, CancellationToken ct) => [.. (await ReplicationPage.Sites(call, ct, "lifecycle")).Select(each => each.Name)];

    /// <summary>With what a rule names besides: classes of AWS's.</summary>
    private static IReadOnlyList<string> Named(IReadOnlyList<string> places, XElement rule) =>
        [.. places.Union(new[] { Said(rule, "move-to"), Said(rule, "old-to") }.OfType<string>())];
}
