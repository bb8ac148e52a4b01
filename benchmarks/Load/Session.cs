namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>
/// All rows of all servers. They take turns group by group, each in an order of its own in every round, and each begins
/// when all have come to rest: so that a noisy minute or another's dirty pages do not fall on one of them.
/// </summary>
internal sealed class Session(IReadOnlyList<Target> targets, Plan plan, Report report)
{
    private const double WarmUpSeconds = 1.5;

    private readonly List<Target> alive = [.. targets];

    public void Run()
    {
        foreach (var target in targets)
        {
            CreateBucket(target, Bucket);
            // Until the just-in-time compilers have seen everything twice.
            foreach (var row in SmallObjects.Rows(target, plan with { Seconds = WarmUpSeconds / 2 }, 16, Bucket)) Check(target, row());
            foreach (var row in LargeObjects.Rows(target, plan with { LargeObjects = 2, Seconds = 0.5 }, 2, Bucket)) Check(target, row());
        }
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var (name, rows) in Groups(round))
            {
                if (!name.Contains(plan.Only, StringComparison.OrdinalIgnoreCase)) continue;
                for (var i = 0; i < targets.Count; i++)
                {
                    var target = targets[(i + round) % targets.Count];
                    if (!alive.Contains(target)) continue;
                    Console.Error.WriteLine($"round {round + 1} of {plan.Rounds}: {name}, {target.Name}");
                    try
                    {
                        Measure(target, rows(target));
                    }
                    catch (Exception error) when (error is LoadException or IOException or UnauthorizedAccessException)
                    {
                        // A process that has ended has no files in /proc. The others go on without it.
                        alive.Remove(target);
                        report.Lost(target, $"{name}: {error.Message}");
                    }
                }
            }
        }
    }

    private const string Bucket = "bench";

    private IEnumerable<(string Name, Func<Target, IEnumerable<Func<Measurement>>> Rows)> Groups(int round)
    {
        foreach (var connections in (int[])[1, 16, 64])
            yield return ($"small objects, {connections}", target => SmallObjects.Rows(target, plan, connections, Bucket));
        foreach (var connections in (int[])[1, 4])
            yield return ($"large objects, {connections}", target => LargeObjects.Rows(target, plan, connections, Bucket));
        yield return ("multipart", target => MultipartUpload.Rows(target, plan, Bucket));
        if (round == 0) yield return ("uploads", target => LargeObjects.Uploads(target, plan, Bucket));
        yield return ("listings", target =>
        {
            if (!target.Lists) return [];
            if (round == 0) CreateBucket(target, "listed");
            return Listings.Rows(target, plan, "listed", round == 0);
        });
    }

    private void Measure(Target target, IEnumerable<Func<Measurement>> rows)
    {
        foreach (var row in rows)
        {
            ServerProcess.Settle(alive);
            var measured = row();
            ServerProcess.Settle([target]);
            measured.ServerSeconds += ServerProcess.CpuSeconds(target.Pid);
            if (measured.Row.Length > 0) report.Add(target, measured);
            else Check(target, measured);
        }
    }

    private static void CreateBucket(Target target, string bucket)
    {
        using var connection = new Connection(target);
        connection.Send("PUT"u8, System.Text.Encoding.ASCII.GetBytes($"/{bucket}"));
        connection.Expect(200);
    }

    private static void Check(Target target, Measurement measured)
    {
        if (measured.Errors > 0) throw new LoadException($"{target.Name}, while preparing or clearing up: {measured.FirstError}");
    }
}
