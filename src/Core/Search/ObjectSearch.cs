using System.Text.RegularExpressions;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>
/// Lists the objects or versions of a bucket of which an expression is true. A page may hold fewer than were asked for, or nothing, and
/// go on nevertheless: so many rows are looked at for one, and no more.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="buckets">Know which fields are indexed by now.</param>
/// <param name="objects">Ask the sources of mirrors for what is missing of a version.</param>
/// <param name="clock">The time.</param>
public sealed class ObjectSearch(ITable table, Buckets buckets, ObjectStore objects, TimeProvider clock)
{
    /// <summary>Versions that are looked at for a page.</summary>
    public const int MostLooked = 50_000;

    /// <summary>Entries that led nowhere, and are looked after when a page is made.</summary>
    private const int MostSuspects = 32;

    private readonly SearchEntries entries = new(table, buckets.Locations, clock);
    private readonly StaleEntries stale = new(table, buckets, clock);

    /// <summary>A page of the current versions. Refuses with <see cref="Refusal.InvalidRequest"/> where a pattern takes too long.</summary>
    public async ValueTask<Result<ListPage>> List(Bucket bucket, SearchExpression expression, ListRequest request, CancellationToken ct)
    {
        var space = Rows.ObjectSpace(bucket);
        if (request.Limit <= 0) return new ListPage([], null);
        List<Row> suspects = [];
        var place = new SearchPlace(request.After, null);
        var candidates = await Indexed(bucket, expression, request.Prefix, request.Delimiter, place, isWhole: false, suspects, (key, _, stop) => Current(space, key, stop), ct)
            ?? new CurrentScan(table, space, request.Prefix, Within(expression, request.Prefix), request.Delimiter, Budget());
        var found = await Page(bucket, expression, candidates, request.Prefix, request.Delimiter, place, request.Limit, ct);
        await TidyUp(bucket, suspects, ct);
        return found.Refusal is null
            ? new ListPage([.. found.Value.Entries.Select(entry => new ListEntry(entry.Name, entry.Version))], found.Value.NextKey)
            : found.As<ListPage>();
    }

    /// <summary>A page of all versions and delete markers. Refuses as <see cref="List"/>.</summary>
    public async ValueTask<Result<VersionPage>> ListVersions(Bucket bucket, SearchExpression expression, ListVersionsRequest request, CancellationToken ct)
    {
        var space = Rows.ObjectSpace(bucket);
        if (request.Limit <= 0) return new VersionPage([], null, null);
        List<Row> suspects = [];
        var place = new SearchPlace(request.KeyMarker, request.VersionIdMarker);
        var candidates = await Indexed(bucket, expression, request.Prefix, request.Delimiter, place, isWhole: true, suspects, (key, after, stop) => Versions(space, key, after, stop), ct)
            ?? new VersionScan(table, space, request.Delimiter is null ? Within(expression, request.Prefix) : request.Prefix, request.Delimiter, Budget());
        var found = await Page(bucket, expression, candidates, request.Prefix, request.Delimiter, place, request.Limit, ct);
        await TidyUp(bucket, suspects, ct);
        return found;
    }

    /// <summary>What a search came upon that led nowhere, so that the next need not.</summary>
    private async ValueTask TidyUp(Bucket bucket, List<Row> suspects, CancellationToken ct)
    {
        if (suspects.Count > 0 && bucket.Get(BucketSettings.SearchIndex) is { } index) await stale.Remove(bucket, index.Fields, suspects, MostSuspects / 4, ct);
    }

    /// <summary>What a page may take. A file gives a few hundred rows a read, a service a thousand.</summary>
    private ScanBudget Budget() => new(200, TimeSpan.FromSeconds(20), clock);

    /// <summary>What all keys begin with that may be found.</summary>
    private static string Within(SearchExpression expression, string prefix) =>
        SearchPlan.KeyPrefix(expression.Root) is var known && known.StartsWith(prefix, StringComparison.Ordinal) ? known : prefix;

    /// <summary>What the index has; null where it has nothing to say of the expression, or too much.</summary>
    private async ValueTask<ICandidates?> Indexed(
        Bucket bucket, SearchExpression expression, string prefix, string? delimiter, SearchPlace place, bool isWhole, List<Row> suspects,
        Func<string, string?, CancellationToken, Task<IReadOnlyList<VersionEntry>>> read, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.SearchIndex) is not { } index || SearchPlan.Of(expression.Root, bucket, index) is not { } plan) return null;
        var found = new FoundKeys(table, prefix, place.Key);
        if (await found.Of(plan, FoundKeys.Most, ct) is not { } keys) return null;
        // What was dropped meanwhile may have been removed while it was read.
        var now = (await buckets.Find(bucket.Name, ct))?.Get(BucketSettings.SearchIndex);
        if (plan.Fields.Any(field => now?.Ready(field.Name)?.Id != field.Id)) return null;
        List<string> inOrder = [.. keys];
        inOrder.Sort(Utf8Order.Compare);
        Lazy<ILookup<string, Row>> byKey = new(() => found.ByKey);
        return new IndexedKeys(inOrder, prefix, delimiter, read, (key, versions) =>
        {
            // Of a key with older versions that were not looked at, nothing can be said.
            if (suspects.Count >= MostSuspects || (!isWhole && bucket.Get(BucketSettings.Versioning) is not null)) return;
            var has = versions.SelectMany(entry => entries.Partitions(bucket, plan.Fields, key, entry.Version!)).ToHashSet(StringComparer.Ordinal);
            foreach (var row in byKey.Value[key])
                if (!has.Contains(row.Key.Partition)) suspects.Add(row);
        });
    }

    private async Task<IReadOnlyList<VersionEntry>> Current(string space, string key, CancellationToken ct) =>
        await table.Get(KeyCodec.Address(space, key).Row(Rows.Current), ct) is { } row ? [new(key, ObjectVersionJson.Read(row.Value), true)] : [];

    private async Task<IReadOnlyList<VersionEntry>> Versions(string space, string key, string? after, CancellationToken ct)
    {
        List<VersionEntry> versions = [];
        var request = new ListVersionsRequest { Prefix = key, KeyMarker = after is null ? null : key, VersionIdMarker = after };
        await foreach (var entry in new VersionWalk(table, space).Walk(request, new(int.MaxValue, TimeSpan.MaxValue, clock), ct))
        {
            if (entry.Name != key) break;
            versions.Add(entry);
        }
        return versions;
    }

    private async ValueTask<Result<VersionPage>> Page(
        Bucket bucket, SearchExpression expression, ICandidates candidates, string prefix, string? delimiter, SearchPlace place, int limit, CancellationToken ct)
    {
        var location = buckets.Locations.Named(bucket.LocationConstraint);
        var late = Budget();
        List<VersionEntry> page = [];
        var looked = 0;
        try
        {
            while (true)
            {
                string? behind = null;
                await foreach (var candidate in candidates.From(place, ct))
                {
                    var entry = candidate;
                    if (looked == MostLooked || (looked > 0 && late.IsLate)) return new VersionPage(page, place.Key, place.VersionId);
                    looked++;
                    if (SourceDetails.AreMissing(entry.Version!)) entry = entry with { Version = await objects.Details.Whole(bucket, entry.Name, entry.Version!, ct) ?? entry.Version };
                    if (expression.Holds(new(bucket, entry.Name, entry.Version!, location)))
                    {
                        if (page.Count == limit) return new VersionPage(page, place.Key, place.VersionId);
                        behind = KeyWalk.CommonPrefix(entry.Name, prefix, delimiter);
                        page.Add(behind is null ? entry : new(behind, null, false));
                    }
                    place = behind is not null ? new(behind, null) : new(entry.Name, Rows.VersionId(entry.Version!.Sequence, entry.Version.Id));
                    if (behind is not null) break;
                }
                if (behind is not null) continue;
                if (candidates.EndedAt is not { } endedAt) return new VersionPage(page, null, null);
                return new VersionPage(page, page is [.., var last] ? KeyWalk.Marker(endedAt, last.Name, last.Version is null) : endedAt, null);
            }
        }
        catch (RegexMatchTimeoutException)
        {
            return Refusal.InvalidRequest.Because("A LIKE pattern takes too long on the texts that it is tried on; make it simpler.");
        }
    }
}
