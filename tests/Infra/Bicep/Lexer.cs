using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Infra.Tests.Bicep;

/// <summary>What a token is.</summary>
public enum TokenKind
{
    /// <summary>A name or a keyword.</summary>
    Word,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A string; its parts are texts and, where it is interpolated, tokens of expressions.</summary>
    Text,

    /// <summary>One of <c>{ } [ ] ( ) : , . = == != ? ! &amp;&amp; || @</c>.</summary>
    Sign,

    /// <summary>The end of one or more lines, which Bicep cares for.</summary>
    NewLine,

    /// <summary>The end of the file, or of an interpolated expression.</summary>
    End,
}

/// <summary>A token; <paramref name="Parts"/> of a text are strings and lists of tokens in turn.</summary>
public sealed record Token(TokenKind Kind, string Value, int Line, IReadOnlyList<object>? Parts = null);

/// <summary>Takes a Bicep file apart into tokens.</summary>
public sealed class Lexer
{
    private static readonly string[] Signs = ["==", "!=", "&&", "||", "{", "}", "[", "]", "(", ")", ":", ",", ".", "=", "?", "!", "@"];

    private readonly string file, text;
    private int at;
    private int line = 1;

    private Lexer(string file, string text) => (this.file, this.text) = (file, text);

    /// <summary>The tokens, the last being <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="BicepException">Something is none.</exception>
    public static IReadOnlyList<Token> Read(string file, string text) => new Lexer(file, text).Until(null);

    private List<Token> Until(char? end)
    {
        var tokens = new List<Token>();
        while (true)
        {
            while (at < text.Length && text[at] is ' ' or '\r') at++;
            if (at == text.Length)
            {
                if (end is not null) throw Wrong("A string is not closed.");
                break;
            }
            if (text[at] == end) break;
            if (Next() is { } token && !(token.Kind == TokenKind.NewLine && tokens is [] or [.., { Kind: TokenKind.NewLine }])) tokens.Add(token);
        }
        tokens.Add(new(TokenKind.End, "", line));
        return tokens;
    }

    private Token? Next()
    {
        var c = text[at];
        if (c == '\n')
        {
            at++;
            return new(TokenKind.NewLine, "", line++);
        }
        if (text.AsSpan(at).StartsWith("//"))
        {
            while (at < text.Length && text[at] != '\n') at++;
            return null;
        }
        if (c == '\'') return String();
        if (char.IsAsciiLetter(c) || c == '_') return Take(TokenKind.Word, x => char.IsAsciiLetterOrDigit(x) || x == '_');
        if (char.IsAsciiDigit(c) || (c == '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))) return Number();
        foreach (var sign in Signs)
        {
            if (!text.AsSpan(at).StartsWith(sign)) continue;
            at += sign.Length;
            return new(TokenKind.Sign, sign, line);
        }
        throw Wrong($"'{c}' is not understood.");
    }

    private Token Number()
    {
        var start = at++;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        var number = text[start..at];
        _ = long.Parse(number, CultureInfo.InvariantCulture);
        return new(TokenKind.Number, number, line);
    }

    private Token Take(TokenKind kind, Func<char, bool> belongs)
    {
        var start = at;
        while (at < text.Length && belongs(text[at])) at++;
        return new(kind, text[start..at], line);
    }

    private Token String()
    {
        if (text.AsSpan(at).StartsWith("'''")) throw Wrong("Strings of several lines are not understood.");
        at++;
        var parts = new List<object>();
        var current = new StringBuilder();
        while (true)
        {
            if (at >= text.Length || text[at] == '\n') throw Wrong("A string is not closed.");
            var c = text[at++];
            if (c == '\'') break;
            if (c == '$' && text[at] == '{')
            {
                at++;
                parts.Add(current.ToString());
                current.Clear();
                parts.Add(Until('}'));
                at++;
                continue;
            }
            if (c == '\\')
            {
                c = text[at++] switch
                {
                    '\'' => '\'', '\\' => '\\', 'n' => '\n', 't' => '\t', '$' => '$',
                    var other => throw Wrong($"\\{other} is no escape."),
                };
            }
            current.Append(c);
        }
        parts.Add(current.ToString());
        return new(TokenKind.Text, "", line, parts);
    }

    private BicepException Wrong(string message) => new(file, line, message);
}
