namespace ZenkoFunctions.Core.State;

/// <summary>The name of a row. Ordered by partition, then row, both ordinal.</summary>
public readonly record struct TableKey(string Partition, string Row) : IComparable<TableKey>
{
    /// <summary>After every legal key.</summary>
    public static readonly TableKey End = new("\uffff", "");

    /// <inheritdoc/>
    public int CompareTo(TableKey other)
    {
        var byPartition = string.CompareOrdinal(Partition, other.Partition);
        return byPartition != 0 ? byPartition : string.CompareOrdinal(Row, other.Row);
    }

    /// <summary>Ordinal order of (partition, row).</summary>
    public static bool operator <(TableKey a, TableKey b) => a.CompareTo(b) < 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >(TableKey a, TableKey b) => a.CompareTo(b) > 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator <=(TableKey a, TableKey b) => a.CompareTo(b) <= 0;

    /// <inheritdoc cref="op_LessThan"/>
    public static bool operator >=(TableKey a, TableKey b) => a.CompareTo(b) >= 0;
}

/// <summary>The keys from <paramref name="From"/> (inclusive) to <paramref name="To"/> (exclusive).</summary>
public readonly record struct KeyRange(TableKey From, TableKey To)
{
    /// <summary>Every row of one partition.</summary>
    public static KeyRange Partition(string partition) => new(new(partition, ""), new(partition, "\uffff"));

    /// <summary>The rows of one partition whose names start with <paramref name="prefix"/>.</summary>
    public static KeyRange Rows(string partition, string prefix) =>
        new(new(partition, prefix), new(partition, prefix + "\uffff"));

    /// <summary>The same range from behind a row of its first partition; names of rows have nothing below <c>!</c>.</summary>
    public KeyRange After(string row) => this with { From = new(From.Partition, row + "!") };
}

/// <summary>A stored row with the stamp that a conditional change must name.</summary>
public sealed record Row(TableKey Key, ReadOnlyMemory<byte> Value, Stamp Stamp);

/// <summary>
/// Opaque; changes with every write of the row, and is never used again for it, even after a deletion. Another row may carry
/// an equal one.
/// </summary>
public readonly record struct Stamp(string Value);

/// <summary>What must hold of a row for a change to be applied.</summary>
public readonly record struct Condition
{
    private Condition(ConditionKind kind, Stamp stamp = default) => (Kind, Stamp) = (kind, stamp);

    /// <summary>Nothing.</summary>
    public static readonly Condition Any;

    /// <summary>There is no such row.</summary>
    public static readonly Condition Absent = new(ConditionKind.Absent);

    /// <summary>The row exists and still carries this stamp.</summary>
    public static Condition Is(Stamp stamp) => new(ConditionKind.Is, stamp);

    /// <summary>The row is as it was read: absent, or carrying the stamp.</summary>
    public static Condition AsRead(Row? row) => row is null ? Absent : Is(row.Stamp);

    /// <summary>Which of the three it is.</summary>
    public ConditionKind Kind { get; }

    /// <summary>The stamp of <see cref="ConditionKind.Is"/>.</summary>
    public Stamp Stamp { get; }
}

/// <summary>The kinds of <see cref="Condition"/>.</summary>
public enum ConditionKind
{
    /// <summary>No condition.</summary>
    Any,

    /// <summary>The row must not exist.</summary>
    Absent,

    /// <summary>The row must carry the stamp.</summary>
    Is,
}

/// <summary>One change of a row: a new value, or (<paramref name="Value"/> null) its deletion.</summary>
public readonly record struct Change(string Row, Condition Condition, ReadOnlyMemory<byte>? Value)
{
    /// <summary>Writes the row.</summary>
    public static Change Put(string row, Condition condition, ReadOnlyMemory<byte> value) => new(row, condition, value);

    /// <summary>Removes the row. <see cref="Condition.Absent"/> makes no sense here, and is the caller's error.</summary>
    public static Change Delete(string row, Condition condition) => new(row, condition, null);
}
