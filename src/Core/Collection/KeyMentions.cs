using System.Text;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Collection;

/// <summary>
/// Tells which names the rows of a key mention at one moment, though they stand in two partitions and are read one after the other.
/// </summary>
/// <remarks>
/// A name wanders, from the row of a part to that of a list and to a version's, from the newest version to an older one and back; but
/// it always gets to the next row before, or as, it leaves the last, and each step between the newest and the older versions changes the
/// row of the newest. So all is read twice, uploads before objects, and counts only where the row of the newest is the same before
/// and after. A key that has no such row has few others, which one page reads at one moment.
/// </remarks>
internal sealed class KeyMentions(ITable table)
{
    private const int Attempts = 5, OnePage = 200;

    /// <summary>The names of some that no row of the key mentions; null where that cannot be told for now.</summary>
    public async ValueTask<IReadOnlySet<string>?> Unnamed(string bucketId, string key, IReadOnlySet<string> some, CancellationToken ct)
    {
        var address = KeyCodec.Address("o" + bucketId, key);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var left = new HashSet<string>(some, StringComparer.Ordinal);
            var head = await Head(address, ct);
            for (var times = 0; times < 2 && left.Count > 0; times++)
            {
                await Strike(bucketId, KeyRange.Partition(address.InUploads().Partition), left, ct);
                if (head.Length > 0) await StrikeInObjects(bucketId, address, left, ct);
                else if (!await StrikeAtOnce(bucketId, address, left, ct)) return null;
            }
            if (left.Count == 0 || await Head(address, ct) == head) return left;
        }
        return null;
    }

    /// <summary>The stamps of the newest version's row, be it a delete marker; empty where there is none.</summary>
    private async ValueTask<string> Head(KeyAddress address, CancellationToken ct)
    {
        var head = new StringBuilder();
        foreach (var kind in new[] { Rows.Current, Rows.Marker })
            if (await table.Get(address.Row(kind), ct) is { } row) head.Append(kind).Append(row.Stamp.Value).Append(' ');
        return head.ToString();
    }

    /// <summary>All but small bodies, which may say whatever their writers please; where long keys share the partition, of the others too.</summary>
    private async ValueTask StrikeInObjects(string bucketId, KeyAddress address, HashSet<string> left, CancellationToken ct)
    {
        await Strike(bucketId, new(new(address.Partition, ""), new(address.Partition, Rows.Data.ToString())), left, ct);
        await Strike(bucketId, new(new(address.Partition, ((char)(Rows.Data + 1)).ToString()), KeyRange.Partition(address.Partition).To), left, ct);
    }

    private async ValueTask Strike(string bucketId, KeyRange range, HashSet<string> left, CancellationToken ct)
    {
        var prefix = ByteNames.Prefix(bucketId);
        await foreach (var row in table.Scan(range, null, null, ct)) Strike(row, prefix, left);
    }

    /// <summary>All rows of the partition, by one question; false where that is too much of it.</summary>
    private async ValueTask<bool> StrikeAtOnce(string bucketId, KeyAddress address, HashSet<string> left, CancellationToken ct)
    {
        var (prefix, rows) = (ByteNames.Prefix(bucketId), 0);
        await foreach (var row in table.Scan(KeyRange.Partition(address.Partition), null, OnePage, ct))
        {
            Strike(row, prefix, left);
            rows++;
        }
        return rows < OnePage;
    }

    private static void Strike(Row row, byte[] prefix, HashSet<string> left) =>
        ByteNames.Mentioned(row.Value.Span, prefix, name => left.Remove(Encoding.ASCII.GetString(name)));
}
