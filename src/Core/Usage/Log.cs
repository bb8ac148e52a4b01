using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Usage;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The counter of the bucket {Bucket} could not be written; it is tried again: {Reason}")]
    public static partial void NotFlushed(ILogger log, string bucket, string reason);

    [LoggerMessage(2, LogLevel.Error, "The counters of buckets could not be written")]
    public static partial void FlushFailed(ILogger log, Exception exception);
}
