using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A kind of work at a location.</summary>
/// <param name="Id">As the API calls it.</param>
/// <param name="Title">For people.</param>
/// <param name="About">What it does there.</param>
/// <param name="Counts">What there is of it, in words.</param>
/// <param name="IsPaused">Whether it is kept back.</param>
/// <param name="ResumeAt">When it goes on by itself; null for never.</param>
public sealed record ServiceTold(string Id, string Title, string About, string Counts, bool IsPaused, DateTimeOffset? ResumeAt);

/// <summary>A bucket that has to do with a location.</summary>
public sealed record BucketUse(string Name, string Owner, string Uses);

/// <summary>What the page of a location shows.</summary>
public sealed record LocationModel(
    string Name, bool IsBuiltin, bool MayMirror, bool? Answers, IReadOnlyList<(string Name, string Value)> Details, IReadOnlyList<ServiceTold> Services, IReadOnlyList<BucketUse> Buckets, string? Next,
    CheckTold? Check);

public partial class LocationPage
{
    /// <summary>Hours that a pause may last, and how that is said.</summary>
    internal static readonly (int Hours, string Told)[] Pauses = [(1, "an hour"), (3, "3 hours"), (6, "6 hours"), (12, "12 hours"), (24, "a day"), (72, "3 days"), (168, "a week"), (720, "30 days")];

    private static readonly (string Id, string Title, string About)[] Kinds =
    [
        ("crr", "Replication", "Copies that workflows send here."),
        ("ingestion", "Ingestion", "What appears here is taken into the buckets that mirror it."),
        ("lifecycle", "Lifecycle", "What is here expires or moves, as workflows say."),
    ];

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Answer(call, null, ct);

    internal static async ValueTask<Reply> Act(ConsoleCall call, CancellationToken ct)
    {
        var (name, what, service) = (call.Path["name"], call.Form["do"], call.Form["service"]);
        if (what == "check") return await Answer(call, CheckTold.Of(await call.Api.Do("POST", EditLocationPage.PathOf(call) + "/check", "", ct)), ct);
        if (what is not ("pause" or "resume" or "schedule") || !Kinds.Any(kind => kind.Id == service))
            return await call.Problem(400, "This form cannot be read", "Go back, load the page again and send the form once more.");
        var (api, site) = ($"{ReplicationPage.Api}/{service}", Uri.EscapeDataString(name));
        if (what != "schedule") await call.Api.Do("POST", $"{api}/{what}/{site}", "", ct);
        if (what is "pause" or "schedule")
        {
            if (int.TryParse(call.Form["hours"], NumberStyles.None, CultureInfo.InvariantCulture, out var hours))
                await call.Api.Do("POST", $"{api}/resume/{site}/schedule", "", ct, Encoding.UTF8.GetBytes(new JsonObject { ["hours"] = hours }.ToJsonString()));
            else await call.Api.Do("DELETE", $"{api}/resume/{site}/schedule", "", ct);
        }
        return call.Go(ConsolePath.Location(name), ("did", what));
    }

    private static async ValueTask<Reply> Answer(ConsoleCall call, CheckTold? check, CancellationToken ct)
    {
        var name = call.Path["name"];
        var document = JsonNode.Parse((await call.Api.Do("GET", EditLocationPage.PathOf(call), "", ct)).Body.Span)!.AsObject();
        var valueOf = LocationForm.In(document);
        var type = (await LocationForm.Types(call, ct)).FirstOrDefault(each => each.Name == document["locationType"]!.GetValue<string>());
        var mayMirror = valueOf("bucketMatch") is not null;
        var usage = await call.Api.Send("GET", "/_/management/usage", ConsoleApi.Query(("location", name)), ct);
        var held = usage.Code is null ? usage.Json(UsageDocumentJson.Default.UsageDocument).Total : (UsageAmount?)null;
        var used = await call.Api.Json(EditLocationPage.PathOf(call) + "/use", ConsoleApi.Query(("marker", call.Query("marker"))), LocationsJson.Default.LocationUsers, ct);
        List<ServiceTold> services = [];
        foreach (var kind in Kinds)
        {
            if (await Service(call, kind, ct) is not { } told) continue;
            // A place that can be mirrored takes no copies, and the other way round.
            if (told.IsPaused || kind.Id == "lifecycle" || kind.Id == "ingestion" == mayMirror) services.Add(told);
        }
        var health = await LocationsPage.Health(call, ct);
        return await call.Page<LocationPage>(new LocationModel(
            name, valueOf("isBuiltin") is not null, mayMirror, check?.Ok ?? (health.TryGetValue(name, out var answers) ? answers : null), [.. Details(type, valueOf, held)], services,
            [.. used.Buckets.Select(each => new BucketUse(each.Bucket, each.Owner, Uses(each)))], used.Next, check));
    }

    private static IEnumerable<(string, string)> Details(LocationTypeTold? type, Func<string, string?> valueOf, UsageAmount? held)
    {
        yield return ("Type", type is null ? "Part of the installation" : Text.Capital(type.Title));
        if (held is { } amount) yield return ("Stored", $"{Text.Bytes(amount.Bytes + amount.UploadBytes)} in {Text.Count(amount.Versions, "version")}");
        if (type is null) yield break;
        foreach (var field in LocationForm.Fields(type, valueOf, hasSecret: true).Concat(LocationForm.Advanced(type, valueOf)))
        {
            if (field.Kind == FieldKind.Secret) yield return (field.Label, valueOf("hasSecretKey") is null ? "None" : "Kept sealed");
            else if (field.Value is { } value) yield return (field.Label, field.Kind == FieldKind.Switch ? "Yes" : field.Name == "bandwidthLimit" ? Text.Bytes(long.Parse(value, CultureInfo.InvariantCulture)) + "/s" : value);
        }
    }

    private static async ValueTask<ServiceTold?> Service(ConsoleCall call, (string Id, string Title, string About) kind, CancellationToken ct)
    {
        var site = Uri.EscapeDataString(call.Path["name"]);
        var status = await call.Api.Send("GET", $"{ReplicationPage.Api}/{kind.Id}/status/{site}", "", ct);
        if (status.Status == 404) return null;
        var resume = await call.Api.Do("GET", $"{ReplicationPage.Api}/{kind.Id}/resume/{site}", "", ct);
        using var counts = JsonDocument.Parse((await call.Api.Do("GET", $"{ReplicationPage.Api}/metrics/{kind.Id}/{site}", "", ct)).Body);
        var (pending, done) = (Of("pending"), Of("completions"));
        return new(
            kind.Id, kind.Title, kind.About, $"{Text.Number(pending)} waiting, {Text.Number(done)} done in the last day.", Only(status.OrThrow()) == "disabled", Text.ReadTime(Only(resume)));

        double Of(string metric) => counts.RootElement.TryGetProperty(metric, out var found) ? double.Parse(found.GetProperty("results").GetProperty("count").ToString(), CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The answer for the one site that was asked about.</summary>
    private static string? Only(ApiAnswer answer)
    {
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.EnumerateObject().First().Value.GetString();
    }

    private static string Uses(BucketAtLocation bucket)
    {
        List<string> uses = [];
        if (bucket.Mirror) uses.Add("mirrors it");
        else if (bucket.Made) uses.Add("keeps its objects here");
        if (bucket.Replication) uses.Add("sends copies here");
        if (bucket.Lifecycle) uses.Add("moves objects here");
        return string.Join(", ", uses);
    }
}
