using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What a verification comes by.</summary>
internal enum VerifyKind
{
    /// <summary>The newest version of a key that belongs at the site: what the site should show under the key.</summary>
    Front,

    /// <summary>An older version that belongs there.</summary>
    Older,

    /// <summary>An older version that would belong there, did the site keep versions.</summary>
    Superseded,

    /// <summary>A version that does not belong there.</summary>
    Other,

    /// <summary>The end of a key.</summary>
    End,

    /// <summary>An object of the site under whose key there is no version that belongs there.</summary>
    Extra,
}

/// <summary>A place of a verification.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The source's key; of an <see cref="VerifyKind.Extra"/>, the target's without the bucket.</param>
internal readonly record struct VerifyItem(VerifyKind Kind, string Key)
{
    /// <summary>The version; null for an end or an extra.</summary>
    public ObjectVersion? Version { get; init; }

    /// <summary>What the listing of the site tells of the key; null where it tells nothing.</summary>
    public Replica? Listed { get; init; }

    /// <summary>Whether it is the last place of a key of the source.</summary>
    public bool EndsKey { get; init; }

    /// <summary>Whether the key's front was seen, at this place or before.</summary>
    public bool HasFront { get; init; }
}

/// <summary>Walks a bucket and its copies side by side, in the order of keys.</summary>
/// <param name="table">The table of objects.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="site">The site's name.</param>
/// <param name="target">The site.</param>
/// <param name="clock">The time.</param>
internal sealed class VerifyItems(ITable table, Bucket bucket, string site, IReplicas target, TimeProvider clock)
{
    private readonly ReplicationSetting? setting = bucket.Get(BucketSettings.Replication);

    /// <summary>What the keys of the bucket's copies begin with.</summary>
    public string Prefix { get; } = target.ReplicaTraits.WholeKey ? "" : bucket.Name + "/";

    /// <summary>Whether a version belongs at the site.</summary>
    public bool Belongs(string key, ObjectVersion version) =>
        !ReplicationIntents.StaysHere(version)
        && (version.Replication?.Of(site) is not null || setting?.SitesOf(key, version).Contains(site) == true);

    /// <summary>Everything behind the cursor.</summary>
    public async IAsyncEnumerable<VerifyItem> Behind(WalkCursor? cursor, [EnumeratorCancellation] CancellationToken ct)
    {
        var all = new ListVersionsRequest { KeyMarker = cursor?.Key, VersionIdMarker = cursor?.Version };
        var walk = new VersionWalk(table, Rows.ObjectSpace(bucket)).Walk(all, new(int.MaxValue, TimeSpan.FromDays(1), clock), ct);
        await using var copies = target.List(Prefix, cursor is null ? null : Prefix + cursor.Key, ct).GetAsyncEnumerator(ct);
        var copy = await Next(copies);

        // Taken up within a key: what the listing told of it was seen.
        var key = cursor?.Version is null ? null : cursor.Key;
        var hasFront = cursor is { Version: not null, HasFront: true };
        Replica? listed = null;
        await foreach (var (name, found, _) in walk.WithCancellation(ct))
        {
            if (name != key)
            {
                if (key is not null) yield return End(key, hasFront, listed);
                for (; copy is not null && Utf8Order.Compare(KeyOf(copy), name) < 0; copy = await Next(copies)) yield return Extra(copy);
                (key, hasFront, listed) = (name, false, null);
                if (copy is not null && KeyOf(copy) == name) (listed, copy) = (copy, await Next(copies));
            }
            var version = found!;
            var kind = !Belongs(name, version) ? VerifyKind.Other
                : !hasFront ? VerifyKind.Front
                : target.ReplicaTraits.KeepsVersions ? VerifyKind.Older
                : VerifyKind.Superseded;
            hasFront |= kind == VerifyKind.Front;
            yield return new(kind, name) { Version = version, Listed = kind == VerifyKind.Front ? listed : null, HasFront = hasFront };
        }
        if (key is not null) yield return End(key, hasFront, listed);
        for (; copy is not null; copy = await Next(copies)) yield return Extra(copy);
    }

    private static VerifyItem End(string key, bool hasFront, Replica? listed) =>
        hasFront || listed is null ? new(VerifyKind.End, key) { EndsKey = true, HasFront = hasFront } : new(VerifyKind.Extra, key) { EndsKey = true, Listed = listed };

    private VerifyItem Extra(Replica copy) => new(VerifyKind.Extra, KeyOf(copy)) { Listed = copy };

    private string KeyOf(Replica copy) => copy.Key[Prefix.Length..];

    private static async ValueTask<Replica?> Next(IAsyncEnumerator<Replica> copies) => await copies.MoveNextAsync() ? copies.Current : null;
}
