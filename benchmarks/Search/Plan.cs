namespace ZenkoFunctions.Benchmarks.Search;

/// <summary>How much of everything. As it stands it is the goal of searches.</summary>
internal sealed record Plan
{
    /// <summary>Clients that write at the same time.</summary>
    public const int Clients = 16;

    /// <summary>Bytes of an object; of those that are searched for, one more.</summary>
    public const int Bytes = 100;

    /// <summary>How many times as fast an index is to be as going through everything.</summary>
    public const double Goal = 50;

    /// <summary>Objects of the bucket.</summary>
    public int Objects { get; init; } = 100_000;

    /// <summary>How many of them are searched for.</summary>
    public int Found { get; init; } = 100;

    /// <summary>How often each is timed; the median is reported.</summary>
    public int Rounds { get; init; } = 5;
}
