using System.Globalization;
using System.Reflection;
using System.Text.Json;
using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Cli.Diagnosis;

/// <summary>What a running server tells of itself, and what its locations show.</summary>
/// <param name="server">The server.</param>
/// <param name="clock">This machine's time.</param>
internal sealed class ServerChecks(RemoteServer server, TimeProvider clock)
{
    /// <summary>By how much clocks may differ: requests that are further off are refused, by this server as by AWS's.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Noticeable = TimeSpan.FromMinutes(1), Renewal = TimeSpan.FromDays(21), LastDays = TimeSpan.FromDays(3);

    private static readonly string Version = typeof(Api.Management.ManagementOperations).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Looks at all of it.</summary>
    public async Task<List<CheckLine>> Look(CancellationToken ct)
    {
        var peer = await Peer.Look(new Uri(server.Endpoint, "/_/live"), new Trust(server.Target.Authority).Check, clock, ct);
        if (peer.Trouble is { } trouble)
            return [new("server", Outcome.Problem, $"{server.Endpoint.Authority} does not answer: {trouble}"), LocalChecks.Port(server.Endpoint, server.Target.Data)];
        if (peer.Status != 200)
            return [new("server", Outcome.Problem, $"what answers at {server.Endpoint.Authority} is no ZenkoFunctions server, or something in front of one", "Name the server with --endpoint, or see what is in front of it: zenkofn probe.")];
        List<CheckLine> lines = [new("server", Outcome.Ok, $"{server.Endpoint.GetLeftPart(UriPartial.Authority)} answers ({server.Target.EndpointFrom} names it)"), Clock("clock", "the server's clock", peer.Ahead)];
        lines.Add(Certificate("certificate", server.Endpoint, peer));
        if (!peer.IsTrusted) return lines;
        try
        {
            lines.Add(await ServerVersion(ct));
            lines.AddRange((await server.Ask("GET", "/_/management/doctor", DoctorJson.Default.DoctorReport, ct)).Checks);
            foreach (var location in (await server.Ask("GET", "/_/management/locations", CliJson.Default.AllLocations, ct)).Locations)
                if (LocationTypes.EndpointOf(location) is { } url) lines.AddRange(await Service(location.Name, url, peer, ct));
        }
        catch (RemoteException e)
        {
            lines.Add(new("keys", e.Code == "AccessDenied" ? Outcome.Warning : Outcome.Problem, $"{e.Message} The rest could not be checked.", Advice.Of(e, server.Target)));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            lines.Add(new("version", Outcome.Problem, $"{server.Endpoint.Authority} does not answer as this version of zenkofn expects", "Use the zenkofn of the server's version, or update the server."));
        }
        return lines;
    }

    private async Task<CheckLine> ServerVersion(CancellationToken ct)
    {
        using var report = JsonDocument.Parse(await server.Send("GET", "/_/report", null, "", ct));
        var theirs = report.RootElement.GetProperty("serverVersion").GetString();
        return theirs == Version
            ? new("version", Outcome.Ok, $"{Version}, here and at the server")
            : new("version", Outcome.Warning, $"the server is {theirs}, this is {Version}", "Use the zenkofn of the server's version, or update the server.");
    }

    private async Task<IReadOnlyList<CheckLine>> Service(string name, Uri url, Peer itself, CancellationToken ct)
    {
        var peer = await Peer.Look(new Uri(url, "/"), new Trust(null).Check, clock, ct);
        if (peer.Trouble is { } trouble)
            return [new($"{name}: clock", Outcome.Warning, $"{url.Authority} does not answer to this machine ({trouble}): clock and certificate are not checked", "Run doctor on the server's machine.")];
        // What matters is what the server sees, which signs for it.
        var clocks = Clock($"{name}: clock", "its clock, beside the server's,", peer.Ahead - (itself.Ahead ?? TimeSpan.Zero));
        return url.Scheme == Uri.UriSchemeHttps ? [clocks, Certificate($"{name}: certificate", url, peer)] : [clocks];
    }

    private static CheckLine Clock(string area, string whose, TimeSpan? ahead)
    {
        if (ahead is not { } difference) return new(area, Outcome.Warning, $"{whose} is not told", "Something in front of it takes the Date header away.");
        var far = difference.Duration();
        var found = far < Noticeable ? $"{whose} is right to {Math.Ceiling(far.TotalSeconds):0} s" : $"{whose} is {far:d\\.hh\\:mm\\:ss} {(difference > TimeSpan.Zero ? "ahead" : "behind")}";
        const string next = "Set the clock that is wrong by NTP (timedatectl set-ntp true): signatures that are off by more than 15 minutes are refused.";
        return far >= Skew ? new(area, Outcome.Problem, found, next) : far >= Noticeable ? new(area, Outcome.Warning, found, next) : new(area, Outcome.Ok, found);
    }

    private CheckLine Certificate(string area, Uri url, Peer peer)
    {
        if (peer.CertificateEnds is not { } ends)
        {
            return url.IsLoopback
                ? new(area, Outcome.Ok, "none: plain HTTP, on this machine only")
                : new(area, Outcome.Warning, "none: plain HTTP, which others can read and change on its way", "Serve HTTPS: zenkofn serve --tls-cert … --tls-key …, or a proxy in front.");
        }
        var left = ends - clock.GetUtcNow();
        var found = string.Create(CultureInfo.InvariantCulture, $"the certificate of {url.Authority} ends on {ends:yyyy-MM-dd} ({left.TotalDays:0} days)");
        const string renew = "Renew it: the server takes new files of --tls-cert and --tls-key without a new start.";
        return left <= TimeSpan.Zero ? new(area, Outcome.Problem, found, renew)
            : !peer.IsTrusted ? new(area, Outcome.Problem, $"{found}, and is not trusted here for this name", "Name the server by a name that its certificate has, and let SSL_CERT_FILE name its authority; of serve --tls auto that is tls/ca.pem in the data directory.")
            : left < LastDays ? new(area, Outcome.Problem, found, renew)
            : left < Renewal ? new(area, Outcome.Warning, found, renew)
            : new(area, Outcome.Ok, found);
    }
}
