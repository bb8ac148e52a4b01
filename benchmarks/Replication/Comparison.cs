using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ZenkoFunctions.Benchmarks.Load;

namespace ZenkoFunctions.Benchmarks.Replication;

/// <summary>
/// The same objects are put into a bucket that goes nowhere and into one that is replicated, in turns, by the same clients. When all
/// copies are there, each is read and compared.
/// </summary>
internal sealed class Comparison(Target source, Target target, Plan plan)
{
    private const int LargestObject = 1 << 20, WarmUp = 400;
    private const string Versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

    private readonly List<(Measurement Without, Measurement With, Copies Copies)> rounds = [];

    /// <summary>What became of the copies of a round.</summary>
    /// <param name="SecondsAfterLastPut">Until the last was done.</param>
    /// <param name="Milliseconds">Of processor time of the source, and of the target, for each copy: what the puts took is taken off.</param>
    /// <param name="Statuses">How many versions have which.</param>
    /// <param name="Verified">How many copies have the right bytes.</param>
    private sealed record Copies(double SecondsAfterLastPut, (double Source, double Target) Milliseconds, IReadOnlyDictionary<string, int> Statuses, int Verified);

    private static int PerClient(int objects) => (objects + Plan.Clients - 1) / Plan.Clients;

    /// <summary>Measures; the report in Markdown.</summary>
    public string Run()
    {
        AddLocation();
        NewBucket("warm-up", isReplicated: true);
        Put("", "warm-up", WarmUp);
        AwaitCopies(Stopwatch.GetTimestamp());
        for (var round = 0; round < plan.Rounds; round++)
        {
            var (plain, replicated) = ($"plain-{round}", $"replicated-{round}");
            NewBucket(plain, isReplicated: false);
            NewBucket(replicated, isReplicated: true);
            Measurement? without = null, with = null;
            Copies? copies = null;
            var spent = new Dictionary<bool, (double Source, double Target)>();
            // Who comes first turns from round to round.
            foreach (var isReplicated in (bool[])[round % 2 == 1, round % 2 == 0])
            {
                ServerProcess.Settle([source, target]);
                Console.Error.WriteLine($"round {round + 1} of {plan.Rounds}: {(isReplicated ? "with" : "without")} replication");
                var before = Cpu();
                if (isReplicated) with = Put("with replication", replicated, plan.Objects);
                else without = Put("without replication", plain, plan.Objects);
                var seconds = AwaitCopies(Stopwatch.GetTimestamp());
                ServerProcess.Settle([source, target]);
                var after = Cpu();
                spent[isReplicated] = (after.Source - before.Source, after.Target - before.Target);
                if (isReplicated) copies = new(seconds, default, Statuses(replicated), Verify(replicated));
            }
            var copied = PerClient(plan.Objects) * Plan.Clients / 1000.0;
            var each = ((spent[true].Source - spent[false].Source) / copied, (spent[true].Target - spent[false].Target) / copied);
            rounds.Add((without!, with!, copies! with { Milliseconds = each }));
        }
        return Report(Ask($"/_/backbeat/api/metrics/crr/{Plan.Site}/all"), LagP99());
    }

    private Measurement Put(string row, string bucket, int objects)
    {
        var (name, each) = (Encoding.ASCII.GetBytes(bucket), PerClient(objects));
        var (all, put, began) = (each * Plan.Clients, 0, Stopwatch.GetTimestamp());
        var measured = Runner.Run(row, Unit.MiBPerSecond, source, Plan.Clients, plan.Patience.TotalSeconds, (connection, worker, turn) =>
        {
            if (turn == each) return null;
            var body = Of(worker, turn);
            connection.Send("PUT"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn), default, body);
            connection.Expect(200);
            connection.Drain();
            if (Interlocked.Increment(ref put) is var done && done % Math.Max(all / 10, 1) == 0) Progress($"{done} of {all} are put", began);
            return body.Length;
        });
        if (measured.Errors > 0) throw new LoadException($"{bucket}: {measured.FirstError}");
        return put == all ? measured : throw new LoadException($"{bucket}: {put} of {all} were put within {plan.Patience.TotalSeconds:0} s");
    }

    /// <summary>Seconds until nothing is pending any more.</summary>
    private double AwaitCopies(long since)
    {
        for (var turn = 1; ; turn++)
        {
            var pending = Pending();
            if (turn % 20 == 0) Progress($"{pending} copies are pending", since);
            if (pending == 0) return Stopwatch.GetElapsedTime(since).TotalSeconds;
            if (Stopwatch.GetElapsedTime(since) > plan.Patience) throw new LoadException($"{pending} copies are still pending");
            Thread.Sleep(250);
        }
    }

    private static void Progress(string what, long since) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {Stopwatch.GetElapsedTime(since).TotalSeconds,5:0.0} s: {what}"));

    private (double Source, double Target) Cpu() => (ServerProcess.CpuSeconds(source.Pid), ServerProcess.CpuSeconds(target.Pid));

    private Dictionary<string, int> Statuses(string bucket)
    {
        var (name, each, all) = (Encoding.ASCII.GetBytes(bucket), PerClient(plan.Objects), new Dictionary<string, int>(StringComparer.Ordinal));
        var measured = Runner.Run("", Unit.RequestsPerSecond, source, Plan.Clients, plan.Patience.TotalSeconds, (connection, worker, turn) =>
        {
            if (turn == each) return null;
            connection.Send("HEAD"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn));
            connection.Expect(200);
            lock (all) all[connection.ReplicationStatus] = all.GetValueOrDefault(connection.ReplicationStatus) + 1;
            return 0;
        });
        return measured.Errors == 0 ? all : throw new LoadException($"{bucket}, statuses: {measured.FirstError}");
    }

    /// <summary>How many copies have the right bytes.</summary>
    private int Verify(string bucket)
    {
        var (name, each, verified) = (Encoding.ASCII.GetBytes($"{Plan.Site}/{bucket}"), PerClient(plan.Objects), 0);
        var measured = Runner.Run("", Unit.RequestsPerSecond, target, Plan.Clients, plan.Patience.TotalSeconds, (connection, worker, turn) =>
        {
            if (turn == each) return null;
            connection.Send("GET"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn));
            connection.Expect(200);
            connection.Verify(Of(worker, turn));
            Interlocked.Increment(ref verified);
            return 0;
        });
        return measured.Errors == 0 ? verified : throw new LoadException($"{bucket}, at the target: {measured.FirstError}");
    }

    private void AddLocation()
    {
        using (var there = new Connection(target))
        {
            Put(there, $"/{Plan.Site}", "", "");
            Put(there, $"/{Plan.Site}", "versioning=", Versioned);
        }
        using var connection = new Connection(source);
        var body = $$"""
            {"name":"{{Plan.Site}}","locationType":"location-scality-artesca-s3-v1","details":{"endpoint":"http://{{target.Host}}","bucketName":"{{Plan.Site}}",
             "accessKey":"{{target.AccessKey}}","secretKey":"{{target.SecretKey}}" } }
            """;
        connection.Send("POST"u8, "/_/management/locations"u8, default, Encoding.ASCII.GetBytes(body));
        connection.Expect(201);
        connection.Drain();
    }

    private void NewBucket(string bucket, bool isReplicated)
    {
        using var connection = new Connection(source);
        Put(connection, $"/{bucket}", "", "");
        Put(connection, $"/{bucket}", "versioning=", Versioned);
        if (!isReplicated) return;
        Put(connection, $"/{bucket}", "replication=", $"""
            <ReplicationConfiguration><Role>arn:aws:iam::root:role/replication</Role><Rule><ID>all</ID><Status>Enabled</Status><Prefix></Prefix>
            <Destination><Bucket>arn:aws:s3:::{Plan.Site}</Bucket><StorageClass>{Plan.Site}</StorageClass></Destination></Rule></ReplicationConfiguration>
            """);
    }

    private static void Put(Connection connection, string path, string query, string body)
    {
        connection.Send("PUT"u8, Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(query), Encoding.ASCII.GetBytes(body));
        connection.Expect(200);
        connection.Drain();
    }

    private long Pending() => Ask($"/_/backbeat/api/metrics/crr/{Plan.Site}/pending").GetProperty("pending").GetProperty("results").GetProperty("count").GetInt64();

    private JsonElement Ask(string path)
    {
        using var document = JsonDocument.Parse(Read(path));
        return document.RootElement.Clone();
    }

    private string Read(string path)
    {
        using var connection = new Connection(source);
        connection.Send("GET"u8, Encoding.ASCII.GetBytes(path));
        connection.Expect(200);
        return connection.Text();
    }

    /// <summary>Of the last hour's copies; null where the server does not tell.</summary>
    private double? LagP99() => Read("/_/monitoring/metrics").Split('\n')
        .Where(line => line.StartsWith("zenkofn_replication_lag_p99_seconds{", StringComparison.Ordinal)
            && line.Contains($"\"{Plan.Site}\"", StringComparison.Ordinal))
        .Select(line => (double?)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).FirstOrDefault();

    // Sizes up to 1 MiB, each as likely as another: a number's own, whoever asks.
    private static Body Of(int worker, int turn)
    {
        var number = (worker * 1_000_003L) + turn;
        var mixed = (ulong)number * 0x9E3779B97F4A7C15;
        return Body.Of(number, 1 + (long)((mixed ^ (mixed >> 29)) % LargestObject));
    }

    private string Report(JsonElement metrics, double? lag)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"{plan.Objects} objects of up to 1 MiB by {Plan.Clients} clients, to a second server of ours on the same machine.");
        Line($"");
        Line($"| round | without, MiB/s | with, MiB/s | ratio | PUT p50 / p99 without, ms | with, ms | copies done after the last PUT, s | processor time of a copy, source + target, ms | statuses | copies with the right bytes |");
        Line($"| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |");
        foreach (var (round, (without, with, copies)) in rounds.Index())
            Line($"| {round + 1} | {without.Value:0} | {with.Value:0} | {with.Value / without.Value:0.00} | {Latency(without)} | {Latency(with)} | {copies.SecondsAfterLastPut:0.0} | {copies.Milliseconds.Source:0.0} + {copies.Milliseconds.Target:0.0} | {string.Join(", ", copies.Statuses.Select(one => $"{one.Value} {one.Key}"))} | {copies.Verified} |");
        Line($"");
        Line($"What the server tells of the site, the warm-up's {WarmUp} objects included:");
        Line($"");
        Line($"```json");
        text.AppendLine(JsonSerializer.Serialize(metrics, Indented));
        Line($"```");
        Line($"");
        var ratio = rounds.Select(round => round.With.Value / round.Without.Value).Order().ElementAt(rounds.Count / 2);
        var completed = rounds.Sum(round => round.Copies.Statuses.GetValueOrDefault("COMPLETED"));
        var objects = rounds.Count * PerClient(plan.Objects) * Plan.Clients;
        Line($"Goals:");
        Line($"");
        Line($"- {(ratio >= 0.7 ? "met" : "**NOT MET**")}: PUT throughput with replication at least 0.70 of that without ({ratio:0.00})");
        Line($"- {(completed == objects ? "met" : "**NOT MET**")}: all COMPLETED ({completed} of {objects})");
        Line($"- {(lag is null ? "not measured" : lag < 60 ? "met" : "**NOT MET**")}: p99 of the lag under 60 s ({(lag is null ? "n/a" : $"{lag:0.0} s")})");
        return text.ToString();
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static string Latency(Measurement measured) =>
        string.Create(CultureInfo.InvariantCulture, $"{measured.Latency.Milliseconds(0.5):0.0} / {measured.Latency.Milliseconds(0.99):0.0}");
}
