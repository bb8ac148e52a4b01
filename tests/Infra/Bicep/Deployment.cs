using System.Collections;
using System.Globalization;

namespace ZenkoFunctions.Infra.Tests.Bicep;

/// <summary>
/// Plays a deployment through: evaluates a template with its modules to the resources it makes. What only Azure can know stands as
/// <c>‹symbol.path›</c>, a secret as <c>‹secret name›</c>.
/// </summary>
public sealed class Deployment
{
    private readonly Template template;
    private readonly Dictionary<string, object?> values;
    private readonly Dictionary<string, object?> known = new(StringComparer.Ordinal);
    private readonly HashSet<string> underWay = new(StringComparer.Ordinal);
    private readonly List<Deployed> resources;

    private Deployment(Template template, Dictionary<string, object?> values, List<Deployed> resources) =>
        (this.template, this.values, this.resources) = (template, values, resources);

    /// <summary>All resources, in no order that matters.</summary>
    public IReadOnlyList<Deployed> Resources => resources;

    /// <summary>The outputs.</summary>
    public IReadOnlyDictionary<string, object?> Outputs { get; private set; } = new Dictionary<string, object?>();

    /// <summary>Deploys a file with these parameters.</summary>
    /// <exception cref="BicepException">It would be refused, or is not understood.</exception>
    public static Deployment Of(string file, IEnumerable<(string Name, object? Value)> parameters) =>
        Of(Parser.Read(file), parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal), []);

    /// <summary>The values of a file of parameters.</summary>
    public static IEnumerable<(string Name, object? Value)> Parameters(Template file) =>
        [.. file.Of<ValueStatement>().Select(v => (v.Name, new Deployment(file, [], []).Evaluate(v.Value, [])))];

    private static Deployment Of(Template template, Dictionary<string, object?> values, List<Deployed> resources)
    {
        var run = new Deployment(template, values, resources);
        foreach (var name in values.Keys)
            if (!template.Of<ParamStatement>().Any(p => p.Name == name)) throw new BicepException(template.File, 1, $"There is no param {name}.");
        foreach (var statement in template.Statements.Where(s => s is not OutputStatement)) run.Resolve(statement.Name, statement.Line);
        run.Outputs = template.Of<OutputStatement>().ToDictionary(o => o.Name, o => run.Typed(o.Type, run.Evaluate(o.Value, []), o), StringComparer.Ordinal);
        foreach (var idle in template.Statements.Where(s => s is ParamStatement or VarStatement && !template.Used.Contains(s.Name)))
            throw run.Wrong(idle.Line, $"{idle.Name} is used by nobody.");
        return run;
    }

    private object? Resolve(string name, int line)
    {
        if (known.TryGetValue(name, out var value)) return value;
        var statement = template.Statements.FirstOrDefault(s => s.Name == name && s is not OutputStatement) ?? throw Wrong(line, $"There is no {name}.");
        if (!underWay.Add(name)) throw Wrong(line, $"{name} depends on itself.");
        return known[name] = statement switch
        {
            ParamStatement param => Param(param),
            VarStatement var => Evaluate(var.Value, []),
            ResourceStatement resource => Each(resource.Body, (body, scope) => Make(resource, body, scope)),
            ModuleStatement module => Each(module.Body, (body, scope) => Run(module, body, scope)),
            _ => throw Wrong(line, $"{name} is no value."),
        };
    }

    private object? Param(ParamStatement param)
    {
        object? value;
        if (values.TryGetValue(param.Name, out var given)) value = given;
        else if (param.Default is { } fallback) value = Evaluate(fallback, []);
        else throw Wrong(param.Line, $"{param.Name} was not given.");
        Typed(param.Type, value, param);
        // A reference to a vault is none, whatever it goes through.
        return param.IsSecure && value is string { Length: > 0 } text && !text.StartsWith('@') ? $"‹secret {param.Name}›" : value;
    }

    private object? Typed(string type, object? value, Statement statement)
    {
        var fits = type switch
        {
            "string" => value is string,
            "int" => value is long,
            "bool" => value is bool,
            "array" => value is IList,
            _ => value is IReadOnlyDictionary<string, object?>,
        };
        if (!fits) throw Wrong(statement.Line, $"{statement.Name} is to be {type} and is {value}.");
        long? Bound(string name) => statement.Decorator(name) is { Arguments: [LiteralExpr { Value: long bound }] } ? bound : null;
        var size = value switch { string text => text.Length, IList list => list.Count, _ => 0 };
        if (value is long number && (number < Bound("minValue") || number > Bound("maxValue"))) throw Wrong(statement.Line, $"{statement.Name} is {number}.");
        if (size < Bound("minLength") || size > Bound("maxLength")) throw Wrong(statement.Line, $"{statement.Name} is '{value}'.");
        if (statement.Decorator("allowed") is { Arguments: [var allowed] } && !((IList)Evaluate(allowed, [])!).Contains(value))
            throw Wrong(statement.Line, $"{statement.Name} may not be {value}.");
        return value;
    }

    private object? Each(Expr body, Func<ObjectExpr, Dictionary<string, object?>, object?> make, Dictionary<string, object?>? scope = null) => body switch
    {
        LoopExpr loop => Loop(loop, scope ?? [], (inner, at) => Each(inner, make, at)),
        OnlyIfExpr { Condition: var condition, Body: var inner } => Evaluate(condition, scope ?? []) is true ? Each(inner, make, scope) : null,
        ObjectExpr properties => make(properties, scope ?? []),
        _ => throw Wrong(body.Line, "A resource is an object."),
    };

    private List<object?> Loop(LoopExpr loop, Dictionary<string, object?> scope, Func<Expr, Dictionary<string, object?>, object?> make)
    {
        var over = Evaluate(loop.Over, scope) as IList ?? throw Wrong(loop.Line, "Only arrays are looped over.");
        return [.. over.Cast<object?>().Select((item, i) =>
        {
            var inner = new Dictionary<string, object?>(scope, StringComparer.Ordinal) { [loop.Item] = item };
            if (loop.Index is { } index) inner[index] = (long)i;
            return make(loop.Body, inner);
        })];
    }

    private Deployed Make(ResourceStatement resource, ObjectExpr body, Dictionary<string, object?> scope)
    {
        var properties = (Dictionary<string, object?>)Evaluate(body, scope)!;
        if (properties.GetValueOrDefault("name") is not string { Length: > 0 } name) throw Wrong(resource.Line, $"{resource.Name} has no name.");
        if (properties.Remove("parent", out var parent))
        {
            var of = parent as Deployed ?? throw Wrong(resource.Line, $"The parent of {resource.Name} is no resource.");
            if (resource.Type[..resource.Type.LastIndexOf('/')] != of.Type) throw Wrong(resource.Line, $"{resource.Type} is no child of {of.Type}.");
            name = $"{of.Name}/{name}";
        }
        else if (resource.Type.Count(c => c == '/') != 1)
        {
            throw Wrong(resource.Line, $"{resource.Name} needs a parent.");
        }
        properties.Remove("scope", out var attached);
        if (attached is not (null or Deployed)) throw Wrong(resource.Line, $"The scope of {resource.Name} is no resource.");
        var made = new Deployed(Path.GetFileName(template.File), resource.Name, resource.Type, resource.Version, name, (Deployed?)attached, properties);
        if (resources.Any(r => r.Id == made.Id && r.Scope == made.Scope)) throw Wrong(resource.Line, $"{made.Id} is made twice.");
        resources.Add(made);
        return made;
    }

    private Ran Run(ModuleStatement module, ObjectExpr body, Dictionary<string, object?> scope)
    {
        var properties = (Dictionary<string, object?>)Evaluate(body, scope)!;
        if (properties.Keys.FirstOrDefault(k => k is not ("name" or "params" or "dependsOn")) is { } odd) throw Wrong(module.Line, $"{odd} of a module is not understood.");
        var path = Path.Combine(Path.GetDirectoryName(template.File)!, module.Path);
        return new(Of(Parser.Read(path), (Dictionary<string, object?>)properties["params"]!, resources).Outputs);
    }

    private object? Evaluate(Expr expr, Dictionary<string, object?> scope)
    {
        switch (expr)
        {
            case LiteralExpr literal:
                return literal.Value;
            case TextExpr text:
                return string.Concat(text.Parts.Select(part => part is Expr inner ? Text(Evaluate(inner, scope), inner) : (string)part));
            case NameExpr name:
                return scope.TryGetValue(name.Name, out var value) ? value : Resolve(name.Name, name.Line);
            case MemberExpr member:
                return Member(Evaluate(member.Of, scope), member);
            case IndexExpr index:
                return Evaluate(index.Of, scope) is IList list && Evaluate(index.At, scope) is long at ? list[(int)at] : throw Wrong(expr.Line, "Only arrays have an index.");
            case NotExpr not:
                return !Truth(not.Operand, scope);
            case BinaryExpr { Operator: "&&" } both:
                return Truth(both.Left, scope) & Truth(both.Right, scope);
            case BinaryExpr { Operator: "||" } either:
                return Truth(either.Left, scope) | Truth(either.Right, scope);
            case BinaryExpr equality:
                return Equals(Evaluate(equality.Left, scope), Evaluate(equality.Right, scope)) == (equality.Operator == "==");
            case ChoiceExpr choice:
                // Both, so that a mistake in the one that is not taken is found too.
                var (then, otherwise) = (Evaluate(choice.Then, scope), Evaluate(choice.Otherwise, scope));
                return Truth(choice.If, scope) ? then : otherwise;
            case ArrayExpr array:
                return array.Items.Select(item => Evaluate(item, scope)).ToList();
            case ObjectExpr properties:
                return properties.Properties.ToDictionary(p => (string)Evaluate(p.Name, scope)!, p => Evaluate(p.Value, scope), StringComparer.Ordinal);
            case LoopExpr loop:
                return Loop(loop, scope, Evaluate);
            case CallExpr call:
                return Functions.Call(template.File, call, [.. call.Arguments.Select(argument => Evaluate(argument, scope))]);
            default:
                throw Wrong(expr.Line, $"{expr.GetType().Name} is not understood.");
        }
    }

    private object? Member(object? of, MemberExpr member) => of switch
    {
        Deployed deployed when member.Name == "id" => deployed.Id,
        Deployed deployed when member.Name == "name" => deployed.Name.Split('/')[^1],
        Deployed deployed when member.Name == "properties" => $"‹{deployed.Symbol}.properties›",
        Ran ran when member.Name == "outputs" => ran.Outputs,
        string unknown when unknown.StartsWith('‹') && unknown.Contains(".properties", StringComparison.Ordinal) => $"{unknown[..^1]}.{member.Name}›",
        IReadOnlyDictionary<string, object?> properties when properties.TryGetValue(member.Name, out var value) => value,
        _ => throw Wrong(member.Line, $"There is no .{member.Name}."),
    };

    private bool Truth(Expr expr, Dictionary<string, object?> scope) => Evaluate(expr, scope) is bool value ? value : throw Wrong(expr.Line, "This is neither true nor false.");

    private string Text(object? value, Expr from) => value switch
    {
        string text => text,
        long or bool => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => throw Wrong(from.Line, "Only strings, numbers and truths are interpolated."),
    };

    private BicepException Wrong(int line, string message) => new(template.File, line, message);
}
