using System.IO.Pipelines;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.S3;

/// <summary>Sends a body no faster than it may be: in small pieces, whatever the size of those that it comes in.</summary>
internal static class PacedBody
{
    private static readonly PipeOptions Buffer = new(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, useSynchronizationContext: false);

    /// <summary>Copies all of it; throws as <see cref="IObjectBody.CopyTo"/> does.</summary>
    public static async ValueTask CopyTo(IObjectBody body, PipeWriter destination, Pace pace, CancellationToken ct)
    {
        var pipe = new Pipe(Buffer);
        var reading = Fill(body, pipe.Writer, ct);
        try
        {
            while (true)
            {
                var read = await pipe.Reader.ReadAsync(ct);
                var piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, pace.Piece));
                if (piece.Length > 0) await pace.Take(piece.Length, ct);
                foreach (var memory in piece) BodyFlush.Check(await destination.WriteAsync(memory, ct));
                pipe.Reader.AdvanceTo(piece.End);
                if (read.IsCompleted && piece.Length == read.Buffer.Length) break;
            }
        }
        finally
        {
            // Ends the other side, where it has not ended by itself.
            await pipe.Reader.CompleteAsync();
            await reading;
        }
    }

    // What goes wrong is thrown to the reader of the pipe.
    private static async Task Fill(IObjectBody body, PipeWriter writer, CancellationToken ct)
    {
        try
        {
            await body.CopyTo(writer, ct);
            await writer.CompleteAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await writer.CompleteAsync(e);
        }
    }
}
