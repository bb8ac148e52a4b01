using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Queues;

/// <summary>What the pump logs. Messages may name customers' objects: they are never logged, only their ids.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "A job of the queue {Queue} failed (message {Id}, failure {Failures} of {Most}).")]
    public static partial void JobFailed(ILogger log, Exception exception, string queue, string id, int failures, int most);

    [LoggerMessage(2, LogLevel.Error, "The message {Id} of the queue {Queue} failed too often and was set aside in {Poison}.")]
    public static partial void SetAside(ILogger log, string id, string queue, string poison);

    [LoggerMessage(3, LogLevel.Warning, "The lease of message {Id} of the queue {Queue} was lost; it may run twice.")]
    public static partial void LeaseLost(ILogger log, string queue, string id);

    [LoggerMessage(4, LogLevel.Error, "The pump cannot reach its queues; it tries again.")]
    public static partial void QueueFailed(ILogger log, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "A message of the queue {Queue} could not be settled (message {Id}); it is delivered again.")]
    public static partial void NotSettled(ILogger log, Exception exception, string queue, string id);

    [LoggerMessage(6, LogLevel.Warning, "A job of the queue {Queue} met an outage; it is run again in {Pause}.")]
    public static partial void Outage(ILogger log, Exception exception, string queue, TimeSpan pause);
}
