using System.Diagnostics.CodeAnalysis;

namespace System.IO.Hashing;

/// <summary>A hash that is no secret and no signature. The public shape is that of the package of this name.</summary>
public abstract class NonCryptographicHashAlgorithm
{
    private const int StreamBuffer = 64 * 1024;

    /// <summary>Fixes the digest's length in bytes.</summary>
    protected NonCryptographicHashAlgorithm(int hashLengthInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hashLengthInBytes, 1);
        HashLengthInBytes = hashLengthInBytes;
    }

    /// <summary>The digest's length in bytes.</summary>
    public int HashLengthInBytes { get; }

    /// <summary>Takes in more bytes.</summary>
    public abstract void Append(ReadOnlySpan<byte> source);

    /// <summary>Forgets everything taken in.</summary>
    public abstract void Reset();

    /// <summary>Writes the digest of what was taken in so far; the state stays as it is.</summary>
    protected abstract void GetCurrentHashCore(Span<byte> destination);

    /// <summary>Takes in more bytes.</summary>
    public void Append(byte[] source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Append(new ReadOnlySpan<byte>(source));
    }

    /// <summary>Takes in a stream from its position to its end.</summary>
    public void Append(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new byte[StreamBuffer];
        for (int read; (read = stream.Read(buffer)) > 0;)
            Append(new ReadOnlySpan<byte>(buffer, 0, read));
    }

    /// <summary>Takes in a stream from its position to its end.</summary>
    public async Task AppendAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new byte[StreamBuffer];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            Append(new ReadOnlySpan<byte>(buffer, 0, read));
    }

    /// <summary>The digest so far, in a new array.</summary>
    public byte[] GetCurrentHash()
    {
        var digest = new byte[HashLengthInBytes];
        GetCurrentHashCore(digest);
        return digest;
    }

    /// <summary>Writes the digest so far and returns its length; throws where the destination is too short.</summary>
    public int GetCurrentHash(Span<byte> destination)
    {
        if (!TryGetCurrentHash(destination, out var written)) ThrowTooShort();
        return written;
    }

    /// <summary>Writes the digest so far; false where the destination is too short.</summary>
    public bool TryGetCurrentHash(Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = destination.Length < HashLengthInBytes ? 0 : HashLengthInBytes;
        if (bytesWritten == 0) return false;
        GetCurrentHashCore(destination[..HashLengthInBytes]);
        return true;
    }

    /// <summary>Writes the digest and starts anew.</summary>
    protected virtual void GetHashAndResetCore(Span<byte> destination)
    {
        GetCurrentHashCore(destination);
        Reset();
    }

    /// <summary>The digest, in a new array; starts anew.</summary>
    public byte[] GetHashAndReset()
    {
        var digest = new byte[HashLengthInBytes];
        GetHashAndResetCore(digest);
        return digest;
    }

    /// <summary>Writes the digest, returns its length and starts anew; throws where the destination is too short.</summary>
    public int GetHashAndReset(Span<byte> destination)
    {
        if (!TryGetHashAndReset(destination, out var written)) ThrowTooShort();
        return written;
    }

    /// <summary>Writes the digest and starts anew; false, and nothing done, where the destination is too short.</summary>
    public bool TryGetHashAndReset(Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = destination.Length < HashLengthInBytes ? 0 : HashLengthInBytes;
        if (bytesWritten == 0) return false;
        GetHashAndResetCore(destination[..HashLengthInBytes]);
        return true;
    }

    /// <summary>Not the digest: always throws, so that nobody takes it for that.</summary>
    [Obsolete("Use GetCurrentHash() to retrieve the computed hash code.", true)]
    [SuppressMessage("Design", "CA1065:Do not raise exceptions in unexpected locations", Justification = "The package's shape.")]
#pragma warning disable CS0809 // An obsolete member overrides one that is not: that is the package's shape.
    public override int GetHashCode() => throw new NotSupportedException("Use GetCurrentHash() to retrieve the computed hash code.");
#pragma warning restore CS0809

    [DoesNotReturn]
    internal static void ThrowTooShort() => throw new ArgumentException("The destination is too short for the digest.", "destination");
}
