using System.Diagnostics;
using System.Globalization;
using System.Text;
using ZenkoFunctions.Benchmarks.Load;

namespace ZenkoFunctions.Benchmarks.Ingest;

/// <summary>Lists the versions of a bucket; then has a second server mirror it, and scan it again when nothing has changed.</summary>
/// <param name="source">Has the objects.</param>
/// <param name="mirror">Takes them over.</param>
/// <param name="plan">How much.</param>
internal sealed class Comparison(Target source, Target mirror, Plan plan)
{
    private const string Bucket = "mirrored", Location = "source";

    // Has no factor in common with the number of keys, so that it goes through all of them.
    private const long Stride = 7919;

    public string Run()
    {
        Ask(source, "PUT", "/" + Bucket);
        Ask(source, "PUT", "/" + Bucket, "versioning=", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        Put();
        var listing = Median(() => Measured(() => Expect(List(source, Bucket), plan.Objects)));
        Ask(mirror, "POST", "/_/management/locations", body: LocationAt(source.Port), status: 201);
        // As listings are, each is done once more than is counted.
        List<(Cost Ingestion, Cost Details)> rounds = [];
        for (var round = 0; round <= plan.Rounds; round++)
        {
            var bucket = $"mirror-{round}";
            Ask(mirror, "PUT", "/" + bucket, body: $"<CreateBucketConfiguration><LocationConstraint>{Location}:ingest</LocationConstraint></CreateBucketConfiguration>");
            Console.Error.WriteLine($"{bucket} takes them over");
            var taken = Measured(() => Expect(Ingest(bucket), plan.Objects));
            Expect(List(mirror, bucket), plan.Objects);
            Console.Error.WriteLine("headers, metadata and tags are asked for");
            rounds.Add((taken, Measured(() => Await("details", bucket), settles: false)));
        }
        var ingestion = Middle(rounds.Skip(1).Select(round => round.Ingestion));
        var details = Middle(rounds.Skip(1).Select(round => round.Details));
        Console.Error.WriteLine("nothing has changed");
        var quiet = Median(() => Measured(() => Expect(Ingest(Last), 0)));
        using var relay = new Relay(source.Port);
        Ask(mirror, "PUT", $"/_/management/locations/{Location}", body: LocationAt(relay.Port));
        Thread.Sleep(TimeSpan.FromSeconds(6)); // a scan that has begun before knows the location as it was
        var before = relay.Counts;
        Expect(Ingest(Last), 0);
        var (lists, heads, others) = relay.Counts;
        var ratio = listing.Seconds / ingestion.Seconds;
        return string.Create(CultureInfo.InvariantCulture, $"""
            {plan.Objects:N0} objects of {Plan.Bytes} bytes in a bucket with versioning of another server on the same machine.

            | what | s | objects/s | processor time of the source, s | of the mirror, s |
            | --- | ---: | ---: | ---: | ---: |
            {Line($"listing alone, by one client (median of {plan.Rounds})", listing)}
            {Line($"ingestion (median of {plan.Rounds})", ingestion)}
            {Line($"headers, metadata and tags of all, behind that (median of {plan.Rounds})", details)}
            {Line($"a scan of what has not changed (median of {plan.Rounds})", quiet)}

            * {(ratio >= Plan.Goal ? "met" : "**NOT MET**")}: ingestion at {Plan.Goal:0.00} of the rate of listing alone ({ratio:0.00}; of a scan that compares what is here, too: {quiet.Seconds / ingestion.Seconds:0.00})
            * {(lists - before.Lists <= Pages + Slack && heads == before.Heads ? "met" : "**NOT MET**")}: a scan of what has not changed is a listing: {lists - before.Lists} pages of the source ({Pages} are a listing), {heads - before.Heads} HEADs, {others - before.Others} other requests

            """);
    }

    /// <summary>Parts of a walk end in the middle of a page.</summary>
    private const int Slack = 16;

    private string Last => $"mirror-{plan.Rounds}";

    private int Pages => (plan.Objects + 999) / 1000;

    private sealed record Cost(double Seconds, double Source, double Mirror);

    private string Line(string what, Cost cost) =>
        string.Create(CultureInfo.InvariantCulture, $"| {what} | {cost.Seconds:0.0} | {plan.Objects / cost.Seconds:N0} | {cost.Source:0.0} | {cost.Mirror:0.0} |");

    private void Put()
    {
        Console.Error.WriteLine($"{plan.Objects} objects are put into the source");
        var next = -1L;
        var measured = Runner.Run("", Unit.RequestsPerSecond, source, Plan.Clients, 1800, (connection, _, _) =>
        {
            var number = Interlocked.Increment(ref next);
            if (number >= plan.Objects) return null;
            number = number * Stride % plan.Objects;
            connection.Send("PUT"u8, Names.Listed(Bucket, (int)number), default, Body.Of(number, Plan.Bytes));
            connection.Expect(200);
            connection.Drain();
            return Plan.Bytes;
        });
        if (measured.Errors > 0) throw new LoadException($"{Bucket}: {measured.FirstError}");
    }

    private static int List(Target target, string bucket)
    {
        using var connection = new Connection(target);
        var (found, query) = (0, "versions=");
        while (true)
        {
            connection.Send("GET"u8, Encoding.ASCII.GetBytes("/" + bucket), Encoding.ASCII.GetBytes(query));
            connection.Expect(200);
            var text = connection.Text();
            found += Xml.Count(text, "<Version>");
            if (Xml.Between(text, "<NextKeyMarker>", "</NextKeyMarker>") is not { } key) return found;
            var version = Xml.Between(text, "<NextVersionIdMarker>", "</NextVersionIdMarker>")!;
            query = $"key-marker={Uri.EscapeDataString(key)}&version-id-marker={Uri.EscapeDataString(version)}&versions=";
        }
    }

    /// <summary>How many versions were new.</summary>
    private int Ingest(string bucket)
    {
        Ask(mirror, "POST", "/_/management/ingest", body: $$"""{"bucket":"{{bucket}}"}""", status: 202);
        return int.Parse(Xml.Between(Await("ingest", bucket), "\"different\":", ",")!, CultureInfo.InvariantCulture);
    }

    /// <summary>The walk, when it has ended.</summary>
    private string Await(string what, string bucket)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var walk = Ask(mirror, "GET", $"/_/management/replication/walks/{what}.all.{bucket}");
            if (walk.Contains("\"state\":\"done\"", StringComparison.Ordinal)) return walk;
            if (!walk.Contains("\"state\":\"running\"", StringComparison.Ordinal) || Stopwatch.GetElapsedTime(began) > plan.Patience) throw new LoadException(walk);
            Thread.Sleep(50);
        }
    }

    private static void Expect(int found, int expected)
    {
        if (found != expected) throw new LoadException($"{found} instead of {expected}");
    }

    private string LocationAt(int port) => $$"""
        {"name":"{{Location}}","locationType":"location-scality-artesca-s3-v1","details":{"endpoint":"http://127.0.0.1:{{port}}","bucketName":"{{Bucket}}","bucketMatch":true,
         "accessKey":"{{source.AccessKey}}","secretKey":"{{source.SecretKey}}" } }
        """;

    private Cost Measured(Action action, bool settles = true)
    {
        if (settles) ServerProcess.Settle([source, mirror]);
        var (there, here) = (ServerProcess.CpuSeconds(source.Pid), ServerProcess.CpuSeconds(mirror.Pid));
        var began = Stopwatch.GetTimestamp();
        action();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new(seconds, ServerProcess.CpuSeconds(source.Pid) - there, ServerProcess.CpuSeconds(mirror.Pid) - here);
    }

    private Cost Median(Func<Cost> measure)
    {
        // Once more than is counted: until everything was seen once.
        measure();
        return Middle(Enumerable.Range(0, plan.Rounds).Select(_ => measure()));
    }

    private Cost Middle(IEnumerable<Cost> costs) => costs.OrderBy(cost => cost.Seconds).ElementAt(plan.Rounds / 2);

    private static string Ask(Target target, string verb, string path, string query = "", string? body = null, int status = 200)
    {
        using var connection = new Connection(target);
        if (body is null) connection.Send(Encoding.ASCII.GetBytes(verb), Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(query));
        else connection.Send(Encoding.ASCII.GetBytes(verb), Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(query), Encoding.ASCII.GetBytes(body));
        connection.Expect(status);
        return connection.Text();
    }
}
