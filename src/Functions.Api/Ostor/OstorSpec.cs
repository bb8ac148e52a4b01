using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>How an operation is asked for. A request is for the one operation that takes its resource, its verb and all of its parameters.</summary>
/// <param name="Name">Unique; policies allow or deny it as <c>ostor:NAME</c>.</param>
/// <param name="Resource">The first parameter, <c>ostor-…</c>.</param>
/// <param name="Verbs">GET, PUT, POST or DELETE.</param>
public sealed record OstorSpec(string Name, string Resource, params string[] Verbs)
{
    /// <summary>A parameter without a value that must be there; null for none.</summary>
    public string? Flag { get; init; }

    /// <summary>Of these exactly one must be there; none of nothing.</summary>
    public IReadOnlyList<string> OneOf { get; init; } = [];

    /// <summary>All of these must be there.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>These may be there.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];

    /// <summary>The status of success.</summary>
    public int Status => Verbs is ["DELETE"] ? 204 : 200;

    /// <summary>Whether these are its parameters.</summary>
    internal bool Takes(IReadOnlyDictionary<string, string> parameters) =>
        (Flag is null || parameters.GetValueOrDefault(Flag) is "")
        && (OneOf.Count == 0 || OneOf.Count(parameters.ContainsKey) == 1)
        && Required.All(parameters.ContainsKey)
        && parameters.All(parameter => parameter.Key == Flag
            || (parameter.Value.Length > 0 && (OneOf.Contains(parameter.Key) || Required.Contains(parameter.Key) || Optional.Contains(parameter.Key))));
}

/// <summary>An operation of ostor's REST API: a file, and a line of <see cref="OstorOperations.All"/>.</summary>
public abstract class OstorOperation
{
    /// <summary>The parameters that name a user.</summary>
    protected static readonly IReadOnlyList<string> User = ["emailAddress", "id"];

    /// <summary>How it is asked for.</summary>
    public abstract OstorSpec Spec { get; }

    /// <summary>Answers a verified and permitted call. Malformed input throws <see cref="S3Exception"/>.</summary>
    public abstract ValueTask<Reply> Run(OstorCall call, CancellationToken ct);
}
