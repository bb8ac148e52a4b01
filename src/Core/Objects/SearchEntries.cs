using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Writes the entries of search indexes. Index before row: before a version is committed its entries are written, those that the key
/// has not got anyway. A crash leaves an entry without a version, which misleads nobody: who finds a key by it looks at its versions.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="locations">Know the name of the location of buckets that name none.</param>
/// <param name="clock">The time.</param>
internal sealed class SearchEntries(ITable table, LocationCatalog locations, TimeProvider clock)
{
    /// <summary>
    /// Writes those of a version, where the bucket has an index. To be called in the bucket that was entered for the commit, before that: so
    /// none is taken for stale that waits for its version.
    /// </summary>
    /// <param name="entered">The bucket, with the settings that hold for the commit.</param>
    /// <param name="key">The key.</param>
    /// <param name="next">The version that is to be; null for none.</param>
    /// <param name="before">A version of the key that is there if the commit takes place; null for none.</param>
    /// <param name="ct">Gives up.</param>
    public ValueTask Write(Bucket entered, string key, ObjectVersion? next, ObjectVersion? before, CancellationToken ct) =>
        next is not null && entered.Get(BucketSettings.SearchIndex) is { } index ? Write(entered, index, key, next, before, ct) : default;

    /// <summary>Writes all entries of a version that are not among those.</summary>
    public async ValueTask Write(
        Bucket bucket, IEnumerable<IndexedField> fields, string key, ObjectVersion version, IReadOnlySet<string> had, CancellationToken ct)
    {
        List<Task>? writes = null;
        foreach (var partition in Partitions(bucket, fields, key, version))
            if (!had.Contains(partition)) (writes ??= []).Add(Put(partition, key, ct).AsTask());
        if (writes is not null) await Task.WhenAll(writes);
    }

    /// <summary>Where the entries of a version are.</summary>
    public IEnumerable<string> Partitions(Bucket bucket, IEnumerable<IndexedField> fields, string key, ObjectVersion version)
    {
        var subject = new SearchSubject(bucket, key, version, locations.Named(bucket.LocationConstraint));
        foreach (var field in fields)
            if (SearchField.Find(field.Name)?.Of(subject) is { } value && SearchRows.Partition(bucket.Id, field.Id, value) is { } partition) yield return partition;
    }

    private ValueTask Write(Bucket entered, SearchIndex index, string key, ObjectVersion next, ObjectVersion? before, CancellationToken ct)
    {
        HashSet<string> had = before is null ? [] : [.. Partitions(entered, index.Fields, key, before)];
        return Write(entered, index.Fields, key, next, had, ct);
    }

    /// <summary>Written whether or not it is there: its stamp is another then, and who thinks it stale cannot remove it.</summary>
    public async ValueTask Put(string partition, string key, CancellationToken ct)
    {
        var entry = StoredJson.Write(new SearchEntry(key, clock.GetUtcNow()), StateJson.Default.SearchEntry);
        var change = Change.Put(SearchRows.RowOf(key), Condition.Any, entry);
        if (await table.Apply(partition, [change], ct) != Outcome.Committed && await table.Apply(partition, [change], ct) != Outcome.Committed)
            throw new IOException("Whether an entry of the search index was written is not known; nothing was changed.");
    }
}
