using System.IO.Pipelines;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Lets one piece of the store read what another writes, in bounded memory.</summary>
public static class BodyPipe
{
    private static readonly PipeOptions Bounded = new(
        pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, minimumSegmentSize: 1 << 18, useSynchronizationContext: false);

    /// <summary>Runs <paramref name="take"/> on the bytes of the body.</summary>
    public static async ValueTask<T> Through<T>(IObjectBody body, Func<Content, ValueTask<T>> take, CancellationToken ct)
    {
        var pipe = new Pipe(Bounded);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var filling = Fill(body, pipe.Writer, stop.Token);
        try
        {
            return await take(new Content(pipe.Reader, body.Length));
        }
        finally
        {
            await stop.CancelAsync();
            await pipe.Reader.CompleteAsync();
            await filling;
        }
    }

    private static async Task Fill(IObjectBody body, PipeWriter writer, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            await body.CopyTo(writer, ct);
        }
        catch (Exception e)
        {
            failure = e; // the reader sees it
        }
        await writer.CompleteAsync(failure);
    }
}
