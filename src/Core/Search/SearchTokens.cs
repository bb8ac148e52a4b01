using System.Globalization;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Search;

/// <summary>A piece of an expression.</summary>
/// <param name="Value">What it stands for: quoted, always a text.</param>
/// <param name="Symbol">What may be an operator or a parenthesis, upper case; null where it was quoted, and for numbers, true, false and null.</param>
internal readonly record struct SearchToken(SearchValue Value, string? Symbol);

/// <summary>
/// Cuts an expression into pieces as Zenko does: at blanks, and around symbols. A quotation mark (<c>" ' `</c>) begins a quoted piece
/// only at the beginning of a piece or behind a symbol; within, a backslash before the same mark takes its meaning away. What stands
/// bare and reads as a number, true, false or null is one.
/// </summary>
internal static class SearchTokens
{
    private static readonly string[] Symbols = ["!=", "<=", ">=", "<>", "(", ")", "=", "<", ">"];

    /// <summary>The pieces; null where a quotation does not end.</summary>
    public static List<SearchToken>? Cut(string text)
    {
        List<SearchToken> tokens = [];
        for (var at = 0; at < text.Length;)
        {
            if (IsBlank(text[at])) at++;
            else if (IsQuote(text[at]))
            {
                if (Quoted(text, ref at) is not { } quoted) return null;
                tokens.Add(new(SearchValue.Of(quoted), null));
            }
            else
            {
                var start = at++;
                while (at < text.Length && !IsBlank(text[at]) && !(IsQuote(text[at]) && text[at - 1] is '(' or ')' or '=' or '<' or '>')) at++;
                Split(text[start..at], tokens);
            }
        }
        return tokens;
    }

    private static string? Quoted(string text, ref int at)
    {
        var mark = text[at++];
        var content = new System.Text.StringBuilder();
        for (; at < text.Length; at++)
        {
            if (text[at] == mark)
            {
                if (text[at - 1] != '\\' || content.Length == 0)
                {
                    at++;
                    return content.ToString();
                }
                content.Length--;
            }
            content.Append(text[at]);
        }
        return null;
    }

    private static void Split(string piece, List<SearchToken> tokens)
    {
        var word = 0;
        for (var at = 0; at < piece.Length;)
        {
            if (Array.Find(Symbols, symbol => string.CompareOrdinal(piece, at, symbol, 0, symbol.Length) == 0) is not { } found)
            {
                at++;
                continue;
            }
            if (at > word) tokens.Add(Bare(piece[word..at]));
            tokens.Add(new(SearchValue.Of(found), found));
            word = at += found.Length;
        }
        if (piece.Length > word) tokens.Add(Bare(piece[word..]));
    }

    private static SearchToken Bare(string word) => word.ToUpperInvariant() switch
    {
        "NULL" => new(SearchValue.None, null),
        "TRUE" => new(SearchValue.Of(true), null),
        "FALSE" => new(SearchValue.Of(false), null),
        var upper => NumberIn(upper) is { } number ? new(SearchValue.Of(number), null) : new(SearchValue.Of(word), upper),
    };

    private static double? NumberIn(string word)
    {
        if (word is ['0', 'X' or 'O' or 'B', _, ..])
        {
            var radix = word[1] == 'X' ? 16 : word[1] == 'O' ? 8 : 2;
            var number = 0d;
            foreach (var digit in word.AsSpan(2))
            {
                var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
                if (value >= radix) return null;
                number = number * radix + value;
            }
            return double.IsFinite(number) ? number : null;
        }
        const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return word.Any(char.IsAsciiDigit) && double.TryParse(word, Decimal, CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed) ? parsed : null;
    }

    private static bool IsBlank(char unit) => unit is ' ' or '\t' or '\r' or '\n';

    private static bool IsQuote(char unit) => unit is '"' or '\'' or '`';
}
