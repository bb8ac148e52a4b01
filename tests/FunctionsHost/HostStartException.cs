namespace ZenkoFunctions.HostDouble;

/// <summary>The host did not start; the message lists every problem and what to do about each.</summary>
public sealed class HostStartException(IReadOnlyList<string> problems)
    : Exception("The functions host did not start:\n" + string.Join('\n', problems.Select(problem => "  - " + problem)))
{
    /// <summary>One sentence or two for each problem.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
