namespace ZenkoFunctions.Core.Locations;

/// <summary>A location that copies bytes within itself, so that they need not pass through this process.</summary>
public interface ICopies
{
    /// <summary>
    /// Stores the same bytes once more under a name that was never used before; as durable and as invisible otherwise as those of
    /// <see cref="ILocation.Put"/>. Null, with nothing left behind, where there are no such bytes (any more), or where they cannot be
    /// copied just now: then they can still be read and put.
    /// </summary>
    ValueTask<Stored?> Copy(Stored source, string name, CancellationToken ct);
}
