using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Core.Search;

/// <summary>Which fields of a bucket are indexed, and the walk that builds them.</summary>
/// <param name="Index">The fields; null for none.</param>
/// <param name="Walk">The last walk; null where there never was one.</param>
public sealed record SearchIndexStatus(SearchIndex? Index, Walk? Walk);

/// <summary>Declares the fields that are indexed.</summary>
/// <param name="buckets">The buckets.</param>
/// <param name="walks">Build them.</param>
/// <param name="queue">Takes what follows when a field is dropped.</param>
/// <param name="clock">The time.</param>
public sealed class SearchIndexes(Buckets buckets, Walks walks, IQueue queue, TimeProvider clock)
{
    /// <summary>How it stands; refuses with <see cref="Refusal.NoSuchBucket"/>.</summary>
    public async ValueTask<Result<SearchIndexStatus>> Find(string name, CancellationToken ct) =>
        await buckets.Find(name, ct) is { } bucket ? await Status(bucket, ct) : Refusal.NoSuchBucket.Because($"There is no bucket '{name}'.");

    /// <summary>
    /// Sets the fields. Those that are new are built by a walk, and used when it is done; the entries of those that are gone are removed by
    /// a job. Refuses with <see cref="Refusal.NoSuchBucket"/>, and with <see cref="Refusal.InvalidRequest"/> where a field cannot be indexed
    /// or there are too many.
    /// </summary>
    /// <param name="name">The bucket.</param>
    /// <param name="fields">All that are to be indexed; none ends it.</param>
    /// <param name="anew">Whether the others are gone through again as well; searches use them meanwhile.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<Result<SearchIndexStatus>> Set(string name, IReadOnlyList<string> fields, bool anew, CancellationToken ct)
    {
        List<string> names = [.. fields.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.Count > SearchIndex.MostFields) return Refusal.InvalidRequest.Because($"A bucket may have at most {SearchIndex.MostFields} indexed fields, not {names.Count}.");
        foreach (var field in names)
        {
            if (SearchField.Find(field) is { IsIndexable: true } found && found.Name.Length <= SearchIndex.MostNameUnits) continue;
            return Refusal.InvalidRequest.Because(
                $"'{field}' cannot be indexed. What can are tags (tags.NAME), user metadata (x-amz-meta-NAME), and {string.Join(", ", SearchField.Names.Where(each => SearchField.Find(each)!.IsIndexable))}.");
        }
        if (await buckets.Find(name, ct) is not { } bucket) return Refusal.NoSuchBucket.Because($"There is no bucket '{name}'.");
        // Before it is so: a message that is too many finds the field where it was.
        foreach (var gone in (bucket.Get(BucketSettings.SearchIndex)?.Fields ?? []).Where(field => !names.Contains(field.Name)))
            await DropSearchEntries.Announce(queue, bucket, gone.Id, clock, ct);
        var now = clock.GetUtcNow();
        var made = names.ToDictionary(each => each, each => new IndexedField(each, Ids.Random(IndexedField.IdUnits), now), StringComparer.Ordinal);
        IReadOnlyList<IndexedField> before = [];
        var changed = await buckets.Change(bucket, BucketSettings.SearchIndex, current =>
        {
            before = current.Get(BucketSettings.SearchIndex)?.Fields ?? [];
            var kept = before.ToDictionary(field => field.Name, StringComparer.Ordinal);
            return names.Count == 0 ? default(SearchIndex) : new SearchIndex([.. names.Select(each => kept.GetValueOrDefault(each) ?? made[each])]);
        }, ct);
        if (changed.Refusal is not null) return changed.As<SearchIndexStatus>();
        foreach (var gone in before.Where(field => !names.Contains(field.Name) && bucket.Get(BucketSettings.SearchIndex)?.Fields.Contains(field) != true))
            await DropSearchEntries.Announce(queue, bucket, gone.Id, clock, ct);
        var index = changed.Value.Get(BucketSettings.SearchIndex);
        List<string> build = [.. (index?.Fields ?? []).Where(field => anew || !field.IsReady).Select(field => field.Id)];
        if (build.Count > 0 && await walks.StartSearchIndex(bucket, build, ct) is { Refusal: not null } refused) return refused.As<SearchIndexStatus>();
        return await Status(changed.Value, ct);
    }

    private async ValueTask<SearchIndexStatus> Status(Bucket bucket, CancellationToken ct)
    {
        var walk = await walks.Find(Walks.IdOf(new() { Purpose = WalkPurpose.SearchIndex, Bucket = bucket.Name }), ct);
        return new(bucket.Get(BucketSettings.SearchIndex), walk?.BucketId == bucket.Id ? walk : null);
    }
}
