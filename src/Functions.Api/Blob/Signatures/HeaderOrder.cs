namespace ZenkoFunctions.Api.Blob.Signatures;

/// <summary>
/// How the service of Azure sorts headers, and newer clients with it: as words of a language are, in which dashes do not count and
/// marks come before digits. Older clients sort by bytes.
/// </summary>
internal sealed class HeaderOrder : IComparer<string>
{
    /// <summary>The only one.</summary>
    public static readonly HeaderOrder Words = new();

    private const string Marks = "!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz";

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var (i, j) = (0, 0);
        while (true)
        {
            var (a, b) = (Next(x, ref i), Next(y, ref j));
            if (a != b) return a.CompareTo(b);
            if (a < 0) return string.CompareOrdinal(x, y);
        }
    }

    // The rank of the next character that counts; -1 at the end.
    private static int Next(string? name, ref int at)
    {
        while (name is not null && at < name.Length)
            if (Marks.IndexOf(name[at++], StringComparison.Ordinal) is >= 0 and var rank) return rank;
        return -1;
    }
}
