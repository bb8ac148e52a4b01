using System.IO.Pipelines;

namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// A place for bytes: a disk, a container, a bucket of another cloud. It knows no buckets, versions, tags or ACLs.
/// Every kind passes the same suite (<c>LocationContract</c>).
/// </summary>
public interface ILocation
{
    /// <summary>What this kind of place can do.</summary>
    LocationTraits Traits { get; }

    /// <summary>
    /// Stores the whole of <paramref name="body"/> under a name that was never used before. Durable when it returns;
    /// invisible if it does not. Leaves nothing behind when it throws, as far as it still can.
    /// </summary>
    ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct);

    /// <summary>The bytes of the range, or null where there are no such bytes (any more).</summary>
    ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct);

    /// <summary>Removes the bytes; succeeds where they are gone already.</summary>
    ValueTask Delete(Stored at, CancellationToken ct);
}

/// <summary>What a kind of location can do. It grows with the kinds.</summary>
/// <param name="MaxBytes">The largest body that one Put may carry.</param>
public sealed record LocationTraits(long MaxBytes)
{
    /// <summary>Whether bytes leave it once the sites of their objects have them.</summary>
    public bool IsTransient { get; init; }
}

/// <summary>
/// What is to be stored. <paramref name="Name"/> is unique for all time: 1 to 200 characters of
/// <c>a-z 0-9 - . _</c> and <c>/</c> between non-empty segments, none of them <c>.</c> or <c>..</c>.
/// <paramref name="Length"/> is the number of bytes where it is known beforehand.
/// </summary>
public readonly record struct PutPlan(string Name, long? Length);

/// <summary>Immutable bytes in a location, and how to find them again.</summary>
/// <param name="Location">The name of the location.</param>
/// <param name="Name">The name given in the plan.</param>
/// <param name="Length">How many bytes there are.</param>
public sealed record Stored(string Location, string Name, long Length);

/// <summary>A part of a body: <paramref name="Length"/> bytes from <paramref name="Offset"/>.</summary>
public readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>The offset after the last byte.</summary>
    public long End => Offset + Length;

    /// <summary>All of a body.</summary>
    public static ByteRange All(long length) => new(0, length);
}

/// <summary>Bytes that are ready to be read once.</summary>
public interface IObjectBody : IAsyncDisposable
{
    /// <summary>How many bytes it will write.</summary>
    long Length { get; }

    /// <summary>
    /// Writes the bytes in bounded memory, flushing as it goes. Throws <see cref="IOException"/> when the bytes turn out
    /// to be missing or short, so that the connection is cut rather than a short body passed off as whole.
    /// </summary>
    ValueTask CopyTo(PipeWriter destination, CancellationToken ct);
}
