using System.Collections.Concurrent;
using System.Diagnostics;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>
/// What was written to some registers and read from them, and when. A value that was read must come from a write that began
/// before the read ended and that was not, by the time the read began, certainly followed by another.
/// </summary>
internal sealed class History
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Write>> writes = new();
    private readonly ConcurrentQueue<(string Register, string? Value, long From, long To)> reads = new();

    public static long Now => Stopwatch.GetTimestamp();

    public int Reads => reads.Count;

    /// <summary>
    /// A write: counted from now on as one that may happen, until it is acknowledged (and so must have) or
    /// refused (and must not have).
    /// </summary>
    public Write Begin(string register, string? value)
    {
        var write = new Write(value);
        writes.GetOrAdd(register, _ => new()).Enqueue(write);
        return write;
    }

    public void Read(string register, string? value, long from) => reads.Enqueue((register, value, from, Now));

    /// <summary>What was read although it cannot have been there.</summary>
    public IEnumerable<string> Contradictions()
    {
        foreach (var (register, value, from, to) in reads)
        {
            var all = writes.TryGetValue(register, out var some) ? some.Where(write => !write.Refused).ToList() : [];
            all.Add(new Write(null) { From = 0, To = 0 });
            if (!all.Exists(write => write.Value == value && write.From < to
                && !all.Exists(later => later.Acknowledged && later.From > write.To && later.To < from)))
                yield return $"{register} was {value ?? "nothing"}";
        }
    }

    internal sealed class Write(string? value)
    {
        public string? Value { get; set; } = value;
        public long From { get; init; } = Now;
        public long To { get; set; } = long.MaxValue;
        public bool Acknowledged => To != long.MaxValue;
        public bool Refused { get; private set; }

        public void Ended(bool refused)
        {
            if (refused) Refused = true;
            else To = Now;
        }
    }
}
