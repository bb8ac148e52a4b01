using System.IO.Pipelines;

namespace ZenkoFunctions.Core.Locations;

/// <summary>Bytes that are in memory already.</summary>
public sealed class MemoryBody(ReadOnlyMemory<byte> bytes) : IObjectBody
{
    /// <inheritdoc/>
    public long Length => bytes.Length;

    /// <inheritdoc/>
    public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
    {
        if (!bytes.IsEmpty) BodyFlush.Check(await destination.WriteAsync(bytes, ct));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>What the answer to a flush means to whoever writes a body.</summary>
public static class BodyFlush
{
    /// <summary>Throws <see cref="OperationCanceledException"/> where nobody reads the body any more.</summary>
    public static void Check(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled) throw new OperationCanceledException("The body's reader has gone.");
    }
}
