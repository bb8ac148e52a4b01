using System.Text;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>
/// Answers to transactions: one inner response a change where it was committed, else a single one with the error of the
/// change that failed. Read by lines, since the emulator does not put them all where MIME has them.
/// </summary>
internal static class BatchAnswer
{
    /// <summary>Reads an answer. False where it does not tell what became of the transaction.</summary>
    /// <param name="body">The multipart body.</param>
    /// <param name="changes">How many changes there were.</param>
    /// <param name="error">Why nothing was changed; null where all was.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, int changes, out TableError? error)
    {
        error = null;
        var done = 0;
        while (Line(ref body, out var line))
        {
            if (!line.StartsWith("HTTP/1.1 "u8)) continue;
            if (line.Length < 12 || !int.TryParse(Encoding.ASCII.GetString(line.Slice(9, 3)), out var status)) return false;
            // Its headers, up to an empty line.
            while (Line(ref body, out line) && line.Length > 0 && !line.StartsWith("--"u8))
            {
            }
            if (status is >= 200 and <= 299)
            {
                done++;
                continue;
            }
            Line(ref body, out line);
            error = TableError.Read(status, line);
            return true;
        }
        return done == changes;
    }

    private static bool Line(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var end = rest.IndexOf((byte)'\n');
        line = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
        var any = !rest.IsEmpty;
        rest = end < 0 ? default : rest[(end + 1)..];
        return any;
    }
}
