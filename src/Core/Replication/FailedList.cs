using System.Globalization;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>A copy that was given up: a row of the list of failures.</summary>
public sealed record FailedReplication
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The location it was to go to.</summary>
    public required string Site { get; init; }

    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>The bucket's id.</summary>
    public required string BucketId { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary><see cref="ObjectVersion.PublicId"/>.</summary>
    public required string VersionId { get; init; }

    /// <summary>Bytes of the version.</summary>
    public required long Size { get; init; }

    /// <summary>When the version was made.</summary>
    public required DateTimeOffset Modified { get; init; }

    /// <summary>When it was given up, to the millisecond; no two of a site at the same one.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Why, in words for who operates the installation; without secrets.</summary>
    public string? Reason { get; init; }

    /// <summary>Its place in the list.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Marker => At.ToUnixTimeMilliseconds();
}

/// <summary>
/// What was given up and waits to be sent again. In the table <c>replication</c> the partition <c>l.SITE</c> lists it in order of
/// time, a row for each named by its millisecond; and the partition of the space <c>f</c>+BUCKET ID and the key (see
/// <see cref="KeyCodec"/>) has a row <c>x</c>+VERSION ID+<c>.</c>+SITE with the same, by which it is found. The second is written
/// first and removed last: what stands in the list can always be found, and is believed only where it is.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="clock">The time.</param>
public sealed class FailedList(ITable table, TimeProvider clock)
{
    /// <summary>Entries of a page.</summary>
    public const int PageSize = 100;

    private const char Kind = 'x';
    private const int Attempts = 1000;

    /// <summary>Whether a site can be called so.</summary>
    public static bool CanBeSite(string site) => TableLimits.CanBe(new(ListOf(site), "0"));

    /// <summary>Adds it, or moves it to the end where it stands in the list already.</summary>
    public async ValueTask Add(FailedReplication copy, CancellationToken ct)
    {
        var (list, address, name) = (ListOf(copy.Site), AddressOf(copy.BucketId, copy.Key), NameOf(copy.VersionId, copy.Site));
        var before = await Find(address, name, ct);
        var at = Rows.Now(clock);
        for (var attempt = 0; attempt < Attempts; attempt++, at = at.AddMilliseconds(1))
        {
            if (await table.Get(new(list, RowOf(at)), ct) is not null) continue;
            var entry = copy with { At = at };
            var value = StoredJson.Write(entry, ReplicationJson.Default.FailedReplication);
            await Settle(table.Apply(address.Partition, [Change.Put(address.RowName(Kind, name), Condition.Any, value)], ct));
            if (await table.Apply(list, [Change.Put(RowOf(at), Condition.Absent, value)], ct) is var outcome && outcome == Outcome.Refused) continue;
            await Settle(new(outcome));
            if (before is not null) await table.Apply(list, [Change.Delete(RowOf(before.At), Condition.Any)], ct);
            return;
        }
        throw new IOException("More fails in a second than the list of failures can take.");
    }

    /// <summary>At most <see cref="PageSize"/> of a site's, the oldest first, that stand after the marker; and whether there are more.</summary>
    public async ValueTask<(IReadOnlyList<FailedReplication> Copies, bool More)> Page(string site, long marker, CancellationToken ct)
    {
        var list = ListOf(site);
        var from = Math.Clamp(marker, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - 1) + 1;
        var range = new KeyRange(new(list, from.ToString("D15", CultureInfo.InvariantCulture)), KeyRange.Partition(list).To);
        var found = new List<FailedReplication>();
        await foreach (var row in table.Scan(range, null, null, ct))
        {
            var listed = Read(row);
            // Left over from an addition or removal that was cut off.
            if ((await Find(AddressOf(listed.BucketId, listed.Key), NameOf(listed.VersionId, site), ct))?.At != listed.At)
            {
                await table.Apply(list, [Change.Delete(row.Key.Row, Condition.Is(row.Stamp))], ct);
                continue;
            }
            if (found.Count == PageSize) return (found, true);
            found.Add(listed);
        }
        return (found, false);
    }

    /// <summary>The failures of one version, by site; of all versions of the key where none is named, at most a thousand.</summary>
    /// <param name="bucketId">The bucket's id.</param>
    /// <param name="key">The key.</param>
    /// <param name="versionId">The version's public id; null for all.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<IReadOnlyList<FailedReplication>> Find(string bucketId, string key, string? versionId, CancellationToken ct)
    {
        var address = AddressOf(bucketId, key);
        var start = address.RowName(Kind, versionId is null ? "" : versionId + ".");
        var found = new List<FailedReplication>();
        if (!TableLimits.CanBe(new(address.Partition, start))) return found;
        await foreach (var row in table.Scan(KeyRange.Rows(address.Partition, start), null, 1000, ct))
            if (Read(row) is { } entry && entry.Key == key) found.Add(entry);
        return found;
    }

    /// <summary>The failure of a version at a site; null where there is none.</summary>
    public ValueTask<FailedReplication?> Find(string bucketId, string key, string versionId, string site, CancellationToken ct) =>
        Find(AddressOf(bucketId, key), NameOf(versionId, site), ct);

    /// <summary>It is no failure any more; nothing happens where it is none.</summary>
    public async ValueTask Remove(string bucketId, string key, string versionId, string site, CancellationToken ct)
    {
        if (await Find(AddressOf(bucketId, key), NameOf(versionId, site), ct) is { } entry) await Remove(entry, ct);
    }

    /// <summary>That entry is no failure any more; one that has taken its place since is.</summary>
    public async ValueTask Remove(FailedReplication entry, CancellationToken ct)
    {
        var key = AddressOf(entry.BucketId, entry.Key).Row(Kind, NameOf(entry.VersionId, entry.Site));
        if (await table.Get(key, ct) is not { } row || Read(row).At != entry.At) return;
        await table.Apply(ListOf(entry.Site), [Change.Delete(RowOf(entry.At), Condition.Any)], ct);
        await table.Apply(key.Partition, [Change.Delete(key.Row, Condition.Is(row.Stamp))], ct);
    }

    private static string ListOf(string site) => "l." + site;

    private static KeyAddress AddressOf(string bucketId, string key) => KeyCodec.Address("f" + bucketId, key);

    private static string NameOf(string versionId, string site) => $"{versionId}.{site}";

    private static string RowOf(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString("D15", CultureInfo.InvariantCulture);

    private static FailedReplication Read(Row row) => StoredJson.Read(row.Value, ReplicationJson.Default.FailedReplication);

    private static async ValueTask Settle(ValueTask<Outcome> applying)
    {
        if (await applying != Outcome.Committed) throw new IOException("The list of failures could not be written.");
    }

    private async ValueTask<FailedReplication?> Find(KeyAddress address, string name, CancellationToken ct) =>
        await table.Get(address.Row(Kind, name), ct) is { } row ? Read(row) : null;
}
