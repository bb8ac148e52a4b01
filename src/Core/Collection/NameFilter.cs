using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Collection;

/// <summary>
/// Which names were seen, in few bits each: a name that was seen is always known, and of those that were not about three of a
/// thousand are taken for seen. It grows by slices, each twice as large as the one before, up to <see cref="MostBytes"/>; from then on it
/// errs more often, to the same side.
/// </summary>
/// <remarks>Stored in the partition <see cref="Partition"/>: row <c>f.SLICE.CHUNK</c> for 256 KiB of bits, and <c>f</c> for the counts.</remarks>
internal sealed class NameFilter
{
    /// <summary>All slices together take no more, but for the last.</summary>
    public const long MostBytes = 96L << 20;

    /// <summary>Where it is stored.</summary>
    public const string Partition = "collect";

    private const string Header = "f";
    private const int BitsPerName = 12, Hashes = 8, ChunkBytes = 256 << 10;
    private const int FirstSlice = 1 << 17, LargestSlice = 1 << 24; // names

    private readonly List<Slice> slices;
    private readonly long salt;

    private NameFilter(long salt, List<Slice> slices) => (this.salt, this.slices) = (salt, slices);

    /// <summary>An empty one.</summary>
    /// <param name="salt">What it errs about follows from it: another one errs about other names.</param>
    public NameFilter(long salt) : this(salt, [new(FirstSlice)]) { }

    /// <summary>Remembers a name.</summary>
    public void Add(ReadOnlySpan<byte> name)
    {
        var hash = XxHash64.HashToUInt64(name, salt);
        foreach (var slice in slices)
            if (slice.Has(hash)) return;
        var last = slices[^1];
        if (last.Count >= last.Capacity && slices.Sum(slice => (long)slice.Bytes) < MostBytes) slices.Add(last = new(Math.Min(last.Capacity * 2, LargestSlice)));
        last.Add(hash);
    }

    /// <summary>False only for names that were not added.</summary>
    public bool MayHave(string name)
    {
        var hash = XxHash64.HashToUInt64(Encoding.ASCII.GetBytes(name), salt);
        return slices.Exists(slice => slice.Has(hash));
    }

    /// <summary>Stores what has changed since it was stored last.</summary>
    public async ValueTask Save(ITable table, CancellationToken ct)
    {
        for (var i = 0; i < slices.Count; i++)
            foreach (var (chunk, bytes) in slices[i].Changed())
                await Put(table, $"{Header}.{i:d3}.{chunk:d4}", bytes.ToArray(), ct);
        var counts = string.Join(' ', slices.Select(slice => $"{slice.Capacity}:{slice.Count}"));
        await Put(table, Header, Encoding.ASCII.GetBytes($"{salt} {counts}"), ct);
    }

    /// <summary>As it was stored last; null where it was not.</summary>
    public static async ValueTask<NameFilter?> Load(ITable table, CancellationToken ct)
    {
        if (await table.Get(new(Partition, Header), ct) is not { } header) return null;
        var words = Encoding.ASCII.GetString(header.Value.Span).Split(' ');
        List<Slice> slices = [];
        foreach (var word in words.Skip(1))
        {
            var (capacity, count) = (int.Parse(word.AsSpan(0, word.IndexOf(':')), null), int.Parse(word.AsSpan(word.IndexOf(':') + 1), null));
            slices.Add(new(capacity) { Count = count });
        }
        await foreach (var row in table.Scan(KeyRange.Rows(Partition, Header + "."), null, null, ct))
        {
            var (slice, chunk) = (int.Parse(row.Key.Row.AsSpan(2, 3), null), int.Parse(row.Key.Row.AsSpan(6), null));
            // What was stored after the counts, and before a crash, is more than they say: no harm, but of a slice that they do not know.
            if (slice < slices.Count) slices[slice].Restore(chunk, row.Value.Span);
        }
        return new(long.Parse(words[0], null), slices);
    }

    /// <summary>Removes what is stored.</summary>
    public static async ValueTask Drop(ITable table, CancellationToken ct)
    {
        List<Change> changes = [];
        await foreach (var row in table.Scan(KeyRange.Rows(Partition, Header), null, null, ct))
        {
            changes.Add(Change.Delete(row.Key.Row, Condition.Any));
            if (changes.Count < TableLimits.Changes) continue;
            await table.Apply(Partition, changes, ct);
            changes = [];
        }
        if (changes.Count > 0) await table.Apply(Partition, changes, ct);
    }

    private static async ValueTask Put(ITable table, string row, ReadOnlyMemory<byte> value, CancellationToken ct)
    {
        if (await table.Apply(Partition, [Change.Put(row, Condition.Any, value)], ct) != Outcome.Committed) throw new IOException("The collection's notes could not be stored.");
    }

    private sealed class Slice(int capacity)
    {
        private readonly ulong[] bits = new ulong[(long)capacity * BitsPerName / 64];
        private readonly HashSet<int> changed = [];

        public int Capacity => capacity;
        public int Count { get; set; }
        public int Bytes => bits.Length * sizeof(ulong);

        public bool Has(ulong hash)
        {
            for (var i = 0; i < Hashes; i++)
                if (At(hash, i) is var bit && (bits[bit >> 6] & 1UL << (int)(bit & 63)) == 0) return false;
            return true;
        }

        public void Add(ulong hash)
        {
            for (var i = 0; i < Hashes; i++)
            {
                var bit = At(hash, i);
                bits[bit >> 6] |= 1UL << (int)(bit & 63);
                changed.Add((int)(bit / 8 / ChunkBytes));
            }
            Count++;
        }

        public IEnumerable<(int Chunk, ReadOnlyMemory<byte> Bytes)> Changed()
        {
            foreach (var chunk in changed.Order().ToList())
            {
                var from = chunk * ChunkBytes;
                yield return (chunk, MemoryMarshal.AsBytes(bits.AsSpan()).Slice(from, Math.Min(ChunkBytes, Bytes - from)).ToArray());
            }
            changed.Clear();
        }

        public void Restore(int chunk, ReadOnlySpan<byte> stored) => stored.CopyTo(MemoryMarshal.AsBytes(bits.AsSpan())[(chunk * ChunkBytes)..]);

        private long At(ulong hash, int i) => (long)(((hash & uint.MaxValue) + (ulong)i * (hash >> 32 | 1)) % ((ulong)bits.Length * 64));
    }
}
