using System.Globalization;
using System.Text.Json.Serialization;
using ZenkoFunctions.Api.Management.Backbeat;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>
/// What a server can tell of itself: whether what it stands on answers, and whether its work gets done. Into each location it writes an
/// object and removes it.
/// </summary>
internal static class Doctor
{
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(15);

    public static async ValueTask<Reply> Examine(ManagementCall call, CancellationToken ct)
    {
        var checking = call.Installation.ReplicationHealth.Check(ct).AsTask();
        var names = (await call.Installation.Buckets.Locations.Names(ct)).Order(StringComparer.Ordinal);
        var locations = await Task.WhenAll(names.Select(name => Locations.Examine(call, name, ct).AsTask()));
        var (tables, queues) = await checking;
        List<CheckLine> lines = [Answer("tables", tables), Answer("queues", queues), .. locations.OfType<LocationCheckReport>().SelectMany(Of)];
        lines.AddRange(await Replication(call, ct));
        return Reply.Json(DoctorJson.Default.DoctorReport, new(lines));
    }

    private static CheckLine Answer(string area, bool answers) => answers
        ? new(area, Outcome.Ok, "answer")
        : new(area, Outcome.Problem, "do not answer", "The server's log says why.");

    private static IEnumerable<CheckLine> Of(LocationCheckReport report)
    {
        var area = $"location {report.Location}";
        return report.Ok
            ? [new(area, Outcome.Ok, $"{string.Join(", ", report.Steps.Select(step => step.Step))}: done within {report.Steps.Sum(step => step.Milliseconds).ToString(CultureInfo.InvariantCulture)} ms")]
            : report.Steps.Where(step => !step.Ok).Select(step => new CheckLine(area, Outcome.Problem, $"{step.Step}: {step.Detail}", $"Mend it there, or say here how it is reached: zenkofn location set {report.Location} …"));
    }

    /// <summary>Of sites that ever were to get anything.</summary>
    private static async ValueTask<IReadOnlyList<CheckLine>> Replication(ManagementCall call, CancellationToken ct)
    {
        List<CheckLine> lines = [];
        var paused = await call.Installation.SiteStates.All(SiteServices.Crr, ct);
        foreach (var site in (await Sites.Of(call, SiteServices.Crr, ct))!)
        {
            var counts = await call.Installation.Copies.Read(site, ct);
            if (counts.QueuedEver.Operations == 0 && counts.Pending.Operations == 0) continue;
            var (area, before) = ($"copies to {site}", lines.Count);
            if (paused.GetValueOrDefault(site).IsPaused)
                lines.Add(new(area, Outcome.Warning, "they are paused: their work is kept", "Resume them when the reason for it is over."));
            else if (counts.OldestPending is { } at && call.Installation.Clock.GetUtcNow() - at is var age && age > Late)
                lines.Add(new(area, Outcome.Warning, string.Create(CultureInfo.InvariantCulture, $"{counts.Pending.Operations} are owed, the oldest for {age.TotalMinutes:0} minutes"), "See whether the location answers and takes what it is sent; the server's log says what it refuses."));
            if (counts.Failed.Operations > 0)
                lines.Add(new(area, Outcome.Warning, string.Create(CultureInfo.InvariantCulture, $"{counts.Failed.Operations} were given up within a day"), "Find out what stands in the way, then send them again."));
            if (lines.Count == before) lines.Add(new(area, Outcome.Ok, counts.Pending.Operations == 0 ? "all are there" : string.Create(CultureInfo.InvariantCulture, $"{counts.Pending.Operations} are on their way")));
        }
        return lines;
    }
}

/// <summary>How a check came out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but may not for long, or not for everybody; or it could not be checked.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Problem,
}

/// <summary>What was found.</summary>
/// <param name="Area">What was looked at.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="Found">In words.</param>
/// <param name="Next">What to do; null where there is nothing.</param>
public sealed record CheckLine(string Area, Outcome Outcome, string Found, string? Next = null);

/// <summary>What a server found of itself, in the order of the checks.</summary>
/// <param name="Checks">One each.</param>
public sealed record DoctorReport(IReadOnlyList<CheckLine> Checks);

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DoctorReport))]
public sealed partial class DoctorJson : JsonSerializerContext;
