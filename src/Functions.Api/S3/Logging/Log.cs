using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Api.S3.Logging;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Count} lines of access logs were lost: they came faster than they could be delivered")]
    public static partial void LinesLost(ILogger log, long count);

    [LoggerMessage(2, LogLevel.Warning, "The access log of {Bucket} is lost: there is no bucket {Target} of its owner")]
    public static partial void NoLogTarget(ILogger log, string bucket, string target);

    [LoggerMessage(3, LogLevel.Warning, "The access log of {Bucket} is lost: {Target} did not take it: {Reason}")]
    public static partial void LogNotDelivered(ILogger log, string bucket, string target, string reason);
}
