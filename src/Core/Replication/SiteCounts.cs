namespace ZenkoFunctions.Core.Replication;

/// <summary>What was counted of a site.</summary>
public sealed record SiteCounts
{
    /// <summary>What is queued and not finished.</summary>
    public Volume Pending { get; init; }

    /// <summary>When the oldest of it was queued, by the minute (after a day by the hour, after a month by the day); null where nothing is pending.</summary>
    public DateTimeOffset? OldestPending { get; init; }

    /// <summary>Done within the last 24 hours.</summary>
    public Volume Completed { get; init; }

    /// <summary>Given up within the last 24 hours.</summary>
    public Volume Failed { get; init; }

    /// <summary>Done a second, over the last 15 minutes.</summary>
    public double OperationsPerSecond { get; init; }

    /// <summary>Bytes a second, over the last 15 minutes.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>All that was ever queued.</summary>
    public Volume QueuedEver { get; init; }

    /// <summary>All that was ever done.</summary>
    public Volume CompletedEver { get; init; }

    /// <summary>All that was ever given up.</summary>
    public Volume FailedEver { get; init; }

    /// <summary>Seconds from queueing to being done that half of the last hour's copies took at most; null where there were none.</summary>
    public double? LagP50 { get; init; }

    /// <summary>The same for 99 of 100.</summary>
    public double? LagP99 { get; init; }

    /// <summary>How many were ever done within so many seconds, ascending, always the same; those that took longer are not in it.</summary>
    public IReadOnlyList<(double Seconds, long Count)> LatencyEver { get; init; } = [];

    /// <summary>Seconds from queueing to being done of all that was ever done.</summary>
    public double SecondsEver { get; init; }
}

/// <summary>What was pending at some moment, by when it was queued: what a recount begins with.</summary>
public sealed record PendingSnapshot
{
    /// <summary>When it was taken.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>All that was queued, by minute.</summary>
    public SortedDictionary<long, Volume> Queued { get; init; } = [];

    /// <summary>What of it was finished.</summary>
    public SortedDictionary<long, Volume> Finished { get; init; } = [];
}
