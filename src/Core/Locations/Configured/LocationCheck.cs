using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>A step of a check.</summary>
/// <param name="Step">What was tried: <c>name</c>, <c>connection</c>, <c>clock</c>, <c>write</c>, <c>read</c>, <c>list</c>, <c>delete</c>.</param>
/// <param name="Ok">Whether it worked.</param>
/// <param name="Detail">What was seen, or what is wrong and what to do.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record LocationCheckStep(string Step, bool Ok, string Detail, long Milliseconds);

/// <summary>What a check found.</summary>
/// <param name="Location">The location's name.</param>
/// <param name="Ok">Whether all is well.</param>
/// <param name="Steps">The steps in their order; those that a failure made senseless are missing.</param>
public sealed record LocationCheckReport(string Location, bool Ok, IReadOnlyList<LocationCheckStep> Steps);

/// <summary>Reports as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LocationCheckReport))]
public sealed partial class LocationCheckJson : JsonSerializerContext;

/// <summary>Tries a location out: finds and reaches it, compares clocks, writes, reads, lists and deletes an object of its own.</summary>
public sealed class LocationCheck
{
    /// <summary>S3 and Azure refuse what was signed with a clock that is further off.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly LocationConfig config;
    private readonly ILocation place;
    private readonly TimeProvider clock;
    private readonly List<LocationCheckStep> steps = [];

    private LocationCheck(LocationConfig config, ILocation place, TimeProvider clock) => (this.config, this.place, this.clock) = (config, place, clock);

    /// <summary>Runs all steps that make sense.</summary>
    /// <param name="config">The location.</param>
    /// <param name="place">What is to be tried.</param>
    /// <param name="clock">Our clock.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<LocationCheckReport> Run(LocationConfig config, ILocation place, TimeProvider clock, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        var check = new LocationCheck(config, place, clock);
        try
        {
            if (LocationTypes.EndpointOf(config) is not { } endpoint || await check.Reaches(endpoint, limit.Token)) await check.Uses(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            check.steps.Add(new("time", false, $"It was given up after {Patience.TotalSeconds:0} seconds.", (long)Patience.TotalMilliseconds));
        }
        return new(config.Name, check.steps.All(step => step.Ok), check.steps);
    }

    private async Task<bool> Reaches(Uri endpoint, CancellationToken ct)
    {
        if (!await Step("name", async () =>
        {
            var addresses = await Dns.GetHostAddressesAsync(endpoint.IdnHost, ct);
            return $"{endpoint.IdnHost} is {string.Join(", ", addresses.Take(3).Select(address => address.ToString()))}.";
        }, ct)) return false;

        DateTimeOffset? theirs = null;
        if (!await Step("connection", async () =>
        {
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectPatience, UseCookies = false };
            using var http = new HttpClient(handler) { Timeout = ConnectPatience };
            using var request = new HttpRequestMessage(HttpMethod.Head, endpoint);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            theirs = answer.Headers.Date;
            return $"{endpoint.GetLeftPart(UriPartial.Authority)} answers{(answer.Headers.Server.ToString() is { Length: > 0 } server ? $", and calls itself {server}" : "")}.";
        }, ct)) return false;

        if (theirs is not { } date) return true;
        return await Step("clock", () =>
        {
            var skew = clock.GetUtcNow() - date;
            return skew.Duration() > MostSkew
                ? throw new IOException($"This machine's clock is {skew.Duration().TotalMinutes:0} minutes {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the service's. Set it, or requests are refused as signed too long ago.")
                : new($"The clocks are {skew.Duration().TotalSeconds:0} s apart.");
        }, ct);
    }

    private async Task Uses(CancellationToken ct)
    {
        var probe = RandomNumberGenerator.GetBytes(64);
        Stored? stored = null;
        if (!await Step("write", async () =>
        {
            var body = PipeReader.Create(new(probe));
            stored = await place.Put(new($"check/{Guid.NewGuid():n}", probe.Length), body, ct);
            return $"{stored.Length} bytes were written.";
        }, ct)) return;

        await Step("read", async () =>
        {
            await using var body = await place.Open(stored!, ByteRange.All(probe.Length), ct) ?? throw new IOException("What was just written is not there. Does something remove new objects?");
            var pipe = new Pipe();
            var copying = body.CopyTo(pipe.Writer, ct);
            await copying;
            await pipe.Writer.CompleteAsync();
            var read = await pipe.Reader.ReadAtLeastAsync(probe.Length + 1, ct);
            using var copy = new MemoryStream();
            foreach (var segment in read.Buffer) copy.Write(segment.Span);
            return copy.ToArray().AsSpan().SequenceEqual(probe) ? "It came back as it was written." : throw new IOException("Other bytes came back than were written.");
        }, ct);

        if (place is IReplicas replicas)
        {
            await Step("list", async () =>
            {
                await foreach (var _ in replicas.List("", null, ct)) break;
                return replicas.ReplicaTraits.KeepsVersions ? "It can be listed." : "It can be listed. It keeps no versions: a replica takes the place of the one before.";
            }, ct);
        }

        await Step("delete", async () =>
        {
            await place.Delete(stored!, ct);
            return await place.Open(stored!, ByteRange.All(probe.Length), ct) is { } still
                ? throw await Disposed(still, new IOException("It is still there after it was deleted."))
                : "It is gone again.";
        }, ct);
    }

    private static async ValueTask<IOException> Disposed(IObjectBody body, IOException e)
    {
        await body.DisposeAsync();
        return e;
    }

    private async Task<bool> Step(string name, Func<ValueTask<string>> run, CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        var (ok, detail) = (true, "");
        try
        {
            detail = await run();
        }
        catch (Exception e) when (Told(e, ct) is { } told)
        {
            (ok, detail) = (false, told);
        }
        steps.Add(new(name, ok, detail, (long)clock.GetElapsedTime(start).TotalMilliseconds));
        return ok;
    }

    private string? Told(Exception e, CancellationToken ct) => e switch
    {
        SocketException => $"The host {LocationTypes.EndpointOf(config)?.Host} is not known: {e.Message}. Correct the endpoint, or this machine's DNS.",
        HttpRequestException { InnerException: System.Security.Authentication.AuthenticationException tls } => $"TLS could not be set up: {tls.Message}. Is the certificate one that this machine trusts, or the endpoint plain http?",
        HttpRequestException => $"Nobody answers there: {e.Message}. Correct the endpoint, or open the way through the network.",
        OperationCanceledException when !ct.IsCancellationRequested => $"Nobody answers there within {ConnectPatience.TotalSeconds:0} seconds. Correct the endpoint, or open the way through the network.",
        IOException or ReplicaRefusedException or UnauthorizedAccessException => e.Message,
        _ => null,
    };
}
