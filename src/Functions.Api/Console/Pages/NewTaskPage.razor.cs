using System.Globalization;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form that starts a task shows.</summary>
/// <param name="Kind">Which; null where it is to be chosen.</param>
/// <param name="Buckets">Names to choose from; others may be typed.</param>
/// <param name="Sites">The locations to choose from.</param>
/// <param name="Bucket">The chosen bucket.</param>
/// <param name="Site">The chosen location.</param>
/// <param name="Chosen">The names of options that are on.</param>
/// <param name="Hours">Every so many hours; null for once.</param>
/// <param name="Problem">Why it was not started.</param>
public sealed record NewTaskModel(
    TaskKind? Kind, IReadOnlyList<string> Buckets, IReadOnlyList<string> Sites, string? Bucket, string? Site, IReadOnlyList<string> Chosen, int? Hours, FormProblem? Problem);

public partial class NewTaskPage
{
    private const int MostNames = 200;

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var kind = TaskKinds.Find(call.Query("purpose"));
        return Answer(call, kind, call.Query("bucket"), call.Query("site"), [.. (kind?.Options ?? []).Where(option => option.IsOn).Select(option => option.Name)], null, null, 200, ct);
    }

    internal static async ValueTask<Reply> Start(ConsoleCall call, CancellationToken ct)
    {
        if (TaskKinds.Find(call.Query("purpose")) is not { } kind) return call.Go("new-task");
        var (bucket, site) = (call.Form["bucket"], call.Form["site"]);
        IReadOnlyList<string> chosen = [.. kind.Options.Where(option => call.Form[option.Name] is not null).Select(option => option.Name)];
        var body = new JsonObject();
        if (kind.Bucket is not null && bucket is not null) body["bucket"] = bucket;
        if (kind.Site is not null && site is not null) body["site"] = site;
        foreach (var option in chosen) body[option] = true;
        int? hours = int.TryParse(call.Form["hours"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (hours is not null) (body["purpose"], body["hours"]) = (kind.Id, hours);
        var answer = hours is not null
            ? await call.Api.Send("PUT", WalkTold.Api + "/timers", "", ct, LocationForm.Body(body))
            : await call.Api.Send("POST", "/_/management/" + kind.Path, "", ct, LocationForm.Body(body));
        if (answer.Refusal is { } refused) return await Answer(call, kind, bucket, site, chosen, hours, FormProblem.Of(refused), refused.Status, ct);
        return hours is not null ? call.Go("timers", ("set", kind.Title)) : call.Go(ConsolePath.Task(WalkTold.Of(answer).Id), ("began", "1"));
    }

    /// <summary>Names of buckets of who is signed in, for a field that proposes them.</summary>
    internal static async ValueTask<IReadOnlyList<string>> BucketNames(ConsoleCall call, CancellationToken ct)
    {
        var listed = await call.Api.Send("GET", "/", ConsoleApi.Query(("max-buckets", MostNames.ToString(CultureInfo.InvariantCulture))), ct);
        return listed.Code is null ? [.. listed.Xml().All("Bucket").Select(bucket => bucket.Of("Name")!)] : [];
    }

    private static async ValueTask<Reply> Answer(
        ConsoleCall call, TaskKind? kind, string? bucket, string? site, IReadOnlyList<string> chosen, int? hours, FormProblem? problem, int status, CancellationToken ct)
    {
        IReadOnlyList<string> sites = kind?.Site is null ? [] : [.. (await ReplicationPage.Sites(call, ct)).Select(each => each.Name)];
        return await call.Page<NewTaskPage>(
            new NewTaskModel(kind, kind?.Bucket is null ? [] : await BucketNames(call, ct), sites, bucket, site, chosen, hours, problem), status);
    }
}
