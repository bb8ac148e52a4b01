namespace ZenkoFunctions.Core.State;

/// <summary>
/// Where the rows of one object key live. Rows are named <c>kind + Rest + tail</c>, kind being one ASCII letter:
/// so all rows of a kind in a shared partition stand together, in key order.
/// </summary>
/// <param name="Partition">The space (bucket) followed by the encoded head of the key.</param>
/// <param name="Rest">The encoded remainder of a long key; empty for a key that fits the partition name.</param>
public readonly record struct KeyAddress(string Partition, string Rest)
{
    /// <summary>The row of this key with that kind and tail.</summary>
    public TableKey Row(char kind, string tail = "") => new(Partition, kind + Rest + tail);

    /// <summary>The name of that row inside the partition.</summary>
    public string RowName(char kind, string tail = "") => kind + Rest + tail;
}
