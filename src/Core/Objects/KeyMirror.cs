using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Makes the rows of a key of a mirrored bucket say what its source says: the same versions and delete markers in the same order,
/// under the same ids. What it commits stands on what was read before the source was asked, so that whoever was faster is not undone.
/// </summary>
internal sealed class KeyMirror(ITable table, Buckets buckets, LocationCatalog locations, FollowUps followUps, ObjectOptions options, TimeProvider clock)
{
    /// <summary>Versions of a key that are mirrored; older ones are not.</summary>
    public const int MostVersions = 50_000;

    /// <summary>Versions whose metadata is asked for side by side.</summary>
    private const int Width = 4;

    /// <summary>Changes of one commit; what a version brings with it (its id's row, its copies) must have room besides.</summary>
    private const int AtOnce = 40;

    private static readonly System.Buffers.SearchValues<char> Plain = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF-");

    private readonly VersionRows rows = new(table);
    private readonly SearchEntries search = new(table, locations, clock);

    /// <summary>The source of a mirrored bucket.</summary>
    public async ValueTask<IReplicas> Source(Bucket bucket, CancellationToken ct)
    {
        var name = bucket.Get(BucketSettings.Mirror)!.Location;
        return await locations.Find(name, ct) as IReplicas ?? throw new LocationUnavailableException(name, $"The location '{name}', which the bucket '{bucket.Name}' mirrors, is not there any more.");
    }

    /// <summary>Whether what is here is what a listing of the source tells of the key: by it, nothing needs to be asked.</summary>
    public static bool IsSame(IReadOnlyList<ObjectVersion> here, IReadOnlyList<SourceVersion> there)
    {
        if (here.Count != Math.Min(there.Count, MostVersions)) return false;
        for (var i = 0; i < here.Count; i++)
            if (!IsSame(here[i], there[i])) return false;
        return true;
    }

    /// <summary>What the source has of the key now, the newest first.</summary>
    public static async ValueTask<IReadOnlyList<SourceVersion>> VersionsAt(IReplicas source, string key, CancellationToken ct)
    {
        List<SourceVersion> found = [];
        await foreach (var version in source.ListVersions(key, null, ct))
        {
            if (version.Key != key || found.Count == MostVersions) break; // longer keys come behind it
            found.Add(version);
        }
        return found;
    }

    /// <summary>
    /// Brings the key up to date; what was found new there, or null where the bucket is gone. Throws what the source throws.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="listed">What a listing told of a key that was not here then; null to ask. More is asked for later, where that may wait.</param>
    /// <param name="ct">Ends it between two commits.</param>
    public async ValueTask<Result<KeyMirrored>> Update(Bucket bucket, string key, IReadOnlyList<SourceVersion>? listed, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var source = await Source(bucket, ct);
        using var attempts = buckets.Turns.Of(address.Partition);
        while (await attempts.Next(ct))
        {
            List<VersionRows.Found> here = [];
            List<ObjectVersion> wanted;
            if (listed is not null)
            {
                wanted = SourceDetails.MayWait(bucket) ? InOrder([.. listed.Take(MostVersions).Select(version => Listed(bucket, version))]) : await Wanted(source, bucket, here, listed, ct);
                listed = null; // it is older at the next attempt
            }
            else
            {
                here = await Here(address, ct);
                var there = await VersionsAt(source, key, ct);
                if (IsSame([.. here.Select(found => found.Version)], there)) return new KeyMirrored(0, here.FirstOrDefault()?.Version);
                wanted = await Wanted(source, bucket, here, there, ct);
            }
            if (await Commit(bucket, key, address, here, wanted, ct) is { } done) return done;
        }
        return Refusal.Unavailable;
    }

    /// <summary>Removes what is here of the key; the source is not asked.</summary>
    public async ValueTask<Result<KeyMirrored>> Forget(Bucket bucket, string key, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        using var attempts = buckets.Turns.Of(address.Partition);
        while (await attempts.Next(ct))
            if (await Commit(bucket, key, address, await Here(address, ct), [], ct) is { } done) return done;
        return Refusal.Unavailable;
    }

    private async ValueTask<List<VersionRows.Found>> Here(KeyAddress address, CancellationToken ct)
    {
        List<VersionRows.Found> here = [];
        // Versioned or not: a source may begin to keep versions.
        var head = await rows.Newest(address, isVersioned: true, ct);
        if (head.Current is null) return here;
        here.Add(head.Current);
        // Two who found nothing have made both; what the source says settles it.
        if (head.Rival is not null) here.Add(head.Rival);
        await foreach (var older in rows.Older(address, ct))
            if (older.Version.Sequence < head.Current.Version.Sequence) here.Add(older);
        return here;
    }

    private static bool IsSame(ObjectVersion here, SourceVersion there) =>
        here.IsDeleteMarker == there.IsMarker && here.Body.Source?.VersionId == there.VersionId && IsSameNull(here, there);

    // A version's bytes never change; what has no id is told by what is known of it.
    private static bool IsSameNull(ObjectVersion here, SourceVersion there) =>
        there.VersionId is not null || (here.Size == there.Size && ETagAt(here) == there.ETag && here.Modified == ToMilliseconds(there.Modified));

    /// <summary>The versions as they are to be, the newest first; those that are here stay as they are.</summary>
    private async ValueTask<List<ObjectVersion>> Wanted(
        IReplicas source, Bucket bucket, List<VersionRows.Found> here, IReadOnlyList<SourceVersion> there, CancellationToken ct)
    {
        var known = here.Select(found => found.Version).ToLookup(version => version.Body.Source?.VersionId ?? "");
        var made = new ObjectVersion?[Math.Min(there.Count, MostVersions)];
        await Parallel.ForAsync(0, made.Length, new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = ct }, async (i, stop) =>
            made[i] = known[there[i].VersionId ?? ""].FirstOrDefault(version => IsSame(version, there[i])) ?? await New(source, bucket, there[i], stop));
        return InOrder(made);
    }

    /// <summary>From the oldest on, each is newer than the one before, whatever the clock there said.</summary>
    private static List<ObjectVersion> InOrder(ObjectVersion?[] made)
    {
        var wanted = new List<ObjectVersion>(made.Length);
        long last = 0;
        for (var i = made.Length - 1; i >= 0; i--)
        {
            if (made[i] is not { } version) continue;
            last = VersionRows.NextSequence(version.Sequence, last, version.IsDeleteMarker);
            wanted.Add(version.Sequence == last ? version : version with { Sequence = last });
        }
        wanted.Reverse();
        if (wanted.Count > 1) wanted[0] = wanted[0] with { NullSequence = wanted.Skip(1).FirstOrDefault(version => version.IsNull)?.Sequence };
        return wanted;
    }

    /// <summary>A version that was not known; null where it has gone since it was listed.</summary>
    private async ValueTask<ObjectVersion?> New(IReplicas source, Bucket bucket, SourceVersion listed, CancellationToken ct)
    {
        var version = Listed(bucket, listed);
        if (listed.IsMarker) return version;
        if (await source.Find(listed.Key, listed.VersionId, ct) is not { } found) return null;
        // Without versions, what is there now counts. A HEAD tells the time in seconds, which is less than a listing may tell.
        if (listed.VersionId is null && (found.ETag != listed.ETag || found.Size != listed.Size))
            version = version with { Size = found.Size, ETag = ETagOf(found.ETag), Modified = ToMilliseconds(found.Modified), Body = new() { Source = At(bucket, null, found.ETag) } };
        return SourceDetails.Of(version, found);
    }

    /// <summary>A version as a listing tells.</summary>
    private ObjectVersion Listed(Bucket bucket, SourceVersion listed)
    {
        var modified = ToMilliseconds(listed.Modified);
        return new()
        {
            Size = listed.Size, ETag = ETagOf(listed.ETag), Modified = modified, Sequence = Rows.Microseconds(modified), Id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow())),
            IsNull = listed.VersionId is null || bucket.Get(BucketSettings.Versioning) is null, IsDeleteMarker = listed.IsMarker,
            Body = new() { Source = At(bucket, listed.VersionId, listed.ETag) with { IsListed = !listed.IsMarker } },
        };
    }

    /// <summary>Null where the key was changed meanwhile.</summary>
    private async ValueTask<Result<KeyMirrored>?> Commit(
        Bucket bucket, string key, KeyAddress address, List<VersionRows.Found> here, List<ObjectVersion> wanted, CancellationToken ct)
    {
        var before = here.ToDictionary(found => found.Row.Key.Row, StringComparer.Ordinal);
        var known = here.Select(found => found.Version.Id).ToHashSet(StringComparer.Ordinal);
        // Older ones first, the newest behind them, then what goes: cut off in between, there is too much rather than too little.
        List<(ObjectVersion? Made, ObjectVersion? Gone, Change Change)> steps = [];
        HashSet<string> kept = new(StringComparer.Ordinal);
        for (var i = wanted.Count - 1; i >= 0; i--)
        {
            var version = wanted[i];
            var row = i == 0 ? VersionRows.CurrentRow(address, version) : VersionRows.OlderRow(address, version);
            kept.Add(row);
            var was = before.GetValueOrDefault(row);
            if (was is not null && was.Version.Id == version.Id && was.Version.NullSequence == version.NullSequence) continue;
            var isNew = known.Add(version.Id);
            // Where it takes another's row, that one is gone with it.
            var gone = was is not null && was.Version.Id != version.Id && !wanted.Exists(each => each.Id == was.Version.Id) ? was.Version : null;
            var written = i == 0 ? VersionRows.Write(version) : VersionRows.WriteOlder(version);
            var condition = was is not null ? Condition.Is(was.Row.Stamp) : i == 0 ? Condition.Absent : Condition.Any;
            steps.Add((isNew ? version : null, gone, Change.Put(row, condition, written)));
            // The newest is found by its id without; it gets its row when it is not that any more.
            if (i > 0 && version.Body.Source!.VersionId is { } id) steps.Add((null, null, VersionRows.SourceRow(address, id, version.Sequence)));
        }
        foreach (var (row, found) in before)
        {
            if (kept.Contains(row)) continue;
            var gone = wanted.Exists(each => each.Id == found.Version.Id) ? null : found.Version;
            steps.Add((null, gone, Change.Delete(row, Condition.Is(found.Row.Stamp))));
            if (gone?.Body.Source?.VersionId is { } id) steps.Add((null, null, Change.Delete(VersionRows.SourceRow(address, id), Condition.Any)));
        }

        var made = 0;
        foreach (var some in steps.Chunk(AtOnce))
        {
            var entering = await buckets.Enter(bucket, ct);
            if (entering.Refusal is not null) return entering.As<KeyMirrored>();
            using var entered = entering.Value;
            if (!SourceDetails.MayWait(entered.Bucket) && some.Any(step => step.Made is { } made && SourceDetails.AreMissing(made))) return null;
            List<ReplicationIntents> copies = [];
            List<Change> changes = [];
            foreach (var (version, gone, change) in some)
            {
                var put = change;
                if ((version ?? gone) is { } subject && entered.Bucket.Emptying is null && EventIntents.For(entered.Bucket, followUps, options, clock) is { } events)
                {
                    var name = version is null ? EventNames.Deleted : version.IsDeleteMarker ? EventNames.MarkerCreated : EventNames.Put;
                    var order = version?.Sequence ?? Math.Max(Rows.Microseconds(clock.GetUtcNow()), subject.Sequence + 1);
                    await events.Add(changes.Add, address, entered.Bucket, key, name, subject, order, null, ct);
                }
                if (version is not null && ReplicationIntents.Of(entered.Bucket, key, version) is { } state && !version.IsNull)
                {
                    var copied = version with { Replication = state };
                    put = Change.Put(change.Row, change.Condition, VersionRows.Write(copied));
                    copies.Add(new(followUps, options, clock));
                    await copies[^1].Add(changes.Add, address, entered.Bucket, key, copied, ct);
                }
                if (version is not null) await search.Write(entered.Bucket, key, version, null, ct);
                changes.Add(put);
            }
            var usage = some.Aggregate(
                default(UsageChange), (sum, step) => sum + buckets.Locations.Of(bucket, step.Made) - buckets.Locations.Of(bucket, step.Gone));
            switch (await entered.Commit(table, address.Partition, changes, usage, null))
            {
                case Outcome.Committed:
                    foreach (var copy in copies) copy.Count();
                    made += some.Count(step => step.Made is not null);
                    continue;
                case Outcome.Unknown:
                    throw new UnknownOutcomeException();
                default:
                    return null;
            }
        }
        return new KeyMirrored(Math.Max(made, 1), wanted.FirstOrDefault());
    }

    /// <summary>The ETag that S3's clients are told: they take hexadecimal digits for an MD5, and anything else (Azure's) for damage.</summary>
    public static string ETagOf(string there) => IsPlain(there) ? there : BlobStates.ETagOf(there, 1);

    /// <summary>The ETag of a version at its source.</summary>
    public static string ETagAt(ObjectVersion version) => version.Body.Source?.ETag ?? version.ETag;

    private static SourcePlace At(Bucket bucket, string? versionId, string etag) =>
        new(bucket.Get(BucketSettings.Mirror)!.Location, versionId) { ETag = IsPlain(etag) ? null : etag };

    private static bool IsPlain(string etag) => etag.Length == 0 || (etag.Length >= 32 && !etag.AsSpan().ContainsAnyExcept(Plain));

    // As rows and clients have times.
    private static DateTimeOffset ToMilliseconds(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
}

/// <summary>What became of a key that was mirrored.</summary>
/// <param name="Changed">Versions that were new, or 1 where some have gone only; 0 where it was up to date.</param>
/// <param name="Newest">The newest version; null where there is none.</param>
internal readonly record struct KeyMirrored(int Changed, ObjectVersion? Newest);
