using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Notifications;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The target {Target} did not take an event ({Failures} times): {Reason}")]
    public static partial void NotTaken(ILogger log, string target, int failures, string reason);

    [LoggerMessage(2, LogLevel.Error, "An event for the target {Target} is given up after {Failures} failures: {Reason}")]
    public static partial void GivenUp(ILogger log, string target, int failures, string reason);
}
