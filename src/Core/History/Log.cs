using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.History;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "History could not be written; what was counted is in the next minute's: {Reason}")]
    public static partial void NotWritten(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Error, "History could not be written")]
    public static partial void WriteFailed(ILogger log, Exception exception);
}
