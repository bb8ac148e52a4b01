namespace ZenkoFunctions.Core.Locations;

/// <summary>A location that can tell what bytes it has under names of ours. Every kind passes the same suite (<c>InventoryContract</c>).</summary>
public interface IInventory
{
    /// <summary>
    /// All that it has, in an order of its own. Throws as <see cref="ILocation.Open"/> does for an outage.
    /// </summary>
    /// <param name="after">The position of one that was told before: some that came before it may be told again. Null for all.</param>
    /// <param name="ct">Ends it.</param>
    IAsyncEnumerable<InventoryEntry> Inventory(string? after, CancellationToken ct);

    /// <summary>
    /// Ends uploads in parts that were begun before that time and never came to an end, where the service would keep them for ever.
    /// How many there were.
    /// </summary>
    ValueTask<int> EndUploads(DateTimeOffset begunBefore, CancellationToken ct) => new(0);
}

/// <summary>Bytes that a location has.</summary>
/// <param name="At">Where.</param>
/// <param name="Modified">When they came, by the location's clock.</param>
/// <param name="Position">From where a listing goes on, in the location's own terms.</param>
public readonly record struct InventoryEntry(Stored At, DateTimeOffset Modified, string Position);
