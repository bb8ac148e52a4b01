using System.Globalization;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A chunk of a page blob: which one, what is in it, the blob's revision when it was last changed, and its row.</summary>
internal readonly record struct PlacedChunk(int Index, PageChunk Chunk, long Revision, Row Row)
{
    /// <summary>Where it starts in the blob.</summary>
    public long Offset => (long)Index * Pages.ChunkBytes;
}

/// <summary>
/// The rows of page blobs' chunks. They stand beside the row of the version, so that both change in one commit; the version's row tells
/// of which revision it is, and who reads finds by that which chunks were changed since.
/// </summary>
internal sealed class PageRows(ITable table)
{
    private const int IndexDigits = 6, IdLength = 32;

    /// <summary>A chunk as it is; empty where it was never written.</summary>
    public async ValueTask<PageChunk> Read(KeyAddress address, PagePlace place, int index, CancellationToken ct) =>
        await table.Get(new(address.Partition, RowName(address, place, index)), ct) is { } row ? Placed(row).Chunk : PageChunk.Empty;

    /// <summary>The change that a chunk becomes another by.</summary>
    public static Change Put(KeyAddress address, PagePlace place, int index, PageChunk chunk, long revision) =>
        Change.Put(RowName(address, place, index), Condition.Any, StoredJson.Write(chunk.Row(revision), StateJson.Default.PageRow));

    /// <summary>The chunks that have rows, from one on to before another, at most so many.</summary>
    public async ValueTask<List<PlacedChunk>> Scan(KeyAddress address, PagePlace place, int from, int to, int? limit, CancellationToken ct)
    {
        List<PlacedChunk> chunks = [];
        var range = new KeyRange(new(address.Partition, RowName(address, place, from)), new(address.Partition, RowName(address, place, to)));
        await foreach (var row in table.Scan(range, null, limit, ct)) chunks.Add(Placed(row));
        return chunks;
    }

    /// <summary>All rows.</summary>
    public async IAsyncEnumerable<PlacedChunk> All(KeyAddress address, PagePlace place, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in table.Scan(KeyRange.Rows(address.Partition, address.RowName(Rows.Pages, place.Id + ".")), null, null, ct)) yield return Placed(row);
    }

    /// <summary>What else has pages at the key: the blob and its snapshots have bodies in common.</summary>
    public async ValueTask<IReadOnlyList<PagePlace>> Others(KeyAddress address, PagePlace place, CancellationToken ct)
    {
        HashSet<string> ids = new(StringComparer.Ordinal);
        var range = KeyRange.Rows(address.Partition, address.RowName(Rows.Pages));
        // From each one's first row behind its last: their numbers are hex.
        await foreach (var row in table.Scan(range, null, null, key => new(address.Partition, address.RowName(Rows.Pages, IdIn(key.Row) + ".g")), ct)) ids.Add(IdIn(row.Key.Row));
        ids.Remove(place.Id);
        return [.. ids.Select(id => new PagePlace(id))];
    }

    /// <summary>The names of the bodies that these have pages of in a chunk.</summary>
    public async ValueTask<HashSet<string>> Named(KeyAddress address, IReadOnlyList<PagePlace> places, int index, CancellationToken ct)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var place in places)
        {
            var chunk = await Read(address, place, index, ct);
            names.UnionWith(chunk.Runs.Select(run => chunk.Bodies[run.Body].Stored.Name));
        }
        return names;
    }

    /// <summary>The changes that give a place the same chunks.</summary>
    public static IReadOnlyList<Change> Again(KeyAddress address, PagePlace place, IEnumerable<PlacedChunk> chunks) =>
        [.. chunks.Where(chunk => chunk.Chunk.Runs.Count > 0).Select(chunk => Change.Put(RowName(address, place, chunk.Index), Condition.Any, chunk.Row.Value))];

    private static string IdIn(string row) => row[^(IdLength + 1 + IndexDigits)..^(1 + IndexDigits)];

    private static PlacedChunk Placed(Row row)
    {
        var index = int.Parse(row.Key.Row.AsSpan(row.Key.Row.Length - IndexDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var stored = StoredJson.Read(row.Value, StateJson.Default.PageRow);
        return new(index, PageChunk.Read(stored), stored.Revision, row);
    }

    private static string RowName(KeyAddress address, PagePlace place, int index) =>
        address.RowName(Rows.Pages, place.Id + "." + index.ToString("x" + IndexDigits, CultureInfo.InvariantCulture));
}
