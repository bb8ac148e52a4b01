namespace ZenkoFunctions.Core.Locations;

/// <summary>There is no room left for the bytes. Nothing of them was kept.</summary>
public sealed class LocationFullException(string message, Exception inner) : IOException(message, inner), IStorageFull
{
    /// <inheritdoc/>
    public bool IsFull => true;
}

/// <summary>A body turned out longer or shorter than its plan said. Nothing of it was kept.</summary>
/// <param name="expected">The length in the plan.</param>
/// <param name="seen">The body's length; where it was too long, how many bytes had been seen when that was noticed.</param>
public sealed class BodyLengthException(long expected, long seen)
    : Exception($"The body was announced with {expected} bytes, but {(seen > expected ? "has more" : $"ended after {seen}")}.")
{
    /// <summary>The length in the plan.</summary>
    public long Expected => expected;

    /// <summary>The body's length; where it was too long, how many bytes had been seen when that was noticed.</summary>
    public long Seen => seen;
}

/// <summary>A location does not answer, is busy, or damaged what it was sent: it may work later. Nothing is known to have been stored.</summary>
/// <param name="location">The location's name.</param>
/// <param name="message">What happened, in words for people.</param>
/// <param name="inner">Where it comes from.</param>
public sealed class LocationUnavailableException(string location, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The location's name.</summary>
    public string Location => location;

    /// <summary>Whether the place refuses who asks, which lasts until somebody gives the location other credentials or the key more rights.</summary>
    public bool IsDenied { get; init; }
}

/// <summary>A place refused for good what it was asked: the same again would be refused again.</summary>
/// <param name="location">The location's name.</param>
/// <param name="code">The place's own error code: <c>NoSuchBucket</c>, <c>AccessDenied</c>, <c>ContainerNotFound</c> …</param>
/// <param name="message">What happened and what to do, in words for people.</param>
/// <param name="inner">Where it comes from.</param>
public sealed class ReplicaRefusedException(string location, string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The location's name.</summary>
    public string Location => location;

    /// <summary>The place's own error code.</summary>
    public string Code => code;

    /// <summary>Whether the place refuses who asks, which lasts until somebody gives the location other credentials or the key more rights.</summary>
    public bool IsDenied { get; init; }
}
