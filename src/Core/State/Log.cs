using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.State;

/// <summary>What the state engines log.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "A transaction of the state was taken back; its requests fail.")]
    public static partial void WriteFailed(ILogger log, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "The state's log could not be copied into its file; it grows until it can.")]
    public static partial void CheckpointFailed(ILogger log, Exception exception);

    [LoggerMessage(3, LogLevel.Critical, "The state file failed; nothing can be stored any more.")]
    public static partial void Stopped(ILogger log, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The answer to a commit in the table {Table} was lost; by its rows it is {Outcome}.")]
    public static partial void Settled(ILogger log, string table, Outcome outcome);
}
