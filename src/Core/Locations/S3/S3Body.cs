using System.IO.Pipelines;
using Amazon.S3.Model;

namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>The bytes of a download under way. Where they stop coming, the rest of the very same object is asked for, a few times.</summary>
/// <param name="answer">The download.</param>
/// <param name="range">The bytes that it is to give.</param>
/// <param name="again">Asks for the rest, of the same ETag.</param>
/// <param name="outage">What to throw at last.</param>
internal sealed class S3Body(GetObjectResponse answer, ByteRange range, Func<ByteRange, CancellationToken, Task<GetObjectResponse>> again, Func<Exception, Exception> outage) : IObjectBody
{
    private const int Piece = 128 * 1024;
    private const int Tries = 5;

    private GetObjectResponse answer = answer;

    public long Length => range.Length;

    public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
    {
        var watch = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            var tries = 1;
            for (var at = range.Offset; at < range.End;)
            {
                var memory = destination.GetMemory((int)Math.Min(Piece, range.End - at));
                if (memory.Length > range.End - at) memory = memory[..(int)(range.End - at)];
                var read = 0;
                Exception? fault = null;
                try
                {
                    watch.CancelAfter(Watch.Patience);
                    read = await answer.ResponseStream.ReadAsync(memory, watch.Token);
                    watch.CancelAfter(Timeout.InfiniteTimeSpan); // whoever reads the body takes the time it takes
                }
                catch (Exception e) when (S3Faults.Is(e, ct))
                {
                    fault = e;
                }
                if (read > 0)
                {
                    destination.Advance(read);
                    at += read;
                    BodyFlush.Check(await destination.FlushAsync(ct));
                    continue;
                }
                if (tries++ == Tries) throw outage(fault ?? new EndOfStreamException($"The body ended {range.End - at} bytes too early."));
                watch.Dispose();
                watch = CancellationTokenSource.CreateLinkedTokenSource(ct);
                await Reopen(new(at, range.End - at), ct);
            }
        }
        finally
        {
            watch.Dispose();
        }
    }

    /// <summary>Where it was not read to its end, the connection is cut.</summary>
    public ValueTask DisposeAsync()
    {
        answer.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask Reopen(ByteRange rest, CancellationToken ct)
    {
        answer.Dispose();
        try
        {
            answer = await again(rest, ct);
        }
        catch (Exception e) when (S3Faults.Is(e, ct))
        {
            throw outage(e);
        }
    }
}
