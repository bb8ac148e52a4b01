using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Statistics could not be written; it is tried again: {Reason}")]
    public static partial void NotFlushed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Error, "Statistics could not be written")]
    public static partial void FlushFailed(ILogger log, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "Statistics cannot be written fast enough: requests of {Number} kinds more are counted as nobody's, for no bucket")]
    public static partial void Crowded(ILogger log, long number);
}
