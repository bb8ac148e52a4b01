namespace ZenkoFunctions.Core;

/// <summary>The order of keys: that of their UTF-8 bytes, which is the order of code points.</summary>
public static class Utf8Order
{
    /// <summary>It as a comparer.</summary>
    public static readonly IComparer<string> Comparer = Comparer<string>.Create(Compare);

    /// <summary>Less than, equal to or greater than zero, as comparers have it.</summary>
    public static int Compare(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length) return a.Length - b.Length;
        return Rank(a[same]) - Rank(b[same]);
    }

    // Surrogates stand for code points above all other units, but their own numbers are below U+E000.
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
