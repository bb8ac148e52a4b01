namespace ZenkoFunctions.Infra.Tests.Bicep;

/// <summary>An expression.</summary>
public abstract record Expr(int Line);

/// <summary>A string; parts are strings and expressions.</summary>
public sealed record TextExpr(int Line, IReadOnlyList<object> Parts) : Expr(Line)
{
    /// <summary>Its text where nothing is interpolated; null otherwise.</summary>
    public string? Plain => Parts is [string text] ? text : null;
}

/// <summary>A number, true, false or null.</summary>
public sealed record LiteralExpr(int Line, object? Value) : Expr(Line);

/// <summary>A param, var, resource, module or loop variable.</summary>
public sealed record NameExpr(int Line, string Name) : Expr(Line);

/// <summary><c>of.name</c></summary>
public sealed record MemberExpr(int Line, Expr Of, string Name) : Expr(Line);

/// <summary><c>of[at]</c></summary>
public sealed record IndexExpr(int Line, Expr Of, Expr At) : Expr(Line);

/// <summary><c>function(arguments)</c></summary>
public sealed record CallExpr(int Line, string Function, IReadOnlyList<Expr> Arguments) : Expr(Line);

/// <summary><c>left operator right</c></summary>
public sealed record BinaryExpr(int Line, string Operator, Expr Left, Expr Right) : Expr(Line);

/// <summary><c>!operand</c></summary>
public sealed record NotExpr(int Line, Expr Operand) : Expr(Line);

/// <summary><c>if ? then : otherwise</c></summary>
public sealed record ChoiceExpr(int Line, Expr If, Expr Then, Expr Otherwise) : Expr(Line);

/// <summary><c>[ … ]</c>, an item a line.</summary>
public sealed record ArrayExpr(int Line, IReadOnlyList<Expr> Items) : Expr(Line);

/// <summary><c>{ … }</c>, a property a line.</summary>
public sealed record ObjectExpr(int Line, IReadOnlyList<(TextExpr Name, Expr Value)> Properties) : Expr(Line);

/// <summary><c>[for item in over: body]</c> or <c>[for (item, index) in over: body]</c></summary>
public sealed record LoopExpr(int Line, string Item, string? Index, Expr Over, Expr Body) : Expr(Line);

/// <summary><c>if (condition) { … }</c> before the body of a resource or module.</summary>
public sealed record OnlyIfExpr(int Line, Expr Condition, Expr Body) : Expr(Line);

/// <summary>A declaration.</summary>
public abstract record Statement(int Line, string Name, IReadOnlyList<CallExpr> Decorators)
{
    /// <summary>The decorator of that name.</summary>
    public CallExpr? Decorator(string name) => Decorators.FirstOrDefault(d => d.Function == name);

    /// <summary>What its <c>@description</c> says.</summary>
    public string? Description => Decorator("description") is { Arguments: [TextExpr { Plain: { } text }] } ? text : null;
}

/// <summary><c>param name type = default</c></summary>
public sealed record ParamStatement(int Line, string Name, string Type, Expr? Default, IReadOnlyList<CallExpr> Decorators) : Statement(Line, Name, Decorators)
{
    /// <summary>Whether it holds a secret.</summary>
    public bool IsSecure => Decorator("secure") is not null;
}

/// <summary><c>var name = value</c></summary>
public sealed record VarStatement(int Line, string Name, Expr Value, IReadOnlyList<CallExpr> Decorators) : Statement(Line, Name, Decorators);

/// <summary><c>resource name 'type@version' = body</c></summary>
public sealed record ResourceStatement(int Line, string Name, string Type, string Version, Expr Body, IReadOnlyList<CallExpr> Decorators)
    : Statement(Line, Name, Decorators);

/// <summary><c>module name 'path' = body</c></summary>
public sealed record ModuleStatement(int Line, string Name, string Path, Expr Body, IReadOnlyList<CallExpr> Decorators) : Statement(Line, Name, Decorators);

/// <summary><c>output name type = value</c></summary>
public sealed record OutputStatement(int Line, string Name, string Type, Expr Value, IReadOnlyList<CallExpr> Decorators) : Statement(Line, Name, Decorators);

/// <summary><c>param name = value</c> of a file of parameters.</summary>
public sealed record ValueStatement(int Line, string Name, Expr Value) : Statement(Line, Name, []);

/// <summary>A file.</summary>
/// <param name="File">Its path.</param>
/// <param name="Statements">What it declares.</param>
/// <param name="Used">Every name that an expression holds.</param>
/// <param name="Using">The template that a file of parameters is for.</param>
public sealed record Template(string File, IReadOnlyList<Statement> Statements, IReadOnlySet<string> Used, string? Using)
{
    /// <summary>The declarations of a kind.</summary>
    public IEnumerable<T> Of<T>() where T : Statement => Statements.OfType<T>();
}
