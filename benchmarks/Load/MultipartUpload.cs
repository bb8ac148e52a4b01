using System.Globalization;
using System.Net;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>One object in parts of 16 MiB, four in flight, from Create to the answer of Complete.</summary>
internal static class MultipartUpload
{
    public const int Flights = 4;
    public const long PartBytes = 16 * 1024 * 1024;

    /// <summary>How the row is called.</summary>
    public static string Row(Plan plan) => $"multipart upload of {plan.MultipartMiB} MiB";

    /// <summary>How it is called where it stands beside a blob's in blocks.</summary>
    public static string BlobRow(Plan plan) => $"upload of {plan.MultipartMiB} MiB in blocks";

    public static IEnumerable<Func<Measurement>> Rows(string row, Target target, Plan plan, string bucket)
    {
        var path = Encoding.ASCII.GetBytes($"/{bucket}/parts");
        var parts = (int)(plan.MultipartMiB * 1024L * 1024 / PartBytes);
        yield return () =>
        {
            var etags = new string[parts];
            var id = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            var next = -1;
            var done = 0;
            return Runner.Run(row, Unit.MiBPerSecond, target, Flights, 600, (connection, worker, turn) =>
            {
                if (worker == 0 && turn == 0) Create(connection, path, id);
                var part = Interlocked.Increment(ref next);
                if (part >= parts) return null;
                var query = Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"partNumber={part + 1}&uploadId={Uri.EscapeDataString(id.Task.GetAwaiter().GetResult())}"));
                connection.Send("PUT"u8, path, query, Body.Of(part, PartBytes));
                connection.Expect(200);
                connection.Drain();
                etags[part] = connection.ETag;
                if (Interlocked.Increment(ref done) == parts) Complete(connection, path, id.Task.Result, etags);
                return PartBytes;
            });
        };
        yield return () => Runner.Run("", Unit.RequestsPerSecond, target, 1, 60, (connection, _, turn) =>
        {
            if (turn == 1) return null;
            connection.Send("DELETE"u8, path);
            connection.Expect(204);
            return 0;
        });
    }

    private static void Create(Connection connection, byte[] path, TaskCompletionSource<string> id)
    {
        try
        {
            connection.Send("POST"u8, path, "uploads="u8);
            connection.Expect(200);
            var text = connection.Text();
            id.SetResult(Xml.Between(text, "<UploadId>", "</UploadId>") ?? throw new LoadException("no UploadId"));
        }
        catch (LoadException error)
        {
            id.SetException(error);
            throw;
        }
    }

    private static void Complete(Connection connection, byte[] path, string id, string[] etags)
    {
        var xml = new StringBuilder("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        for (var i = 0; i < etags.Length; i++)
            xml.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{i + 1}</PartNumber><ETag>{WebUtility.HtmlEncode(etags[i])}</ETag></Part>");
        xml.Append("</CompleteMultipartUpload>");
        connection.Send("POST"u8, path, Encoding.ASCII.GetBytes($"uploadId={Uri.EscapeDataString(id)}"), Encoding.UTF8.GetBytes(xml.ToString()));
        connection.Expect(200);
        var text = connection.Text();
        if (!text.Contains("<CompleteMultipartUploadResult", StringComparison.Ordinal)) throw new LoadException(text);
    }
}
