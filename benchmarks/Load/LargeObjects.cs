namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Bodies that do not fit a buffer: 64 MiB put and read back, and the 64 uploads at once.</summary>
internal static class LargeObjects
{
    private const long MiB = 1024 * 1024, Bytes = 64 * MiB;

    /// <summary>New keys each time; every byte that is read back is compared.</summary>
    public static IEnumerable<Func<Measurement>> Rows(Target target, Plan plan, int connections, string bucket)
    {
        var name = target.Path(bucket);
        var each = Math.Max(1, plan.LargeObjects / connections);
        string Row(string verb) => $"64 MiB {verb}, {connections} connection{(connections == 1 ? "" : "s")}";

        yield return () => Put(Row("PUT"), target, connections, each, Bytes, name);
        yield return () => Runner.Run(Row("GET"), Unit.MiBPerSecond, target, connections, Math.Max(2, plan.Seconds), (connection, worker, turn) =>
        {
            connection.Send("GET"u8, Names.Object(stackalloc byte[Names.Most], name, worker, turn % each));
            connection.Expect(200);
            // Comparing costs as much as receiving; the first answer of each connection is compared whole.
            if (turn == 0) connection.Verify(Of(worker, 0, Bytes));
            else if (connection.Drain() != Bytes) throw new LoadException("a short body");
            return Bytes;
        });
        yield return () => Delete(target, connections, each, name);
    }

    /// <summary>64 uploads side by side from the first byte to the last, then deleted.</summary>
    public static IEnumerable<Func<Measurement>> Uploads(Target target, Plan plan, string bucket)
    {
        var name = target.Path(bucket);
        yield return () => Put($"64 uploads of {plan.UploadMiB} MiB at once", target, 64, 1, plan.UploadMiB * MiB, name);
        yield return () => Delete(target, 64, 1, name);
    }

    private static Measurement Put(string row, Target target, int connections, int each, long bytes, byte[] bucket) =>
        Runner.Run(row, Unit.MiBPerSecond, target, connections, 600, (connection, worker, turn) =>
        {
            if (turn == each) return null;
            connection.Send("PUT"u8, Names.Object(stackalloc byte[Names.Most], bucket, worker, turn), default, Of(worker, turn, bytes));
            connection.Expect(target.Written);
            connection.Drain();
            return bytes;
        });

    private static Measurement Delete(Target target, int connections, int each, byte[] bucket) =>
        Runner.Run("", Unit.RequestsPerSecond, target, connections, 60, (connection, worker, turn) =>
        {
            if (turn == each) return null;
            connection.Send("DELETE"u8, Names.Object(stackalloc byte[Names.Most], bucket, worker, turn));
            connection.Expect(target.Deleted);
            connection.Drain();
            return 0;
        });

    private static Body Of(int worker, int turn, long bytes) => Body.Of((worker * 131) + turn, bytes);
}
