using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace ZenkoFunctions.HostDouble;

/// <summary>Things that go wrong in Azure, on demand. Each call arms one or several; they are spent in order.</summary>
public sealed class Faults
{
    private readonly ConcurrentDictionary<string, int> lostReceipts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, int> lostCalls = new(StringComparer.OrdinalIgnoreCase);
    private int lostAnswers;
    private long killAfter = -1;

    /// <summary>The next requests without a body are sent a second time after the handler answered the first.</summary>
    public void RepeatBodyless(int times = 1) => Interlocked.Add(ref lostAnswers, times);

    /// <summary>The next requests' successes of that queue function do not delete the message: it is delivered again, at once.</summary>
    public void DeliverAgain(string function, int times = 1) => lostReceipts.AddOrUpdate(function, times, (_, had) => had + times);

    /// <summary>The handler is killed when it has done the next call of that function, and before the host has read its answer.</summary>
    public void KillBeforeAnswer(string function, int times = 1) => lostCalls.AddOrUpdate(function, times, (_, had) => had + times);

    /// <summary>The handler is killed when that many bytes of the next request body have gone to it.</summary>
    public void KillInBody(long afterBytes) => Interlocked.Exchange(ref killAfter, afterBytes);

    /// <summary>A request by a client that imitates, byte for byte, the host's call of a queue function.</summary>
    public static HttpRequestMessage ForgedCall(Uri address, string function, string parameter, string message)
    {
        var id = Guid.NewGuid();
        var body = Envelope.Write(parameter, Envelope.TwiceEncoded(message), [], function, id, DateTimeOffset.UtcNow);
        return Envelope.Request(new Uri(address, "/" + function), body, id);
    }

    internal bool TakeLostAnswer() => Take(ref lostAnswers);

    internal bool TakeLostReceipt(string function) => Take(lostReceipts, function);

    internal bool TakeLostCall(string function) => Take(lostCalls, function);

    /// <summary>The byte count to kill at, if armed; it is then no longer armed.</summary>
    internal long? TakeKill() => Interlocked.Exchange(ref killAfter, -1) is >= 0 and var bytes ? bytes : null;

    private static bool Take(ref int count)
    {
        while (Volatile.Read(ref count) is > 0 and var left)
            if (Interlocked.CompareExchange(ref count, left - 1, left) == left) return true;
        return false;
    }

    private static bool Take(ConcurrentDictionary<string, int> counts, string function)
    {
        while (counts.TryGetValue(function, out var left) && left > 0)
            if (counts.TryUpdate(function, left - 1, left)) return true;
        return false;
    }
}
