using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Reads the rows of a key's versions: the newest version is a row of one of two kinds, object or delete marker, and the
/// older ones stand behind it, the newest first. There are older ones only where there is a newest; but what Azure's soft delete
/// keeps stands among the older ones without one, too, and is found only by who asks for it.
/// </summary>
internal sealed class VersionRows(ITable table)
{
    /// <summary>A version with its row.</summary>
    public sealed record Found(Row Row, ObjectVersion Version);

    /// <summary>The beginning of a key's history.</summary>
    /// <param name="Current">The newest version, object or delete marker; null where there is none.</param>
    /// <param name="Rival">
    /// A delete marker beside an object. Two writers who both found nothing can make that, where one of them did not know yet that
    /// the bucket is versioned; whoever comes next settles which is the newer. Until then the object counts.
    /// </param>
    /// <param name="HighWater">The row of the highest sequence, where there is no version, or of a key's only version.</param>
    public readonly record struct Head(Found? Current, Found? Rival, Row? HighWater)
    {
        /// <summary>
        /// A sequence that no version of the key ever had: even for objects, odd for delete markers, so that two rivals do not
        /// get the same.
        /// </summary>
        public long Next(long now, bool isMarker) => NextSequence(now, Highest, isMarker);

        /// <summary>The highest sequence that is known of; zero where none is.</summary>
        public long Highest => Math.Max(
            Current is { Version: var version } ? Math.Max(version.Sequence, version.HighWater ?? 0) : 0,
            HighWater is { } row ? ReadSequence(row) : 0);
    }

    /// <summary>
    /// The newest version. A bucket that was never versioned holds objects only, which is one look.
    /// </summary>
    public async ValueTask<Head> Newest(KeyAddress address, bool isVersioned, CancellationToken ct)
    {
        if (!isVersioned) return new(Read(await table.Get(address.Row(Rows.Current), ct)), null, null);
        Row? current = null, marker = null, highWater = null;
        if (address.Rest.Length == 0)
        {
            // The three kinds stand side by side, so that one query gives them.
            var range = new KeyRange(address.Row(Rows.HighWater), new(address.Partition, ((char)(Rows.Current + 1)).ToString()));
            await foreach (var row in table.Scan(range, null, 3, ct))
            {
                if (row.Key.Row[0] == Rows.Current) current = row;
                else if (row.Key.Row[0] == Rows.Marker) marker = row;
                else highWater = row;
            }
        }
        else
        {
            current = await table.Get(address.Row(Rows.Current), ct);
            marker = await table.Get(address.Row(Rows.Marker), ct);
            if (current is null && marker is null) highWater = await table.Get(address.Row(Rows.HighWater), ct);
        }
        return current is null ? new(Read(marker), null, highWater) : new(Read(current), Read(marker), highWater);
    }

    /// <summary>
    /// A version by the name that clients have for it, null for the newest; null where there is none at one moment of the
    /// search.
    /// </summary>
    public async ValueTask<(Head Head, Found? Found)> Find(
        KeyAddress address, string? versionId, bool isVersioned, CancellationToken ct)
    {
        var head = await Newest(address, isVersioned, ct);
        while (true)
        {
            if (versionId is null || head.Current is not { } current || current.Version.PublicId == versionId) return (head, head.Current);
            if (head.Rival is { } rival && rival.Version.PublicId == versionId) return (head, rival);
            var sequence = versionId == "null" ? current.Version.NullSequence
                : current.Version.Body.Source is not null ? await AtSource(address, versionId, ct)
                : Rows.SequenceIn(versionId);
            if (sequence is null) return (head, null);
            if (await Older(address, sequence.Value, ct) is { Version.Blob: not { Deleted: not null } } older && older.Version.PublicId == versionId) return (head, older);
            // It may have been the newest when the older ones were looked at, and the other way round.
            var again = await Newest(address, isVersioned, ct);
            if (again.Current?.Row.Stamp == current.Row.Stamp) return (again, null);
            head = again;
        }
    }

    /// <summary>The version of that sequence, where it is not the newest.</summary>
    public async ValueTask<Found?> Older(KeyAddress address, long sequence, CancellationToken ct) =>
        Read(await table.Get(address.Row(Rows.Version, Rows.NewestFirst(sequence)), ct));

    /// <summary>The newest of the older versions.</summary>
    public async ValueTask<Found?> NewestOlder(KeyAddress address, CancellationToken ct)
    {
        await foreach (var row in table.Scan(KeyRange.Rows(address.Partition, address.RowName(Rows.Version)), null, 1, ct))
            if (Read(row) is { Version.Blob: not { Deleted: not null } } newest) return newest;
            else await foreach (var older in Older(address, ct)) return older;
        return null;
    }

    /// <summary>All older versions, the newest first.</summary>
    public async IAsyncEnumerable<Found> Older(KeyAddress address, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var found in All(address, ct))
            if (found.Version.Blob?.Deleted is null) yield return found;
    }

    /// <summary>What was deleted and is kept, the newest first.</summary>
    public async IAsyncEnumerable<Found> Kept(KeyAddress address, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var found in All(address, ct))
            if (found.Version.Blob?.Deleted is not null) yield return found;
    }

    /// <summary>Both, the newest first.</summary>
    public async IAsyncEnumerable<Found> All(KeyAddress address, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in table.Scan(KeyRange.Rows(address.Partition, address.RowName(Rows.Version)), null, null, ct)) yield return Read(row)!;
    }

    /// <summary>The snapshot of that time; null where there is none.</summary>
    public async ValueTask<Found?> Snapshot(KeyAddress address, DateTimeOffset time, CancellationToken ct)
    {
        await foreach (var older in Older(address, ct))
            if (older.Version.Blob?.Snapshot == time) return older;
        return null;
    }

    /// <summary>The sequence of a time, but behind another: even for objects, odd for delete markers.</summary>
    public static long NextSequence(long time, long behind, bool isMarker)
    {
        var next = Math.Max(time, behind + 1);
        return (next & 1) == (isMarker ? 1 : 0) ? next : next + 1;
    }

    /// <summary>The row of the current kind for a version.</summary>
    public static string CurrentRow(KeyAddress address, ObjectVersion version) =>
        address.RowName(version.IsDeleteMarker ? Rows.Marker : Rows.Current);

    /// <summary>The row of a version that is not current.</summary>
    public static string OlderRow(KeyAddress address, ObjectVersion version) =>
        address.RowName(Rows.Version, Rows.NewestFirst(version.Sequence));

    /// <summary>The stored form of a version that is current.</summary>
    public static ReadOnlyMemory<byte> Write(ObjectVersion version) => StoredJson.Write(version, StateJson.Default.ObjectVersion);

    /// <summary>The stored form of a version that is not current any more.</summary>
    public static ReadOnlyMemory<byte> WriteOlder(ObjectVersion version) => Write(version with { NullSequence = null, HighWater = null, Recent = null });

    /// <summary>The row that leads from the id that a version has at its source to its sequence.</summary>
    public static Change SourceRow(KeyAddress address, string versionId, long sequence) => Change.Put(SourceRow(address, versionId), Condition.Any, WriteSequence(sequence));

    /// <summary>Its name.</summary>
    public static string SourceRow(KeyAddress address, string versionId) =>
        address.RowName(Rows.SourceId, Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(versionId)).AsSpan(0, 16)));

    private async ValueTask<long?> AtSource(KeyAddress address, string versionId, CancellationToken ct) =>
        await table.Get(new(address.Partition, SourceRow(address, versionId)), ct) is { } row ? ReadSequence(row) : null;

    /// <summary>The stored form of a high-water mark.</summary>
    public static ReadOnlyMemory<byte> WriteSequence(long sequence) =>
        System.Text.Encoding.ASCII.GetBytes(sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static long ReadSequence(Row row) => long.Parse(row.Value.Span, System.Globalization.CultureInfo.InvariantCulture);

    private static Found? Read(Row? row) => row is null ? null : new(row, ObjectVersionJson.Read(row.Value));
}
