using System.Globalization;

namespace ZenkoFunctions.Infra.Tests.Bicep;

/// <summary>Reads as much of Bicep as our templates are written in, and fails on anything else.</summary>
public sealed class Parser
{
    private static readonly string[] Types = ["string", "int", "bool", "array", "object"];

    private readonly string file;
    private readonly IReadOnlyList<Token> tokens;
    private readonly HashSet<string> used;
    private int at;

    private Parser(string file, IReadOnlyList<Token> tokens, HashSet<string> used) => (this.file, this.tokens, this.used) = (file, tokens, used);

    private Token Here => tokens[at];

    /// <summary>Reads a file.</summary>
    /// <exception cref="BicepException">Something in it is not understood.</exception>
    public static Template Read(string file) => Parse(file, File.ReadAllText(file));

    /// <summary>Reads a text.</summary>
    /// <exception cref="BicepException">Something in it is not understood.</exception>
    public static Template Parse(string file, string text) => new Parser(file, Lexer.Read(file, text), new(StringComparer.Ordinal)).Whole();

    private Template Whole()
    {
        var statements = new List<Statement>();
        string? of = null;
        while (true)
        {
            Lines();
            if (Here.Kind == TokenKind.End) break;
            var decorators = new List<CallExpr>();
            while (Is("@"))
            {
                at++;
                decorators.Add(Call(Word()));
                Ended();
                Lines();
            }
            var line = Here.Line;
            var keyword = Word().Value;
            switch (keyword)
            {
                case "targetScope":
                    Sign("=");
                    if (Plain() != "resourceGroup") throw Wrong("Only resource groups are deployed to.");
                    break;
                case "using":
                    of = Plain();
                    break;
                default:
                    var statement = Declaration(keyword, line, decorators);
                    if (statements.Any(s => s.Name == statement.Name && s is OutputStatement == statement is OutputStatement)) throw Wrong($"{statement.Name} is declared twice.");
                    statements.Add(statement);
                    break;
            }
            Ended();
        }
        return new(file, statements, used, of);
    }

    private Statement Declaration(string keyword, int line, List<CallExpr> decorators)
    {
        var name = Word().Value;
        switch (keyword)
        {
            case "param" when Is("="):
                at++;
                return new ValueStatement(line, name, Expression());
            case "param":
                var type = Type();
                Expr? value = null;
                if (Is("="))
                {
                    at++;
                    value = Expression();
                }
                return new ParamStatement(line, name, type, value, decorators);
            case "var":
                Sign("=");
                return new VarStatement(line, name, Expression(), decorators);
            case "output":
                var of = Type();
                Sign("=");
                return new OutputStatement(line, name, of, Expression(), decorators);
            case "resource":
                var typed = Plain().Split('@');
                if (typed.Length != 2) throw Wrong("A resource needs 'type@version'.");
                Sign("=");
                return new ResourceStatement(line, name, typed[0], typed[1], Body(), decorators);
            case "module":
                var path = Plain();
                Sign("=");
                return new ModuleStatement(line, name, path, Body(), decorators);
            default:
                throw Wrong($"'{keyword}' is not understood.");
        }
    }

    /// <summary>An object, perhaps behind a condition; or a loop of such.</summary>
    private Expr Body()
    {
        var line = Here.Line;
        if (Here is { Kind: TokenKind.Word, Value: "if" })
        {
            at++;
            Sign("(");
            var condition = Expression();
            Sign(")");
            return new OnlyIfExpr(line, condition, Object());
        }
        return Is("[") ? Array() as LoopExpr ?? throw Wrong("A resource is an object or a loop.") : Object();
    }

    private Expr Expression()
    {
        var condition = Or();
        if (!Is("?")) return condition;
        at++;
        var then = Expression();
        Sign(":");
        return new ChoiceExpr(condition.Line, condition, then, Expression());
    }

    private Expr Or() => LeftToRight(And, "||");

    private Expr And() => LeftToRight(Equality, "&&");

    private Expr Equality() => LeftToRight(Unary, "==", "!=");

    private Expr LeftToRight(Func<Expr> operand, params string[] operators)
    {
        var left = operand();
        while (Here.Kind == TokenKind.Sign && operators.Contains(Here.Value))
        {
            var sign = tokens[at++].Value;
            left = new BinaryExpr(left.Line, sign, left, operand());
        }
        return left;
    }

    private Expr Unary()
    {
        if (!Is("!")) return Postfix();
        var line = tokens[at++].Line;
        return new NotExpr(line, Unary());
    }

    private Expr Postfix()
    {
        var value = Primary();
        while (true)
        {
            if (Is("."))
            {
                at++;
                value = new MemberExpr(value.Line, value, Word().Value);
            }
            else if (Is("["))
            {
                at++;
                var index = Expression();
                Sign("]");
                value = new IndexExpr(value.Line, value, index);
            }
            else
            {
                return value;
            }
        }
    }

    private Expr Primary()
    {
        var token = Here;
        switch (token.Kind)
        {
            case TokenKind.Text:
                at++;
                return Text(token);
            case TokenKind.Number:
                at++;
                return new LiteralExpr(token.Line, long.Parse(token.Value, CultureInfo.InvariantCulture));
            case TokenKind.Word:
                at++;
                return token.Value switch
                {
                    "true" => new LiteralExpr(token.Line, true),
                    "false" => new LiteralExpr(token.Line, false),
                    "null" => new LiteralExpr(token.Line, null),
                    _ => Is("(") ? Call(token) : Name(token),
                };
            case TokenKind.Sign when token.Value == "(":
                at++;
                var inner = Expression();
                Sign(")");
                return inner;
            case TokenKind.Sign when token.Value == "[":
                return Array();
            case TokenKind.Sign when token.Value == "{":
                return Object();
            default:
                throw Wrong($"'{token.Value}' begins no expression.");
        }
    }

    private NameExpr Name(Token token)
    {
        used.Add(token.Value);
        return new(token.Line, token.Value);
    }

    private TextExpr Text(Token token) => new(
        token.Line,
        [.. token.Parts!.Select(part => part is IReadOnlyList<Token> inner ? new Parser(file, inner, used).Alone() : part).Where(part => part is not "" || token.Parts!.Count == 1)]);

    private Expr Alone()
    {
        var value = Expression();
        if (Here.Kind != TokenKind.End) throw Wrong("Only an expression may be interpolated.");
        return value;
    }

    private CallExpr Call(Token name)
    {
        Sign("(");
        var arguments = new List<Expr>();
        while (!Is(")"))
        {
            if (arguments.Count > 0) Sign(",");
            arguments.Add(Expression());
        }
        Sign(")");
        return new CallExpr(name.Line, name.Value, arguments);
    }

    private ObjectExpr Object()
    {
        var line = Here.Line;
        Sign("{");
        var properties = new List<(TextExpr, Expr)>();
        while (!Is("}"))
        {
            Line(properties.Count);
            if (Is("}")) break;
            var name = Here;
            at++;
            var key = name.Kind switch
            {
                TokenKind.Word => new TextExpr(name.Line, [name.Value]),
                TokenKind.Text => Text(name),
                _ => throw Wrong($"'{name.Value}' names no property."),
            };
            if (properties.Any(p => p.Item1.Plain is { } plain && plain == key.Plain)) throw Wrong($"{key.Plain} is set twice.");
            Sign(":");
            properties.Add((key, Expression()));
        }
        at++;
        return new(line, properties);
    }

    private Expr Array()
    {
        var line = Here.Line;
        Sign("[");
        if (Here is { Kind: TokenKind.Word, Value: "for" }) return Loop(line);
        var items = new List<Expr>();
        while (!Is("]"))
        {
            Line(items.Count);
            if (Is("]")) break;
            items.Add(Expression());
        }
        at++;
        return new ArrayExpr(line, items);
    }

    private LoopExpr Loop(int line)
    {
        at++;
        string item;
        string? index = null;
        if (Is("("))
        {
            at++;
            item = Word().Value;
            Sign(",");
            index = Word().Value;
            Sign(")");
        }
        else
        {
            item = Word().Value;
        }
        if (Word().Value != "in") throw Wrong("'in' is missing.");
        var over = Expression();
        Sign(":");
        var body = Here is { Kind: TokenKind.Word, Value: "if" } ? Body() : Expression();
        Sign("]");
        return new(line, item, index, over, body);
    }

    private string Type() => Word().Value is var type && Types.Contains(type) ? type : throw Wrong($"'{type}' is no type that is understood.");

    private string Plain() => Here is { Kind: TokenKind.Text } token && Text(token).Plain is { } text
        ? (at++, text).text
        : throw Wrong("A plain string is needed here.");

    private bool Is(string sign) => Here.Kind == TokenKind.Sign && Here.Value == sign;

    private void Sign(string sign)
    {
        if (!Is(sign)) throw Wrong($"'{sign}' is missing before '{Here.Value}'.");
        at++;
    }

    private Token Word() => Here.Kind == TokenKind.Word ? tokens[at++] : throw Wrong($"A name is missing before '{Here.Value}'.");

    private void Lines()
    {
        while (Here.Kind == TokenKind.NewLine) at++;
    }

    private void Line(int before)
    {
        if (Here.Kind != TokenKind.NewLine) throw Wrong(before == 0 ? "The first item begins a line." : "Each item has a line of its own.");
        Lines();
    }

    private void Ended()
    {
        if (Here.Kind is not (TokenKind.NewLine or TokenKind.End)) throw Wrong($"'{Here.Value}' comes behind the end of the declaration.");
    }

    private BicepException Wrong(string message) => new(file, Here.Line, message);
}
