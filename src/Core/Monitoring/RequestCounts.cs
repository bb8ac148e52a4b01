using System.Collections.Concurrent;

namespace ZenkoFunctions.Core.Monitoring;

/// <summary>The requests that this process has answered, by operation. Counted where an answer ends, and nowhere else.</summary>
public sealed class RequestCounts
{
    /// <summary>The operation of a request that was refused before it was known to be one.</summary>
    public const string Unknown = "unknown";

    private readonly ConcurrentDictionary<(string Protocol, string Operation), OperationCounts> operations = new();

    /// <summary>Those of an operation.</summary>
    /// <param name="protocol">The protocol's name.</param>
    /// <param name="operation">A name of the protocol's table, or <see cref="Unknown"/>: never what a client made up, as each name is kept.</param>
    public OperationCounts Of(string protocol, string operation) =>
        operations.GetOrAdd((protocol, operation), static key => new(key.Protocol, key.Operation));

    /// <summary>Of every operation that was asked for, in order.</summary>
    public IReadOnlyList<OperationCounts> All() =>
        [.. operations.Values.OrderBy(each => each.Protocol, StringComparer.Ordinal).ThenBy(each => each.Operation, StringComparer.Ordinal)];
}

/// <summary>The requests for one operation.</summary>
/// <param name="protocol">The protocol's name.</param>
/// <param name="operation">The operation's name.</param>
public sealed class OperationCounts(string protocol, string operation)
{
    /// <summary>The status by which a request is counted whose client went away before its answer was sent.</summary>
    public const int ClientGone = 499;

    private const int Lowest = 100, Highest = 599;

    private readonly long[] statuses = new long[Highest - Lowest + 1];
    private long received, sent;

    /// <summary>The protocol's name.</summary>
    public string Protocol => protocol;

    /// <summary>The operation's name.</summary>
    public string Operation => operation;

    /// <summary>How long they took.</summary>
    public DurationHistogram Durations { get; } = new(DurationHistogram.OfRequests);

    /// <summary>Bytes of their bodies, as they came over the wire.</summary>
    public long Received => Volatile.Read(ref received);

    /// <summary>Bytes of the bodies of their answers.</summary>
    public long Sent => Volatile.Read(ref sent);

    /// <summary>Counts one.</summary>
    public void Add(int status, long bytesReceived, long bytesSent, TimeSpan took)
    {
        Interlocked.Increment(ref statuses[Math.Clamp(status, Lowest, Highest) - Lowest]);
        Durations.Add(took);
        if (bytesReceived > 0) Interlocked.Add(ref received, bytesReceived);
        if (bytesSent > 0) Interlocked.Add(ref sent, bytesSent);
        Telemetry.Request(this, status, bytesReceived, bytesSent, took);
    }

    /// <summary>How many were answered by each status that there was.</summary>
    public IEnumerable<(int Status, long Count)> ByStatus()
    {
        for (var i = 0; i < statuses.Length; i++)
            if (Volatile.Read(ref statuses[i]) is > 0 and var count) yield return (Lowest + i, count);
    }
}
