using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Collection;

/// <summary>What the collection logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The location {Location} could not be listed; what is there is looked at next time: {Reason}")]
    public static partial void NotListed(ILogger log, string location, string reason);
}
