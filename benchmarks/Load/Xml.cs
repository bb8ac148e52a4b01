using System.Net;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>As much of answers in XML as a load driver has to understand.</summary>
internal static class Xml
{
    /// <summary>What stands between the first <paramref name="open"/> and the <paramref name="close"/> after it.</summary>
    public static string? Between(string text, string open, string close)
    {
        var from = text.IndexOf(open, StringComparison.Ordinal);
        if (from < 0) return null;
        from += open.Length;
        return WebUtility.HtmlDecode(text[from..text.IndexOf(close, from, StringComparison.Ordinal)]);
    }

    /// <summary>How often <paramref name="word"/> occurs.</summary>
    public static int Count(string text, string word)
    {
        var count = 0;
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + word.Length, StringComparison.Ordinal))
            count++;
        return count;
    }
}
