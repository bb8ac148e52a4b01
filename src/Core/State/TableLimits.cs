using System.Buffers;

namespace ZenkoFunctions.Core.State;

/// <summary>The bounds that every engine keeps: those of Azure Table storage.</summary>
public static class TableLimits
{
    /// <summary>Changes in one <see cref="ITable.Apply"/>.</summary>
    public const int Changes = 100;

    /// <summary>UTF-16 units of a partition name, and of a row name.</summary>
    public const int NameUnits = 512;

    /// <summary>
    /// Bytes of one row's value: Azure's entity limit of 1 MiB less the names and the properties' overhead. Values travel as
    /// Base64, which is what the emulator measures.
    /// </summary>
    public const int ValueBytes = 720 * 1024;

    /// <summary>
    /// Bytes of all values in one <see cref="ITable.Apply"/>: Azure's 4 MiB for a transaction's request, in Base64, less the
    /// framing of <see cref="Changes"/> changes with the longest names (9.5 KB each).
    /// </summary>
    public const int ApplyBytes = 2_400_000;

    private static readonly SearchValues<char> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>What no name may hold: control characters, <c>/ \ # ?</c>, surrogates, and U+FFFF, which ends ranges.</summary>
    internal static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Range('\0', '\x1f'), '/', '\\', '#', '?', .. Range('\x7f', '\x9f'), .. Range('\ud800', '\udfff'), '\uffff']);

    /// <summary>Throws <see cref="ArgumentException"/> where a partition and its changes break a bound.</summary>
    public static void Check(string partition, IReadOnlyList<Change> changes)
    {
        CheckName(partition, nameof(partition));
        if (changes.Count is 0 or > Changes)
            throw new ArgumentException($"1 to {Changes} changes, not {changes.Count}.", nameof(changes));
        var bytes = 0L;
        for (var i = 0; i < changes.Count; i++)
        {
            CheckName(changes[i].Row, nameof(changes));
            var length = changes[i].Value?.Length ?? 0;
            if (changes[i] is { Value: null, Condition.Kind: ConditionKind.Absent })
                throw new ArgumentException($"The row '{changes[i].Row}' is to be deleted if it is absent.", nameof(changes));
            if (length > ValueBytes) throw new ArgumentException($"A value of {length} bytes; {ValueBytes} is the most.", nameof(changes));
            bytes += length;
            for (var j = 0; j < i; j++)
                if (changes[j].Row == changes[i].Row)
                    throw new ArgumentException($"The row '{changes[i].Row}' is changed twice.", nameof(changes));
        }
        if (bytes > ApplyBytes) throw new ArgumentException($"{bytes} bytes of values; {ApplyBytes} is the most.", nameof(changes));
    }

    /// <summary>Throws <see cref="ArgumentException"/> unless the name is one of a table.</summary>
    public static void CheckTable(string name)
    {
        if (name.Length is < 3 or > 63 || !char.IsAsciiLetterLower(name[0])
            || name.AsSpan().ContainsAnyExcept(Letters))
            throw new ArgumentException($"'{name}' cannot name a table.", nameof(name));
    }

    /// <summary>Whether a row can be called so. Clients name things in words of their own, such as ids of uploads that never were.</summary>
    public static bool CanBe(TableKey key) => IsName(key.Partition) && IsName(key.Row);

    private static bool IsName(string name) => name.Length is > 0 and <= NameUnits && !name.AsSpan().ContainsAny(Forbidden);

    private static void CheckName(string name, string parameter)
    {
        if (!IsName(name))
            throw new ArgumentException($"A name of 1 to {NameUnits} characters without / \\ # ? or control characters, not '{name}'.", parameter);
    }

    private static IEnumerable<char> Range(char first, char last) =>
        Enumerable.Range(first, last - first + 1).Select(unit => (char)unit);
}
