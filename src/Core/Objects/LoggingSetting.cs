namespace ZenkoFunctions.Core.Objects;

/// <summary>The setting of a bucket's access log.</summary>
/// <param name="TargetBucket">Where the log's objects go: a bucket of the same owner.</param>
/// <param name="TargetPrefix">What their keys begin with.</param>
public sealed record LoggingSetting(string TargetBucket, string TargetPrefix)
{
    /// <summary>How their keys go on; null where the client did not say, which is the simple form.</summary>
    public LogKeyFormat? KeyFormat { get; init; }
}

/// <summary>How the keys of log objects go on behind their prefix.</summary>
public enum LogKeyFormat
{
    /// <summary>The time and something unique.</summary>
    Simple,

    /// <summary>Account, region, bucket and the day of the requests, then as the simple form.</summary>
    ByEventTime,

    /// <summary>Account, region, bucket and the day of the delivery, then as the simple form.</summary>
    ByDeliveryTime,
}
