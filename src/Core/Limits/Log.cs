using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Limits;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "What was taken of the limits of {Of} could not be told to other instances; it is tried again: {Reason}")]
    public static partial void NotTold(ILogger log, string of, string reason);

    [LoggerMessage(2, LogLevel.Error, "What was taken of limits could not be told to other instances")]
    public static partial void Failed(ILogger log, Exception exception);
}
