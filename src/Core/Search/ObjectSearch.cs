using System.Text.RegularExpressions;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Search;

/// <summary>
/// Lists the objects or versions of a bucket of which an expression is true. A page may hold fewer than were asked for, or nothing, and
/// go on nevertheless: so many rows are looked at for one, and no more.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="locations">Know the name of the location of buckets that name none.</param>
/// <param name="clock">The time.</param>
public sealed class ObjectSearch(ITable table, LocationCatalog locations, TimeProvider clock)
{
    /// <summary>Versions that are looked at for a page.</summary>
    public const int MostLooked = 50_000;

    /// <summary>A page of the current versions. Refuses with <see cref="Refusal.InvalidRequest"/> where a pattern takes too long.</summary>
    public async ValueTask<Result<ListPage>> List(Bucket bucket, SearchExpression expression, ListRequest request, CancellationToken ct)
    {
        var candidates = new CurrentScan(table, Rows.ObjectSpace(bucket), request.Prefix, request.Delimiter, KeyWalk.Page(clock));
        var found = await Page(bucket, expression, candidates, request.Prefix, request.Delimiter, new(request.After, null), request.Limit, ct);
        return found.Refusal is null
            ? new ListPage([.. found.Value.Entries.Select(entry => new ListEntry(entry.Name, entry.Version))], found.Value.NextKey)
            : found.As<ListPage>();
    }

    /// <summary>A page of all versions and delete markers. Refuses as <see cref="List"/>.</summary>
    public ValueTask<Result<VersionPage>> ListVersions(Bucket bucket, SearchExpression expression, ListVersionsRequest request, CancellationToken ct)
    {
        var candidates = new VersionScan(table, Rows.ObjectSpace(bucket), request.Prefix, request.Delimiter, KeyWalk.Page(clock));
        return Page(
            bucket, expression, candidates, request.Prefix, request.Delimiter, new(request.KeyMarker, request.VersionIdMarker), request.Limit, ct);
    }

    private async ValueTask<Result<VersionPage>> Page(
        Bucket bucket, SearchExpression expression, ICandidates candidates, string prefix, string? delimiter, SearchPlace place, int limit, CancellationToken ct)
    {
        if (limit <= 0) return new VersionPage([], null, null);
        var location = locations.Named(bucket.LocationConstraint);
        var late = KeyWalk.Page(clock);
        List<VersionEntry> page = [];
        var looked = 0;
        try
        {
            while (true)
            {
                string? behind = null;
                await foreach (var entry in candidates.From(place, ct))
                {
                    if (looked == MostLooked || (looked > 0 && late.IsLate)) return new VersionPage(page, place.Key, place.VersionId);
                    looked++;
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
