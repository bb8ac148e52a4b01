namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>
/// All rows of all servers. They take turns group by group, each in an order of its own in every round, and each begins
/// when all have come to rest: so that a noisy minute or another's dirty pages do not fall on one of them.
/// </summary>
/// <param name="targets">All servers.</param>
/// <param name="plan">How much.</param>
/// <param name="s3">Takes what those did that are asked in S3's protocol.</param>
/// <param name="blob">Takes what those did that are asked in Azure's, and ours in S3's beside them.</param>
internal sealed class Session(IReadOnlyList<Target> targets, Plan plan, Report s3, Report blob)
{
    private const double WarmUpSeconds = 1.5;

    private readonly List<Target> alive = [.. targets];

    public void Run()
    {
        foreach (var target in targets)
        {
            CreateBucket(target, Bucket(target));
            // Until the just-in-time compilers have seen everything twice.
            foreach (var row in SmallObjects.Rows(target, plan with { Seconds = WarmUpSeconds / 2 }, 16, Bucket(target))) Check(target, row());
            foreach (var row in LargeObjects.Rows(target, plan with { LargeObjects = 2, Seconds = 0.5 }, 2, Bucket(target))) Check(target, row());
        }
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var (name, report, rows) in Groups(round))
            {
                if (!name.Contains(plan.Only, StringComparison.OrdinalIgnoreCase)) continue;
                for (var i = 0; i < report.Targets.Count; i++)
                {
                    var target = report.Targets[(i + round) % report.Targets.Count];
                    if (!alive.Contains(target)) continue;
                    Console.Error.WriteLine($"round {round + 1} of {plan.Rounds}: {name}, {target.Name}");
                    try
                    {
                        Measure(report, target, rows(target));
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

    // The containers of our server are buckets.
    private static string Bucket(Target target) => target.Protocol == Protocol.Blob ? "blobs" : "bench";

    private IEnumerable<(string Name, Report Report, Func<Target, IEnumerable<Func<Measurement>>> Rows)> Groups(int round)
    {
        foreach (var connections in (int[])[1, 16, 64])
            yield return ($"small objects, {connections}", s3, target => SmallObjects.Rows(target, plan, connections, Bucket(target)));
        foreach (var connections in (int[])[1, 4])
            yield return ($"large objects, {connections}", s3, target => LargeObjects.Rows(target, plan, connections, Bucket(target)));
        yield return ("multipart", s3, target => MultipartUpload.Rows(MultipartUpload.Row(plan), target, plan, Bucket(target)));
        if (round == 0) yield return ("uploads", s3, target => LargeObjects.Uploads(target, plan, Bucket(target)));
        yield return ("listings", s3, target =>
        {
            if (!target.Lists) return [];
            if (round == 0) CreateBucket(target, "listed");
            return Listings.Rows(target, plan, "listed", round == 0);
        });
        foreach (var connections in (int[])[1, 16, 64])
            yield return ($"small blobs, {connections}", blob, target => SmallObjects.Rows(target, plan, connections, Bucket(target)));
        foreach (var connections in (int[])[1, 4])
            yield return ($"large blobs, {connections}", blob, target => LargeObjects.Rows(target, plan, connections, Bucket(target)));
        yield return ("blobs in blocks", blob, target => target.Protocol == Protocol.Blob
            ? BlockUpload.Rows(target, plan, Bucket(target))
            : MultipartUpload.Rows(MultipartUpload.BlobRow(plan), target, plan, Bucket(target)));
        if (round == 0) yield return ("blobs at once", blob, target => target.Protocol == Protocol.Blob ? BlockUpload.Uploads(target, plan, Bucket(target)) : []);
    }

    private void Measure(Report report, Target target, IEnumerable<Func<Measurement>> rows)
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
        connection.Send("PUT"u8, [(byte)'/', .. target.Path(bucket)], target.Protocol == Protocol.Blob ? "restype=container"u8 : default);
        connection.Expect(target.Written);
    }

    private static void Check(Target target, Measurement measured)
    {
        if (measured.Errors > 0) throw new LoadException($"{target.Name}, while preparing or clearing up: {measured.FirstError}");
    }
}
