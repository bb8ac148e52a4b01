using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Removes parts whose upload is gone: of an UploadPart that stalled, and was cut off after its commit came behind what collects the parts of
/// an upload that ended. An upload's row is there before any of its parts and goes after them, and no upload comes back: so a part without one
/// is nobody's, unless a list of parts names its bytes. Of a bucket that was removed nothing is.
/// </summary>
internal sealed class OrphanedParts(ITable table, IQueue queue, Buckets buckets, LocationCatalog locations, TimeProvider clock)
{
    /// <summary>Younger ones are left to whoever is at them: the request itself, or what collects the parts of its upload.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromDays(1);

    private readonly UploadRows uploads = new(table, new FollowUps(table, queue, clock), clock);

    /// <summary>Goes through the parts of a bucket: where each is, and the bytes that went with it; null where it stays.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="from">The first of them; null for all.</param>
    /// <param name="ct">Ends it between two.</param>
    public async IAsyncEnumerable<(TableKey Place, long? Removed)> Remove(Bucket bucket, TableKey? from, [EnumeratorCancellation] CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        var range = KeyCodec.Prefix(space, Rows.Part, "");
        if (from is { } first) range = range with { From = first };
        var upload = default((string Key, string Id));
        List<(Row Row, Part Part)> some = [];
        await foreach (var row in table.Scan(range, Rows.Part.ToString(), null, ct))
        {
            var tail = KeyCodec.Tail(row.Key.Row);
            var of = (KeyCodec.Key(space, row.Key.Partition, row.Key.Row), tail[..tail.IndexOf('.', StringComparison.Ordinal)]);
            if (of != upload || some.Count == TableLimits.Changes)
            {
                foreach (var each in await Remove(bucket, upload, some, ct)) yield return each;
                (upload, some) = (of, []);
            }
            some.Add((row, StoredJson.Read(row.Value, StateJson.Default.Part)));
        }
        foreach (var each in await Remove(bucket, upload, some, ct)) yield return each;
    }

    private async ValueTask<List<(TableKey Place, long? Removed)>> Remove(
        Bucket bucket, (string Key, string Id) upload, List<(Row Row, Part Part)> some, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        var old = some.Where(each => clock.GetUtcNow() - each.Part.Modified >= Age).ToList();
        var isGone = old.Count > 0 && await uploads.Find(space, upload.Key, upload.Id, ct) is null && await Remove(bucket, KeyCodec.Address(space, upload.Key), old, ct);
        return some.ConvertAll(each => (each.Row.Key, isGone && old.Contains(each) ? each.Part.Size : (long?)null));
    }

    /// <summary>First the bytes, then the rows; false where something keeps them.</summary>
    private async ValueTask<bool> Remove(Bucket bucket, KeyAddress address, List<(Row Row, Part Part)> old, CancellationToken ct)
    {
        // A list of parts may have been made of those of several uploads: a blob takes blocks over, a move replaces some.
        var named = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in table.Scan(KeyRange.Rows(address.Partition, address.RowName(Rows.Manifest)), null, null, ct))
            foreach (var part in StoredJson.Read(row.Value, StateJson.Default.ManifestRow).Parts)
                if (part.Stored is { } stored) named.Add(stored.Name);
        var gone = default(UsageChange);
        foreach (var (_, part) in old)
        {
            if (part.Stored is { } stored && named.Contains(stored.Name)) continue;
            gone -= locations.Of(bucket, part);
            if (part.Stored is null) continue;
            // Where it does not answer, or is not configured any more, the next walk may find it.
            if (await locations.Find(part.Stored.Location, ct) is not { } location) return false;
            try
            {
                await location.Delete(part.Stored, ct);
            }
            catch (IOException)
            {
                return false;
            }
        }
        return await buckets.Usage.Apply(
            table, bucket.Counted, address.Partition, [.. old.Select(each => Change.Delete(each.Row.Key.Row, Condition.Is(each.Row.Stamp)))], gone, ct) == Outcome.Committed;
    }
}
