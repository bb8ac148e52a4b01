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

    /// <summary>MD5 of a block in hex; null where a list cannot take it over without reading it.</summary>
    public string? ETag { get; init; }

    /// <summary>CRC-64/NVME of such a block.</summary>
    public string? Crc64Nvme { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public long Size => Key.SizeOf(Stored);
}

/// <summary>
/// The lists of parts of multipart objects. They stand in rows of the upload's partition, a thousand parts each, are
/// written before the version that names them and never changed; lists that parts are appended to get a new last row each time.
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
        var place = PlaceOf(id, parts);
        for (var row = 0; row < place.RowOffsets.Count; row++)
        {
            var some = parts.Skip(row * PartsPerRow).Take(PartsPerRow).ToList();
            var change = Change.Put(
                RowName(address, id, row), Condition.Any,
                StoredJson.Write(new ManifestRow { Parts = some }, StateJson.Default.ManifestRow));
            if (parts.Count <= PartsPerRow) return (place, change);
            if (await table.Apply(address.Partition, [change], ct) != Outcome.Committed) throw new UnknownOutcomeException();
        }
        return (place, null);
    }

    /// <summary>The place of a list that is to be written.</summary>
    public static ManifestPlace PlaceOf(string id, IReadOnlyList<ManifestPart> parts)
    {
        var offsets = new List<long>();
        var offset = 0L;
        for (var i = 0; i < parts.Count; i++)
        {
            if (i % PartsPerRow == 0) offsets.Add(offset);
            offset += parts[i].Size;
        }
        return new(id, parts.Count, offsets) { Location = parts.FirstOrDefault(part => part.Stored is not null)?.Stored!.Location };
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
            foreach (var part in await Read(address, place, row, ct))
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
        var parts = await Read(address, place, row, ct);
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
            var parts = await Read(address, place, at / PartsPerRow, ct);
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
            if (await table.Get(new(address.Partition, RowName(address, place, row)), ct) is not { } found) continue;
            foreach (var part in StoredJson.Read(found.Value, StateJson.Default.ManifestRow).Parts) yield return part;
        }
    }

    /// <summary>The list with a part behind the others. What it writes is nothing's until a version names it; <see cref="DropTail"/> takes it back.</summary>
    /// <param name="address">The key, in the uploads' space.</param>
    /// <param name="place">The list so far; null for none.</param>
    /// <param name="id">A new list's id, never used before.</param>
    /// <param name="part">The part.</param>
    /// <param name="offset">Where it starts.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<ManifestPlace> Append(
        KeyAddress address, ManifestPlace? place, string id, ManifestPart part, long offset, CancellationToken ct)
    {
        place ??= new(id + "." + id, 0, []);
        var last = place.RowOffsets.Count - 1;
        var parts = last < 0 ? [] : await Read(address, place, last, ct);
        if (parts.Count == PartsPerRow)
        {
            // A full row stays for good, under a name that whoever comes to it writes the same to.
            if (place.Tail is not null) await Put(address, RowName(address, place.Id, last), parts, ct);
            parts = [];
        }
        var next = place with
        {
            Parts = place.Parts + 1,
            RowOffsets = parts.Count == 0 ? [.. place.RowOffsets, offset] : place.RowOffsets,
            Tail = Ids.Random(10),
            Location = place.Location ?? (place.Parts == 0 ? part.Stored?.Location : null),
        };
        await Put(address, RowName(address, next, next.RowOffsets.Count - 1), [.. parts, part], ct);
        return next;
    }

    /// <summary>Removes the last row of a list that was appended to, which no version names (any more).</summary>
    public async ValueTask DropTail(KeyAddress address, ManifestPlace place, CancellationToken ct)
    {
        if (place.Tail is not null)
            await table.Apply(address.Partition, [Change.Delete(RowName(address, place, place.RowOffsets.Count - 1), Condition.Any)], ct);
    }

    /// <summary>Removes the rows, and last rows of an append that was cut off.</summary>
    public async ValueTask Delete(KeyAddress address, ManifestPlace place, CancellationToken ct)
    {
        List<string> names = [.. Enumerable.Range(0, place.RowOffsets.Count).Select(row => RowName(address, place, row))];
        if (place.Tail is not null)
        {
            names.Clear();
            await foreach (var row in table.Scan(KeyRange.Rows(address.Partition, address.RowName(Rows.Manifest, place.Id + ".")), null, null, ct)) names.Add(row.Key.Row);
        }
        foreach (var name in names) await table.Apply(address.Partition, [Change.Delete(name, Condition.Any)], ct);
    }

    private async ValueTask Put(KeyAddress address, string name, IReadOnlyList<ManifestPart> parts, CancellationToken ct)
    {
        var change = Change.Put(name, Condition.Any, StoredJson.Write(new ManifestRow { Parts = parts }, StateJson.Default.ManifestRow));
        if (await table.Apply(address.Partition, [change], ct) != Outcome.Committed) throw new UnknownOutcomeException();
    }

    private async ValueTask<IReadOnlyList<ManifestPart>> Read(KeyAddress address, ManifestPlace place, int row, CancellationToken ct)
    {
        while (true)
        {
            if (await table.Get(new(address.Partition, RowName(address, place, row)), ct) is { } found)
                return StoredJson.Read(found.Value, StateJson.Default.ManifestRow).Parts;
            // A last row that was appended to since begins with the same parts.
            if (place.Tail is null || await Grown(address, place, ct) is not { } grown)
                throw new IOException("The list of the object's parts is gone: it was replaced while it was read.");
            place = grown;
        }
    }

    /// <summary>The same list as the current version has it; null where it is not that one's, or has not grown.</summary>
    private async ValueTask<ManifestPlace?> Grown(KeyAddress address, ManifestPlace place, CancellationToken ct)
    {
        var inObjects = address with { Partition = "o" + address.Partition[1..] };
        return await table.Get(inObjects.Row(Rows.Current), ct) is { } row
            && ObjectVersionJson.Read(row.Value).Body.Manifest is { } now && now.Id == place.Id && now.Tail != place.Tail
                ? now
                : null;
    }

    private static string RowName(KeyAddress address, ManifestPlace place, int row) =>
        RowName(address, place.Id, row) + (place.Tail is { } tail && row == place.RowOffsets.Count - 1 ? "." + tail : "");

    private static string RowName(KeyAddress address, string id, int row) =>
        address.RowName(Rows.Manifest, id + "." + row.ToString("d4", CultureInfo.InvariantCulture));
}
