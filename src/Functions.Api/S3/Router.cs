using System.Collections.Frozen;

namespace ZenkoFunctions.Api.S3;

/// <summary>What a request was recognised as: an operation, or why there is none.</summary>
/// <param name="Name">The operation's name, implemented or not; null where there is none at all.</param>
/// <param name="Operation">The operation; null where it is to be refused.</param>
/// <param name="Refusal">The error; null where there is an operation.</param>
/// <param name="Detail">What the error's message says instead of the table's.</param>
public readonly record struct Route(string? Name, Operation? Operation, S3Error? Refusal, string? Detail = null);

/// <summary>
/// The routing table, derived from the operations. Of the lines that a request fulfils, the one with the most conditions
/// wins. A parameter that names a sub-resource is never passed over: where the winning line does not ask for it, the request
/// is refused. Parameters that no line knows (<c>x-id</c>, <c>versionId</c>, <c>prefix</c>) do not take part.
/// </summary>
public sealed class Router
{
    // UploadPart asks for it, but on its own it is a plain parameter of GetObject and HeadObject.
    private const string AlsoPlain = "partNumber";

    private readonly FrozenDictionary<(Target, string Verb), Line[]> lines;
    private readonly FrozenDictionary<Target, FrozenSet<string>> subresources;
    private readonly FrozenDictionary<Target, string> verbs;

    /// <param name="operations">Those that there are.</param>
    /// <param name="unimplemented">Those to be answered 501.</param>
    public Router(IEnumerable<Operation> operations, IEnumerable<UnimplementedOperation> unimplemented)
    {
        var all = operations.Select(o => new Line(o.Spec.Name, o.Spec.Verb, o.Spec.Target, Terms(o.Spec.Query), o.Spec.Header, o))
            .Concat(unimplemented.Select(u => new Line(u.Name, u.Verb, u.Target, Terms(u.Query), null, null)))
            .ToList();
        lines = all.GroupBy(l => (l.Target, l.Verb))
            .ToFrozenDictionary(g => g.Key, g => g.OrderByDescending(l => l.Specificity).ToArray());
        subresources = all.GroupBy(l => l.Target)
            .ToFrozenDictionary(g => g.Key, g => g.SelectMany(l => l.Query).Select(t => t.Name).ToFrozenSet());
        verbs = all.GroupBy(l => l.Target)
            .ToFrozenDictionary(g => g.Key, g => string.Join(", ", g.Select(l => l.Verb).Distinct().Order(StringComparer.Ordinal)));
    }

    /// <summary>The verbs that are known for a target, for the Allow header.</summary>
    public string Allow(Target target) => verbs.GetValueOrDefault(target, "");

    /// <summary>Recognises a request.</summary>
    public Route Resolve(Target target, WireRequest request)
    {
        if (!lines.TryGetValue((target, request.Verb), out var candidates)) return new(null, null, S3Errors.MethodNotAllowed);
        Line? line = null;
        foreach (var candidate in candidates)
        {
            if (!candidate.Matches(request)) continue;
            line = candidate;
            break;
        }
        if (line?.Operation is { Spec.IsPreflight: true } preflight) return new(line.Name, preflight, null);
        foreach (var (name, _) in request.Query.Items)
        {
            if (!subresources[target].Contains(name) || (line?.AsksFor(name) ?? false)) continue;
            var isOfVerb = candidates.Any(c => c.AsksFor(name));
            if (isOfVerb)
                return new(null, null, S3Errors.InvalidArgument, $"The query parameter {name} cannot be used like this; see the operation's other parameters.");
            if (name != AlsoPlain) return new(null, null, S3Errors.MethodNotAllowed);
        }
        return line switch
        {
            null => new(null, null, S3Errors.MethodNotAllowed),
            { Operation: { } operation } => new(line.Name, operation, null),
            _ => new(line.Name, null, S3Errors.NotImplemented, $"This server does not implement {line.Name}."),
        };
    }

    private static Term[] Terms(IReadOnlyList<string> query) => [.. query.Select(q => q.Split('=', 2)).Select(q => new Term(q[0], q.ElementAtOrDefault(1)))];

    private readonly record struct Term(string Name, string? Value);

    private sealed record Line(string Name, string Verb, Target Target, Term[] Query, string? Header, Operation? Operation)
    {
        public int Specificity => Query.Length + (Header is null ? 0 : 1);

        public bool AsksFor(string name)
        {
            foreach (var term in Query)
                if (term.Name == name) return true;
            return false;
        }

        public bool Matches(WireRequest request)
        {
            foreach (var term in Query)
                if (request.Query[term.Name] is not { } value || (term.Value is not null && term.Value != value)) return false;
            return Header is null || request.Headers.ContainsKey(Header);
        }
    }
}
