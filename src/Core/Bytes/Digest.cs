namespace ZenkoFunctions.Core.Bytes;

/// <summary>A running hash or checksum. Not thread-safe; one caller at a time.</summary>
public abstract class Digest : IDisposable
{
    /// <summary>Takes in more bytes.</summary>
    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>The digest in its big-endian wire form. To be called once, after the last byte.</summary>
    public abstract byte[] Finish();

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
