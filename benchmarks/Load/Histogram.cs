using System.Diagnostics;
using System.Numerics;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Latencies to within 1.6 %: 64 buckets for each power of two of the stopwatch's ticks.</summary>
internal sealed class Histogram
{
    private const int Sub = 64, SubBits = 6;
    private readonly long[] counts = new long[(64 - SubBits) * Sub];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    public void Add(long ticks)
    {
        Count++;
        counts[Index(ticks)]++;
    }

    public void Add(Histogram other)
    {
        Count += other.Count;
        for (var i = 0; i < counts.Length; i++) counts[i] += other.counts[i];
    }

    /// <summary>The latency in milliseconds that <paramref name="share"/> (0 to 1) of all do not exceed.</summary>
    public double Milliseconds(double share)
    {
        var wanted = (long)Math.Ceiling(share * Count);
        for (var i = 0; i < counts.Length; i++)
        {
            wanted -= counts[i];
            if (wanted <= 0 && Count > 0) return Ticks(i) * 1000.0 / Stopwatch.Frequency;
        }
        return double.NaN;
    }

    private static int Index(long ticks)
    {
        if (ticks < Sub) return (int)Math.Max(ticks, 0);
        var shift = BitOperations.Log2((ulong)ticks) - SubBits;
        return ((shift + 1) * Sub) + (int)(ticks >> shift) - Sub;
    }

    private static double Ticks(int index)
    {
        if (index < Sub) return index;
        var shift = (index / Sub) - 1;
        return ((long)(Sub + (index % Sub)) << shift) + ((1L << shift) / 2.0);
    }
}
