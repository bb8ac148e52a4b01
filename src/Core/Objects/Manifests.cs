using System.Globalization;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Some of the parts of a multipart object, in order.</summary>
internal sealed record ManifestRow
{
    public int Format { get; init; } = 1;

    public required IReadOnlyList<ManifestPart> Parts { get; init; }
}

/// <summary>A part of a multipart object: where its bytes are (null: it has none) and its checksum.</summary>
internal sealed record ManifestPart(Stored? Stored, Checksum? Checksum)
{
    /// <summary>Its data key, where its bytes are encrypted.</summary>
    public SealedKey? Key { get; init; }

    /// <summary>Its id, where it was committed as a block.</summary>
    public string? Block { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public long Size => Key.SizeOf(Stored);
}

/// <summary>
/// The lists of parts of multipart objects. They stand in rows of the upload's partition, a thousand parts each, are
/// written before the version that names them and never changed.
/// </summary>
internal sealed class Manifests(ITable table)
{
    private const int PartsPerRow = 1000;

    /// <summary>A part and the offset in the object at which it starts.</summary>
    public readonly record struct Placed(ManifestPart Part, long Offset);

    /// <summary>
    /// Writes the rows of a manifest whose id was never used before. Where it is one only, that is left to the caller: it takes part in
    /// the commit that first names it.
    /// </summary>
    public async ValueTask<(ManifestPlace Place, Change? Row)> Write(KeyAddress address, string id, IReadOnlyList<ManifestPart> parts, CancellationToken ct)
    {
        var offsets = new List<long>();
        long offset = 0;
        for (var first = 0; first < parts.Count; first += PartsPerRow)
        {
            var some = parts.Skip(first).Take(PartsPerRow).ToList();
            var change = Change.Put(
                RowName(address, id, offsets.Count), Condition.Any,
                StoredJson.Write(new ManifestRow { Parts = some }, StateJson.Default.ManifestRow));
            if (parts.Count <= PartsPerRow) return (new(id, parts.Count, [0]), change);
            if (await table.Apply(address.Partition, [change], ct) != Outcome.Committed) throw new UnknownOutcomeException();
            offsets.Add(offset);
            offset += some.Sum(part => part.Size);
        }
        return (new(id, parts.Count, offsets), null);
    }

    /// <summary>The parts from the one that holds <paramref name="offset"/> on.</summary>
    public async IAsyncEnumerable<Placed> PartsFrom(
        KeyAddress address, ManifestPlace place, long offset, [EnumeratorCancellation] CancellationToken ct)
    {
        var row = 0;
        while (row + 1 < place.RowOffsets.Count && place.RowOffsets[row + 1] <= offset) row++;
        for (; row < place.RowOffsets.Count; row++)
        {
            var at = place.RowOffsets[row];
            foreach (var part in await Read(address, place.Id, row, ct))
            {
                if (at + part.Size > offset) yield return new(part, at);
                at += part.Size;
            }
        }
    }

    /// <summary>The part of that ordinal, from 1; null where there are fewer.</summary>
    public async ValueTask<Placed?> Part(KeyAddress address, ManifestPlace place, int ordinal, CancellationToken ct)
    {
        if (ordinal > place.Parts) return null;
        var row = (ordinal - 1) / PartsPerRow;
        var parts = await Read(address, place.Id, row, ct);
        var within = (ordinal - 1) % PartsPerRow;
        var offset = place.RowOffsets[row];
        for (var i = 0; i < within; i++) offset += parts[i].Size;
        return new(parts[within], offset);
    }

    /// <summary>At most so many parts behind that ordinal, from 1.</summary>
    public async ValueTask<IReadOnlyList<ManifestPart>> Page(
        KeyAddress address, ManifestPlace place, int after, int limit, CancellationToken ct)
    {
        var page = new List<ManifestPart>();
        while (page.Count < limit && after + page.Count < place.Parts)
        {
            var at = after + page.Count;
            var parts = await Read(address, place.Id, at / PartsPerRow, ct);
            page.AddRange(parts.Skip(at % PartsPerRow).Take(limit - page.Count));
        }
        return page;
    }

    /// <summary>All parts; what is missing of the rows is left out.</summary>
    public async IAsyncEnumerable<ManifestPart> Remaining(
        KeyAddress address, ManifestPlace place, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var row = 0; row < place.RowOffsets.Count; row++)
        {
            if (await table.Get(new(address.Partition, RowName(address, place.Id, row)), ct) is not { } found) continue;
            foreach (var part in StoredJson.Read(found.Value, StateJson.Default.ManifestRow).Parts) yield return part;
        }
    }

    /// <summary>Removes the rows.</summary>
    public async ValueTask Delete(KeyAddress address, ManifestPlace place, CancellationToken ct)
    {
        for (var row = 0; row < place.RowOffsets.Count; row++)
            await table.Apply(address.Partition, [Change.Delete(RowName(address, place.Id, row), Condition.Any)], ct);
    }

    private async ValueTask<IReadOnlyList<ManifestPart>> Read(KeyAddress address, string id, int row, CancellationToken ct) =>
        await table.Get(new(address.Partition, RowName(address, id, row)), ct) is { } found
            ? StoredJson.Read(found.Value, StateJson.Default.ManifestRow).Parts
            : throw new IOException("The list of the object's parts is gone: it was replaced while it was read.");

    private static string RowName(KeyAddress address, string id, int row) =>
        address.RowName(Rows.Manifest, id + "." + row.ToString("d4", CultureInfo.InvariantCulture));
}
