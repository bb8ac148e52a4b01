using System.Text;

namespace ZenkoFunctions.Core.Access;

/// <summary>
/// A text with <c>*</c>, <c>?</c> and policy variables: <c>${aws:username}</c>, with a default <c>${key, 'text'}</c>, and
/// <c>${*} ${?} ${$}</c> for the characters themselves. What a variable stands for is literal.
/// </summary>
internal sealed class Pattern
{
    // Noncharacters stand for the wildcards, so that a variable's value can hold the characters themselves.
    private const char Many = '\uffff', One = '\ufffe';

    // A character that is filled in takes memory as well.
    private const int FillingSteps = 16;

    private readonly string[] texts; // what is before, between and behind the variables
    private readonly (string Key, string? Default)[] variables;

    private Pattern(string source, string[] texts, (string, string?)[] variables) =>
        (Source, this.texts, this.variables) = (source, texts, variables);

    /// <summary>As it was written.</summary>
    public string Source { get; }

    /// <summary>Whether it holds variables: their values are known at the request only.</summary>
    public bool HasVariables => variables.Length > 0;

    /// <summary>A pattern; null where it is malformed.</summary>
    /// <param name="source">The text.</param>
    /// <param name="withWildcards">Whether asterisk and question mark stand for others.</param>
    /// <param name="withVariables">Whether <c>${</c> begins a variable (documents of 2012-10-17).</param>
    public static Pattern? Parse(string source, bool withWildcards, bool withVariables)
    {
        if (source.AsSpan().IndexOfAny(Many, One) >= 0) return null;
        List<string> texts = [];
        List<(string, string?)> variables = [];
        var text = new StringBuilder(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            if (withVariables && source[i] == '$' && i + 1 < source.Length && source[i + 1] == '{')
            {
                var end = source.IndexOf('}', i);
                if (end < 0) return null;
                var inner = source[(i + 2)..end];
                i = end;
                if (inner is "*" or "?" or "$") text.Append(inner);
                else if (Variable(inner) is { } variable)
                {
                    texts.Add(text.ToString());
                    text.Clear();
                    variables.Add(variable);
                }
                else return null;
            }
            else
            {
                text.Append(!withWildcards ? source[i] : source[i] switch { '*' => Many, '?' => One, var c => c });
            }
        }
        texts.Add(text.ToString());
        return new(source, [.. texts], [.. variables]);
    }

    /// <summary>Whether the whole of the text is matched; false also where the request has no steps left.</summary>
    public bool Matches(string text, AccessRequest request, bool ignoreCase = false) =>
        Resolve(request) is { } resolved && Matches(resolved, text, request, ignoreCase);

    /// <summary>Whether a pattern without variables matches the whole of the text.</summary>
    public bool Matches(string text, bool ignoreCase = false) => Matches(text, new AccessRequest(Caller.Anonymous, "", "", static _ => null), ignoreCase);

    /// <summary>Whether it matches some text that begins with the prefix and is longer.</summary>
    public bool MatchesBelow(string prefix, AccessRequest request)
    {
        if (Resolve(request) is not { } pattern) return false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (i == prefix.Length || pattern[i] == Many) return true;
            if (pattern[i] != One && pattern[i] != prefix[i]) return false;
        }
        return false;
    }

    /// <summary>
    /// The text with its variables filled in; null where the request has no value, or several, for one of them, or no steps left.
    /// </summary>
    public string? Resolve(AccessRequest request)
    {
        if (variables.Length == 0) return texts[0];
        var resolved = new StringBuilder(texts[0]);
        for (var i = 0; i < variables.Length; i++)
        {
            var value = request.Keys(variables[i].Key) is [var only] ? only : variables[i].Default;
            if (value is null || value.AsSpan().IndexOfAny(Many, One) >= 0 || !request.Spend(value.Length * FillingSteps)) return null;
            resolved.Append(value).Append(texts[i + 1]);
        }
        return resolved.ToString();
    }

    /// <summary>Whether a pattern whose variables are filled in matches: linear in practice, and never exponential.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, AccessRequest request, bool ignoreCase)
    {
        int p = 0, t = 0, star = -1, behind = 0;
        if (!request.Spend(text.Length)) return false;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == Many)
            {
                (star, behind) = (p++, t);
            }
            else if (p < pattern.Length && (pattern[p] == One || Same(pattern[p], text[t], ignoreCase)))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                // Going back is what can make it take long.
                if (!request.Spend(1 + t - behind)) return false;
                (p, t) = (star + 1, ++behind);
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == Many) p++;
        return p == pattern.Length;
    }

    private static bool Same(char a, char b, bool ignoreCase) =>
        a == b || (ignoreCase && char.ToLowerInvariant(a) == char.ToLowerInvariant(b));

    private static (string, string?)? Variable(string inner)
    {
        var comma = inner.IndexOf(',');
        var key = (comma < 0 ? inner : inner[..comma]).Trim();
        if (key.Length == 0 || !key.Contains(':')) return null;
        if (comma < 0) return (key, null);
        var standIn = inner[(comma + 1)..].Trim();
        return standIn.Length >= 2 && standIn[0] == '\'' && standIn[^1] == '\'' ? (key, standIn[1..^1]) : null;
    }
}
