using System.Globalization;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What a look at a copy came to.</summary>
internal enum CheckResult
{
    /// <summary>The copy is as it should be.</summary>
    Same,

    /// <summary>It is on its way, or the source changed under the look.</summary>
    Pending,

    /// <summary>It differs.</summary>
    Different,

    /// <summary>There is nothing to look at.</summary>
    None,
}

/// <summary>What a look at a copy came to.</summary>
/// <param name="Result">That.</param>
/// <param name="Difference">Where it differs: how.</param>
internal readonly record struct Checked(CheckResult Result, Difference? Difference = null)
{
    /// <summary>The copy that was found the same; null for a delete marker.</summary>
    public Replica? At { get; init; }
}

/// <summary>
/// Compares versions with their copies. What differs is looked at again, at the source and at the target, before it is told: what
/// changes while it is looked at is no difference.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="site">The site's name.</param>
/// <param name="target">The site.</param>
/// <param name="items">What belongs there.</param>
internal sealed class CopyCheck(ITable table, Bucket bucket, string site, IReplicas target, VerifyItems items)
{
    /// <summary>Characters of what is told of a difference: the row of the walk holds a hundred.</summary>
    private const int MostTold = 500;

    private readonly VersionRows rows = new(table);

    /// <summary>Looks at one place.</summary>
    public ValueTask<Checked> Look(VerifyItem item, CancellationToken ct) => item.Kind switch
    {
        VerifyKind.Front or VerifyKind.Older => Version(item, ct),
        VerifyKind.Extra => Extra(item, ct),
        _ => new(new Checked(CheckResult.None)),
    };

    /// <summary>Whether the version, and what it says of its copy, are what they were.</summary>
    public async ValueTask<bool> Stands(string key, ObjectVersion version, bool isFront, CancellationToken ct)
    {
        var (head, found) = await rows.Find(Address(key), version.PublicId, isVersioned: true, ct);
        return found?.Version is { } now && now.Sequence == version.Sequence && now.Replication?.Of(site) == version.Replication?.Of(site)
            && !(isFront && head.Current!.Version is { } newest && newest.Sequence > version.Sequence && items.Belongs(key, newest));
    }

    private async ValueTask<Checked> Version(VerifyItem item, CancellationToken ct)
    {
        var (key, version, isFront) = (item.Key, item.Version!, item.Kind == VerifyKind.Front);
        var state = version.Replication?.Of(site);
        if (state is { Status: ReplicationStatus.Pending }) return new(CheckResult.Pending);
        Difference? difference;
        Replica? at = null;
        if (state is null) difference = new(key, Reasons.Unqueued);
        else if (state.Status == ReplicationStatus.Failed) difference = new(key, Reasons.Failed);
        else if (version.IsDeleteMarker && !isFront) difference = await Marker(key, state, ct);
        else
        {
            var isListed = isFront && item.Listed is not null;
            difference = isListed && !version.IsDeleteMarker ? Compare(key, version, state, item.Listed!) : null;
            if (difference is null || isListed)
            {
                at = item.Listed is { IsWhole: true } ? item.Listed : await Find(key, state, isFront, ct);
                difference = Judge(key, version, state, at);
            }
            if (difference is not null)
            {
                // A listing may be late, and a copy may have been written since.
                at = await Find(key, state, isFront, ct);
                difference = Judge(key, version, state, at);
            }
        }
        if (difference is null) return new(CheckResult.Same) { At = at };
        return await Stands(key, version, isFront, ct)
            ? new(CheckResult.Different, difference with { VersionId = version.PublicId })
            : new(CheckResult.Pending);
    }

    /// <summary>Of markers that hide the object no more. One without an id was never made: there was nothing to hide.</summary>
    private async ValueTask<Difference?> Marker(string key, SiteState state, CancellationToken ct) =>
        state.VersionId is not { } id || await target.IsMarker(items.Prefix + key, id, ct) ? null : new(key, Reasons.Missing) { Expected = "a delete marker" };

    private ValueTask<Replica?> Find(string key, SiteState state, bool isFront, CancellationToken ct) =>
        isFront || state.VersionId is not null ? target.Find(items.Prefix + key, isFront ? null : state.VersionId, ct) : default;

    private async ValueTask<Checked> Extra(VerifyItem item, CancellationToken ct)
    {
        var copy = item.Listed!;
        // A key that is none here can be no version's.
        if (item.Key.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(item.Key) <= KeyCodec.KeyBytes)
        {
            var address = Address(item.Key);
            if ((await rows.Newest(address, isVersioned: true, ct)).Current is { } newest)
            {
                if (items.Belongs(item.Key, newest.Version)) return new(CheckResult.Pending);
                await foreach (var older in rows.Older(address, ct))
                    if (items.Belongs(item.Key, older.Version)) return new(CheckResult.Pending);
            }
        }
        return await target.Find(copy.Key, null, ct) is null
            ? new(CheckResult.None)
            : new(CheckResult.Different, new(copy.Key, Reasons.Extra) { Found = $"{copy.Size} bytes, ETag {copy.ETag}" });
    }

    private Difference? Judge(string key, ObjectVersion version, SiteState state, Replica? at)
    {
        if (version.IsDeleteMarker) return at is null ? null : new(key, Reasons.NotDeleted) { Expected = "nothing", Found = $"{at.Size} bytes" };
        if (at is null) return new(key, Reasons.Missing) { Expected = $"{version.Size} bytes" };
        if (Compare(key, version, state, at) is { } difference) return difference;
        var mark = at.Metadata.GetValueOrDefault(ReplicationState.VersionMark);
        if (mark != version.PublicId) return new(key, Reasons.Mark) { Expected = version.PublicId, Found = mark ?? "no mark" };
        if (Said(CopyToSite.MetadataOf(version), at.Metadata) is var (should, does)) return new(key, Reasons.Metadata) { Expected = should, Found = does };
        // A service may give a type to what came without one.
        var headers = at.Headers.Where(each => version.Headers.ContainsKey(each.Key) || !each.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
        if (Said(version.Headers, headers.ToDictionary(StringComparer.OrdinalIgnoreCase)) is var (said, says)) return new(key, Reasons.Headers) { Expected = said, Found = says };
        if (target.ReplicaTraits.HasTags && !AreSame(version.Tags, at.Tags)) return new(key, Reasons.Tags) { Expected = Told(version.Tags), Found = Told(at.Tags) };
        return null;
    }

    /// <summary>What a listing tells too.</summary>
    private static Difference? Compare(string key, ObjectVersion version, SiteState state, Replica at) =>
        at.Size != version.Size ? new(key, Reasons.Size) { Expected = Told(version.Size), Found = Told(at.Size) }
        : state.ETag is { } etag && at.ETag != etag ? new(key, Reasons.ETag) { Expected = etag, Found = at.ETag }
        : null;

    /// <summary>
    /// What should be said of a copy and is not, and what is instead; null where all is. Some services (Ceph) take an underscore in a
    /// name for a dash.
    /// </summary>
    private static (string Expected, string Found)? Said(IReadOnlyDictionary<string, string> should, IReadOnlyDictionary<string, string> does)
    {
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        List<string> expected = [], found = [];
        foreach (var (name, value) in should)
        {
            var told = does.ContainsKey(name) ? name : name.Replace('_', '-');
            seen.Add(told);
            if (does.GetValueOrDefault(told) is var now && now == value) continue;
            expected.Add($"{name}: {value}");
            if (now is not null) found.Add($"{told}: {now}");
        }
        found.AddRange(does.Where(each => !seen.Contains(each.Key)).Select(each => $"{each.Key}: {each.Value}"));
        return expected.Count + found.Count == 0 ? null : (All(expected), All(found));

        static string All(List<string> said)
        {
            said.Sort(StringComparer.Ordinal);
            var text = said.Count == 0 ? "nothing" : string.Join(", ", said);
            return text.Length <= MostTold ? text : text[..MostTold] + "…";
        }
    }

    private static bool AreSame(IReadOnlyDictionary<string, string>? a, IReadOnlyDictionary<string, string> b) =>
        (a?.Count ?? 0) == b.Count && (a is null || a.All(tag => b.TryGetValue(tag.Key, out var value) && value == tag.Value));

    private static string Told(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    private static string Told(IReadOnlyDictionary<string, string>? tags) =>
        tags is null or { Count: 0 } ? "no tags" : string.Join('&', tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));

    private KeyAddress Address(string key) => KeyCodec.Address(Rows.ObjectSpace(bucket), key);
}
