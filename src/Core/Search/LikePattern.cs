using System.Text.RegularExpressions;

namespace ZenkoFunctions.Core.Search;

/// <summary>
/// The pattern of a LIKE: a regular expression that matches anywhere in a text, be it <c>pattern</c> or <c>/pattern/flags</c>. It is run
/// without backtracking, in a time that grows with the text alone, and gives up after a second.
/// </summary>
internal sealed class LikePattern
{
    /// <summary>Characters of a pattern.</summary>
    public const int MostUnits = 1024;

    /// <summary>What all the repetitions of a pattern may come to where they stand within each other.</summary>
    private const long MostRepetitions = 10_000;

    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(1);

    private readonly Regex regex;

    private LikePattern(Regex regex, string prefix) => (this.regex, Prefix) = (regex, prefix);

    /// <summary>What every text begins with that it matches; empty where nothing is known of that.</summary>
    public string Prefix { get; }

    /// <summary>Whether it matches somewhere. Throws <see cref="RegexMatchTimeoutException"/>.</summary>
    public bool Matches(string text) => regex.IsMatch(text);

    /// <summary>Reads one; the refusal says what is wrong, or nothing where it is no regular expression at all.</summary>
    public static Result<LikePattern> Parse(string text)
    {
        var (pattern, flags) = (text, "");
        if (text.StartsWith('/') && text.LastIndexOf('/') is > 0 and var end) (pattern, flags) = (text[1..end], text[(end + 1)..]);
        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        foreach (var flag in flags)
        {
            switch (flag)
            {
                case 'i':
                    options |= RegexOptions.IgnoreCase;
                    break;
                case 'm':
                    options |= RegexOptions.Multiline;
                    break;
                case 's':
                    options |= RegexOptions.Singleline;
                    break;
                case 'x':
                    options |= RegexOptions.IgnorePatternWhitespace;
                    break;
                case 'u':
                    break;
                default:
                    return Refusal.InvalidRequest.Because($"The flag '{flag}' of a LIKE pattern is unknown; there are i, m, s, u and x.");
            }
        }
        if (pattern.Length > MostUnits) return Refusal.InvalidRequest.Because($"A LIKE pattern may have at most {MostUnits} characters.");
        if (Repetitions(pattern) > MostRepetitions)
            return Refusal.InvalidRequest.Because($"The repetitions of a LIKE pattern may come to {MostRepetitions} at most, those within each other multiplied.");
        if (Regex.IsMatch(pattern, @"\[:\^?[a-z]+:\]", RegexOptions.NonBacktracking))
            return Refusal.InvalidRequest.Because("LIKE patterns have no POSIX classes; use \\w, \\d, \\s, [a-z] or \\p{L} instead.");
        try
        {
            return new LikePattern(new(pattern, options, MatchTime), PrefixOf(pattern, options));
        }
        catch (NotSupportedException)
        {
            return Refusal.InvalidRequest.Because(
                "LIKE patterns run without backtracking, so that none can take for ever: look-ahead, look-behind, back-references, conditions and atomic groups are not supported.");
        }
        catch (ArgumentException)
        {
            return Refusal.InvalidRequest;
        }
    }

    // Of counts as in a{2,5}, the larger ones multiplied, as if each stood within the one before: more than it can be.
    private static long Repetitions(string pattern)
    {
        var product = 1L;
        foreach (var count in Regex.EnumerateMatches(pattern, @"\{\d+(,\d*)?\}", RegexOptions.NonBacktracking))
        {
            var largest = 1L;
            foreach (var number in Regex.EnumerateMatches(pattern.AsSpan(count.Index, count.Length), @"\d+", RegexOptions.NonBacktracking))
                largest = Math.Max(largest, long.TryParse(pattern.AsSpan(count.Index + number.Index, number.Length), out var parsed) ? parsed : MostRepetitions + 1);
            product = Math.Min(product * largest, MostRepetitions + 1);
        }
        return product;
    }

    private static string PrefixOf(string pattern, RegexOptions options)
    {
        const RegexOptions Loose = RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace;
        // One alternative says nothing of the others.
        if ((options & Loose) != 0 || !pattern.StartsWith('^') || pattern.Contains('|', StringComparison.Ordinal)) return "";
        var prefix = new System.Text.StringBuilder();
        for (var at = 1; at < pattern.Length; at++)
        {
            var unit = pattern[at];
            if (unit == '\\' && at + 1 < pattern.Length && !char.IsAsciiLetterOrDigit(pattern[at + 1])) unit = pattern[++at];
            else if (unit is '.' or '[' or '(' or ')' or '\\' or '$' or '^' or '{' or '*' or '+' or '?') break;
            // What is repeated may be there not even once.
            if (at + 1 < pattern.Length && pattern[at + 1] is '*' or '?' or '{') break;
            prefix.Append(unit);
            if (at + 1 < pattern.Length && pattern[at + 1] == '+') break;
        }
        // Half of a character is none's beginning.
        if (prefix.Length > 0 && char.IsHighSurrogate(prefix[^1])) prefix.Length--;
        return prefix.ToString();
    }
}
