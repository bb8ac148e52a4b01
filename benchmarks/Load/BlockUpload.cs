using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Blobs that are uploaded in blocks and committed by a list of these.</summary>
internal static class BlockUpload
{
    private const long MiB = 1024 * 1024;
    private const int BlocksAtOnce = 64;

    /// <summary>One blob in blocks of 16 MiB, four in flight.</summary>
    public static IEnumerable<Func<Measurement>> Rows(Target target, Plan plan, string container)
    {
        var path = Path(target, container, 0);
        var blocks = (int)(plan.MultipartMiB * MiB / MultipartUpload.PartBytes);
        yield return () =>
        {
            var next = -1;
            var done = 0;
            return Runner.Run(MultipartUpload.BlobRow(plan), Unit.MiBPerSecond, target, MultipartUpload.Flights, 600, (connection, worker, turn) =>
            {
                var block = Interlocked.Increment(ref next);
                if (block >= blocks) return null;
                Put(connection, path, block, Body.Of(block, MultipartUpload.PartBytes));
                if (Interlocked.Increment(ref done) == blocks) Commit(connection, path, blocks);
                return MultipartUpload.PartBytes;
            });
        };
        yield return () => Delete(target, path, 1, container);
    }

    /// <summary>64 blobs side by side, each in blocks of 8 MiB (or one of a smaller blob) one after the other.</summary>
    public static IEnumerable<Func<Measurement>> Uploads(Target target, Plan plan, string container)
    {
        var each = Math.Min(8, plan.UploadMiB) * MiB;
        var blocks = (int)(plan.UploadMiB * MiB / each);
        yield return () => Runner.Run($"64 uploads of {plan.UploadMiB} MiB at once, in blocks", Unit.MiBPerSecond, target, BlocksAtOnce, 600, (connection, worker, turn) =>
        {
            if (turn == blocks) return null;
            var path = Path(target, container, worker);
            Put(connection, path, turn, Body.Of((worker * 131) + turn, each));
            if (turn == blocks - 1) Commit(connection, path, blocks);
            return each;
        });
        yield return () => Delete(target, [], BlocksAtOnce, container);
    }

    private static void Put(Connection connection, byte[] path, int block, Body body)
    {
        connection.Send("PUT"u8, path, Encoding.ASCII.GetBytes($"blockid={Id(block)}&comp=block"), body);
        connection.Expect(201);
        connection.Drain();
    }

    private static void Commit(Connection connection, byte[] path, int blocks)
    {
        var list = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        for (var block = 0; block < blocks; block++) list.Append("<Latest>").Append(Id(block)).Append("</Latest>");
        list.Append("</BlockList>");
        connection.Send("PUT"u8, path, "comp=blocklist"u8, Encoding.UTF8.GetBytes(list.ToString()));
        connection.Expect(201);
        connection.Drain();
        connection.Send("HEAD"u8, path);
        connection.Expect(200);
    }

    private static Measurement Delete(Target target, byte[] only, int blobs, string container) =>
        Runner.Run("", Unit.RequestsPerSecond, target, blobs, 60, (connection, worker, turn) =>
        {
            if (turn == 1) return null;
            connection.Send("DELETE"u8, only.Length > 0 ? only : Path(target, container, worker));
            connection.Expect(target.Deleted);
            connection.Drain();
            return 0;
        });

    private static byte[] Path(Target target, string container, int worker) =>
        [(byte)'/', .. target.Path(container), .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/blocks-{worker}"))];

    // Base64 of six bytes, without a character that needs encoding.
    private static string Id(int block) => string.Create(CultureInfo.InvariantCulture, $"B{block:0000000}");
}
