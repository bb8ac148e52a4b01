using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Replication;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "What was counted of {Site} could not be written; it is tried again: {Reason}")]
    public static partial void NotFlushed(ILogger log, string site, string reason);

    [LoggerMessage(2, LogLevel.Error, "What was counted of copies could not be written")]
    public static partial void FlushFailed(ILogger log, Exception exception);

    [LoggerMessage(10, LogLevel.Warning, "The copy of {Bucket}/{Key} (version {Version}) to {Site} did not come about (failure {Failures}); it is tried again at {Next:u}: {Reason}")]
    public static partial void CopyFailed(ILogger log, string bucket, string key, string version, string site, int failures, DateTimeOffset next, string reason);

    [LoggerMessage(11, LogLevel.Error, "The copy of {Bucket}/{Key} (version {Version}) to {Site} was given up; it stands in the list of failures: {Reason}")]
    public static partial void CopyGivenUp(ILogger log, string bucket, string key, string version, string site, string reason);
}
