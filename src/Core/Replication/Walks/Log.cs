using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What walks log.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "The walk {Walk} has ended: {Versions} versions looked at, {Queued} copies queued, {Different} differences.")]
    public static partial void Ended(ILogger log, string walk, long versions, long queued, long different);

    [LoggerMessage(2, LogLevel.Error, "The walk {Walk} cannot go on: {Reason}")]
    public static partial void Failed(ILogger log, string walk, string reason);
}
