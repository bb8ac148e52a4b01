using System.Text.Json;
using ZenkoFunctions.Api.Management.Backbeat;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Composition;

namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>
/// What load balancers and orchestrators ask, for which nobody signs and which tells nothing but yes or no. All of it is under
/// <c>/_/</c>: a bucket may be called <c>live</c>, and everybody may be allowed to list it.
/// </summary>
internal static class Probes
{
    private const int Broken = 503;

    /// <summary>Answers a probe; null where the request is none.</summary>
    public static async ValueTask<Reply?> Answer(WireRequest request, Installation installation, CancellationToken ct) =>
        request.Verb is not ("GET" or "HEAD") ? null : request.RawPath switch
        {
            // The process answers; that is all.
            "/_/healthcheck" or "/_/live" => Said(200),
            "/_/ready" => Said(await IsReady(installation, ct) ? 200 : Broken),
            _ => null,
        };

    /// <summary>
    /// What every location answered, as Zenko tells it: <c>{"disk":{"code":200,"message":"OK"}}</c>. It fails where the tables do not
    /// answer, or no location does.
    /// </summary>
    public static async ValueTask<Reply> Deep(ManagementCall call, CancellationToken ct)
    {
        var checking = call.Installation.ReplicationHealth.Check(ct).AsTask();
        var locations = await call.Installation.StorageHealth.CheckAll(ct);
        var (tables, queues) = await checking;
        return BackbeatJson.Object(
            json =>
            {
                foreach (var location in locations) Tell(json, location.Name, location.Answers, location.Took);
                json.WriteStartObject("internal"u8);
                Tell(json, "tables", tables, null);
                Tell(json, "queues", queues, null);
                json.WriteEndObject();
            },
            tables && locations.Any(location => location.Answers) ? 200 : 500);
    }

    private static async ValueTask<bool> IsReady(Installation installation, CancellationToken ct)
    {
        var checking = installation.ReplicationHealth.Check(ct).AsTask();
        var hasDefault = await installation.StorageHealth.HasDefault(ct);
        return (await checking).Tables && hasDefault;
    }

    private static Reply Said(int status) => Reply.Document("{}"u8.ToArray(), "application/json", status);

    private static void Tell(Utf8JsonWriter json, string name, bool answers, TimeSpan? took)
    {
        json.WriteStartObject(name);
        json.WriteNumber("code"u8, answers ? 200 : Broken);
        json.WriteString("message"u8, answers ? "OK" : "It does not answer.");
        if (took is { } time) json.WriteNumber("milliseconds"u8, Math.Round(time.TotalMilliseconds, 1));
        json.WriteEndObject();
    }
}
