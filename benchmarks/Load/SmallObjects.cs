namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>
/// 4 KiB: new keys are put until the time is over, then read, asked for and deleted. So every row works on keys that
/// exist, and nothing is measured twice.
/// </summary>
internal static class SmallObjects
{
    private const int Bytes = 4096;

    public static IEnumerable<Func<Measurement>> Rows(Target target, Plan plan, int connections, string bucket)
    {
        var name = target.Path(bucket);
        var written = new int[connections];
        var deleted = new int[connections];
        string Row(string verb) => $"4 KiB {verb}, {connections} connection{(connections == 1 ? "" : "s")}";

        yield return () => Runner.Run(Row("PUT"), Unit.RequestsPerSecond, target, connections, plan.Seconds, (connection, worker, turn) =>
        {
            connection.Send("PUT"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn), default, Of(worker, turn));
            connection.Expect(target.Written);
            connection.Drain();
            written[worker] = turn + 1;
            return Bytes;
        });
        yield return () => Runner.Run(Row("GET"), Unit.RequestsPerSecond, target, connections, plan.Seconds, (connection, worker, turn) =>
        {
            if (written[worker] == 0) return null;
            turn %= written[worker];
            connection.Send("GET"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn));
            connection.Expect(200);
            connection.Verify(Of(worker, turn));
            return Bytes;
        });
        yield return () => Runner.Run(Row("HEAD"), Unit.RequestsPerSecond, target, connections, plan.Seconds, (connection, worker, turn) =>
        {
            if (written[worker] == 0) return null;
            connection.Send("HEAD"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn % written[worker]));
            connection.Expect(200);
            if (connection.Length != Bytes) throw new LoadException($"HEAD told of {connection.Length} bytes");
            return 0;
        });
        yield return () => Runner.Run(Row("DELETE"), Unit.RequestsPerSecond, target, connections, plan.Seconds, (connection, worker, turn) =>
        {
            if (turn == written[worker]) return null;
            connection.Send("DELETE"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn));
            connection.Expect(target.Deleted);
            connection.Drain();
            deleted[worker] = turn + 1;
            return 0;
        });
        // What the time did not suffice for, so that every row finds an empty bucket.
        yield return () => Runner.Run("", Unit.RequestsPerSecond, target, connections, 60, (connection, worker, turn) =>
        {
            if (deleted[worker] + turn >= written[worker]) return null;
            connection.Send("DELETE"u8, Names.Object(stackalloc byte[Names.Most], name, worker, deleted[worker] + turn));
            connection.Expect(target.Deleted);
            connection.Drain();
            return 0;
        });
    }

    private static Body Of(int worker, int turn) => Body.Of((worker * 1_000_003L) + turn, Bytes);
}
