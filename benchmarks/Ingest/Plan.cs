namespace ZenkoFunctions.Benchmarks.Ingest;

/// <summary>How much of everything. As it stands it is the goal of ingestion.</summary>
internal sealed record Plan
{
    /// <summary>Clients that fill the source.</summary>
    public const int Clients = 16;

    /// <summary>Bytes of an object.</summary>
    public const int Bytes = 100;

    /// <summary>The rate of ingestion, against that of listing alone.</summary>
    public const double Goal = 0.6;

    /// <summary>Objects of the source.</summary>
    public int Objects { get; init; } = 100_000;

    /// <summary>How often a listing and a quiet scan are timed; medians are reported.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>How long an ingestion may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(15);
}
