using System.Text.Json;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>Which sites' work is kept back.</summary>
internal static class SiteWorks
{
    private const int DefaultHours = 6;

    /// <summary>Keeps new work back; what is under way is finished.</summary>
    public static ValueTask<Reply> Pause(ManagementCall call, CancellationToken ct) =>
        ForEach(call, (states, service, site) => states.Pause(service, site, ct), ct);

    /// <summary>Lets it go on.</summary>
    public static ValueTask<Reply> Resume(ManagementCall call, CancellationToken ct) =>
        ForEach(call, (states, service, site) => states.Resume(service, site, ct), ct);

    /// <summary>Lets it go on by itself after so many hours.</summary>
    public static ValueTask<Reply> Schedule(ManagementCall call, CancellationToken ct)
    {
        var hours = Hours(call.Body);
        return ForEach(call, (states, service, site) => states.Schedule(service, site, hours, ct), ct);
    }

    /// <summary>Takes that back.</summary>
    public static ValueTask<Reply> Cancel(ManagementCall call, CancellationToken ct) =>
        ForEach(call, (states, service, site) => states.Cancel(service, site, ct), ct);

    /// <summary>When sites go on by themselves.</summary>
    public static ValueTask<Reply> Scheduled(ManagementCall call, CancellationToken ct) =>
        Tell(call, work => work.ResumeAt is { } at ? BackbeatJson.Time(at) : "none", ct);

    /// <summary>Whether they are paused.</summary>
    public static ValueTask<Reply> Status(ManagementCall call, CancellationToken ct) => Tell(call, work => work.IsPaused ? "disabled" : "enabled", ct);

    private static async ValueTask<Reply> ForEach(ManagementCall call, Func<SiteStates, string, string, ValueTask> change, CancellationToken ct)
    {
        var service = call.Path["service"];
        if (await Sites.Of(call, service, ct) is not { } sites) return call.NoRoute();
        foreach (var site in sites) await change(call.Installation.SiteStates, service, site);
        return BackbeatJson.Done();
    }

    private static async ValueTask<Reply> Tell(ManagementCall call, Func<SiteWork, string> word, CancellationToken ct)
    {
        var service = call.Path["service"];
        if (await Sites.Of(call, service, ct) is not { } sites) return call.NoRoute();
        var known = await call.Installation.SiteStates.All(service, ct);
        return BackbeatJson.Object(json =>
        {
            foreach (var site in sites) json.WriteString(site, word(known.GetValueOrDefault(site)));
        });
    }

    private static int Hours(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty) return DefaultHours;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                if (!document.RootElement.TryGetProperty("hours", out var given)) return DefaultHours;
                if (given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out var hours) && hours > 0)
                {
                    return hours <= SiteStates.MostHours
                        ? hours
                        : throw new S3Exception(ManagementErrors.MalformedPOSTRequest, $"hours must be at most {SiteStates.MostHours}");
                }
                throw new S3Exception(ManagementErrors.MalformedPOSTRequest, "hours must be an integer greater than 0");
            }
        }
        catch (JsonException)
        {
            // told below
        }
        throw new S3Exception(ManagementErrors.MalformedPOSTRequest);
    }
}
