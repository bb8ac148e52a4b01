using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Hosting;

/// <summary>What a function app logs. Messages may name customers' objects: they are never logged.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "The call of {Function} failed; the host delivers the message again.")]
    public static partial void CallFailed(ILogger log, Exception exception, string function);

    [LoggerMessage(2, LogLevel.Error, "The host wrapped a request in JSON instead of passing it on: it does not know enableProxyingHttpRequest. It must be of 2025 or newer.")]
    public static partial void HostIsOld(ILogger log);
}
