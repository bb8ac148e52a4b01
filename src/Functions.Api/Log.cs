using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Api;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    // The query is left out: that of a presigned URL is a secret while it lasts. A line for each request costs a fifth of a
    // small one's time, so only failures of ours are told unless the log is set to debug.
    [LoggerMessage(EventId = 1, Message = "{RequestId} {Peer} {Account} {Verb} {Path} {Operation} {Status} {Code} {Milliseconds:0.0} ms")]
    public static partial void Answered(
        ILogger log, LogLevel level, string requestId, System.Net.IPAddress? peer, string? account, string verb, string path, string? operation,
        int status, string? code, double milliseconds);

    [LoggerMessage(2, LogLevel.Error, "{RequestId} {Verb} {Path} failed")]
    public static partial void Failed(ILogger log, Exception exception, string requestId, string verb, string path);

    [LoggerMessage(3, LogLevel.Warning, "{RequestId} {Verb} {Path}: the answer broke off and the connection is cut: {Reason}")]
    public static partial void Cut(ILogger log, string requestId, string verb, string path, string reason);

    [LoggerMessage(4, LogLevel.Debug, "{RequestId} {Verb} {Path}: the client went away")]
    public static partial void Gone(ILogger log, string requestId, string verb, string path);

    [LoggerMessage(5, LogLevel.Error, "{RequestId} {Verb} {Path}: no room left: {Reason}")]
    public static partial void Full(ILogger log, string requestId, string verb, string path, string reason);

    [LoggerMessage(6, LogLevel.Warning, "{RequestId} {Verb} {Path}: a location cannot answer: {Reason}")]
    public static partial void Unavailable(ILogger log, string requestId, string verb, string path, string reason);
}
