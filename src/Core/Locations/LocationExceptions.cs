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
