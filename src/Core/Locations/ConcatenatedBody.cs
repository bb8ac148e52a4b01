using System.IO.Pipelines;

namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// Bodies one after the other, such as the parts of a multipart object. Each is opened when its turn comes, by the
/// iterator that yields it, and disposed when it has been written. The first is given open, so that whoever makes this
/// can still answer otherwise where its bytes are gone.
/// </summary>
/// <param name="length">How many bytes there are in all; fewer or more are an <see cref="IOException"/>.</param>
/// <param name="first">The first body.</param>
/// <param name="rest">Opens the others; to throw <see cref="IOException"/> where bytes are gone.</param>
public sealed class ConcatenatedBody(long length, IObjectBody first, IAsyncEnumerable<IObjectBody> rest) : IObjectBody
{
    /// <inheritdoc/>
    public long Length => length;

    /// <inheritdoc/>
    public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
    {
        var written = first.Length;
        await first.CopyTo(destination, ct);
        await first.DisposeAsync(); // its handle need not stay open for all the others' time
        await foreach (var body in rest.WithCancellation(ct))
        {
            await using (body)
            {
                written += body.Length;
                if (written > length) break;
                await body.CopyTo(destination, ct);
            }
        }
        if (written != length) throw new IOException($"The parts have {written} bytes instead of {length}.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => first.DisposeAsync();
}
