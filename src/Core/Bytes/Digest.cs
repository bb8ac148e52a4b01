namespace ZenkoFunctions.Core.Bytes;

/// <summary>A running hash or checksum. Not thread-safe; one caller at a time.</summary>
public abstract class Digest : IDisposable
{
    /// <summary>Whether it takes in several gigabytes a second, so that a thread of its own is not worth its while.</summary>
    internal virtual bool IsFast => false;

    /// <summary>Takes in more bytes.</summary>
    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>The digest in its big-endian wire form. To be called once, after the last byte.</summary>
    public abstract byte[] Finish();

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
