namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>In what a row's value counts.</summary>
internal enum Unit
{
    /// <summary>Higher is better.</summary>
    RequestsPerSecond,

    /// <summary>Higher is better.</summary>
    MiBPerSecond,

    /// <summary>The median; lower is better.</summary>
    MillisecondsPerPage,
}

/// <summary>One row of one server, measured once.</summary>
internal sealed record Measurement(string Row, Unit Unit)
{
    /// <summary>In the row's unit.</summary>
    public double Value => Unit switch
    {
        Unit.RequestsPerSecond => Latency.Count / Seconds,
        Unit.MiBPerSecond => Bytes / Seconds / 1024 / 1024,
        _ => Latency.Milliseconds(0.5),
    };

    public required Histogram Latency { get; init; }

    public required long Bytes { get; init; }

    public required double Seconds { get; init; }

    public required int Errors { get; init; }

    public required string? FirstError { get; init; }

    /// <summary>Processor seconds of the server until it came to rest again, so that work left for later counts too.</summary>
    public double ServerSeconds { get; set; }

    /// <summary>Processor seconds of this driver.</summary>
    public required double DriverSeconds { get; init; }

    /// <summary>The most memory the server had resident during the row.</summary>
    public required double PeakMiB { get; init; }
}
