using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "What the location {Location} keeps could not be written; it is tried again: {Reason}")]
    public static partial void NotFlushed(ILogger log, string location, string reason);

    [LoggerMessage(2, LogLevel.Information, "The location {Location} was added: {Type}")]
    public static partial void Added(ILogger log, string location, string type);

    [LoggerMessage(3, LogLevel.Information, "The location {Location} was changed")]
    public static partial void Changed(ILogger log, string location);

    [LoggerMessage(4, LogLevel.Information, "The location {Location} was removed")]
    public static partial void Removed(ILogger log, string location);

    [LoggerMessage(5, LogLevel.Warning, "The location {Location} does not answer")]
    public static partial void Down(ILogger log, string location, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "The location {Location} refuses us: {Reason} Set its credentials (zenkofn location set {Location} --access-key ID --secret-key-file FILE), or give them the rights, and try it out: zenkofn location check {Location}")]
    public static partial void Denied(ILogger log, string location, string reason);

    [LoggerMessage(6, LogLevel.Information, "The location {Location} answers again")]
    public static partial void Up(ILogger log, string location);
}
