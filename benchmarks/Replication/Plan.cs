namespace ZenkoFunctions.Benchmarks.Replication;

/// <summary>How much of everything. As it stands it is the goal of replication.</summary>
internal sealed record Plan
{
    /// <summary>The name of the location that is the target.</summary>
    public const string Site = "copies";

    /// <summary>Clients that write at the same time.</summary>
    public const int Clients = 16;

    /// <summary>Objects of a row, all clients together.</summary>
    public int Objects { get; init; } = 10_000;

    /// <summary>How often with and without are compared; the median is reported.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>How long each row may take, and the copies after the last PUT.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);
}
