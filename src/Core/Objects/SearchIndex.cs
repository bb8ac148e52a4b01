namespace ZenkoFunctions.Core.Objects;

/// <summary>The fields of a bucket's objects that searches find without looking at every object.</summary>
/// <param name="Fields">In order of name; 1 to <see cref="MostFields"/>.</param>
public sealed record SearchIndex(IReadOnlyList<IndexedField> Fields)
{
    /// <summary>Fields of a bucket. Each costs a write for every object that has it.</summary>
    public const int MostFields = 10;

    /// <summary>Characters of a field's name.</summary>
    public const int MostNameUnits = 256;

    /// <summary>The field of that name where searches may use it; null else.</summary>
    public IndexedField? Ready(string name)
    {
        foreach (var field in Fields)
            if (field.Name == name) return field.IsReady ? field : null;
        return null;
    }
}

/// <summary>A field that is indexed.</summary>
/// <param name="Name">As expressions name it.</param>
/// <param name="Id">Names its entries; a field that was dropped and is declared again has another.</param>
/// <param name="Since">When it was declared.</param>
public sealed record IndexedField(string Name, string Id, DateTimeOffset Since)
{
    /// <summary>Characters of an id: with a bucket's before it, there is room for a value behind it.</summary>
    internal const int IdUnits = 8;

    /// <summary>Whether what was there before has its entries. Since the declaration every writer makes those of what it writes.</summary>
    public bool IsReady { get; init; }
}

/// <summary>What an entry of an index says: that some version of the key has, or had, or would have had, the value that its partition names.</summary>
/// <param name="Key">The key.</param>
/// <param name="At">When a writer last wrote it.</param>
internal sealed record SearchEntry(string Key, DateTimeOffset At)
{
    public int Format { get; init; } = 1;
}
