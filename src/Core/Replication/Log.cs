using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Replication;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "What was counted of {Site} could not be written; it is tried again: {Reason}")]
    public static partial void NotFlushed(ILogger log, string site, string reason);

    [LoggerMessage(2, LogLevel.Error, "What was counted of copies could not be written")]
    public static partial void FlushFailed(ILogger log, Exception exception);
}
