using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// How they go.
public sealed partial class Buckets
{
    /// <summary>
    /// Begins the removal of a bucket with all that is in it: from now on it is gone to clients. Whoever calls it has sent the message of the
    /// job that empties and removes it. Refuses with <see cref="Refusal.NoSuchBucket"/>, and what the check refuses; with
    /// <see cref="Refusal.Locked"/> where versions in it can be locked and there are any.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="check">Whether it may still be removed as it is now; null for nothing.</param>
    /// <param name="ct">Gives up before the mark.</param>
    public async ValueTask<Result<Bucket>> Empty(Bucket bucket, Func<Bucket, Declined?> check, CancellationToken ct)
    {
        if (bucket.Get(BucketSettings.ObjectLock) is not null && await HasObjects(bucket, ct))
            return Refusal.Locked.Because("Versions in it can be locked: remove them one by one.");
        return await Mark(bucket, now => now with { Emptying = clock.GetUtcNow() }, check, ct);
    }

    /// <summary>Takes back what <see cref="Empty"/> began: what is left is there again.</summary>
    public async ValueTask StopEmptying(Bucket bucket, CancellationToken ct)
    {
        while (await Read(bucket.Name, ct) is { } read && read.Bucket.Id == bucket.Id && read.Bucket.Emptying is not null)
            if (await Write(read.Bucket with { Emptying = null }, Condition.Is(read.Stamp), ct)) return;
    }

    private async ValueTask<Result<Bucket>> Mark(Bucket bucket, Func<Bucket, Bucket> next, Func<Bucket, Declined?> check, CancellationToken ct)
    {
        for (var attempt = 0; attempt < ChangeAttempts; attempt++)
        {
            if (await Read(bucket.Name, ct) is not { } read || read.Bucket.Id != bucket.Id || read.Bucket is not { Deleting: null, Emptying: null })
                return Refusal.NoSuchBucket;
            if (bucket.Permit is not null && !await bucket.Permit(read.Bucket, ct)) return Refusal.Forbidden;
            if (check(read.Bucket) is { } declined) return declined;
            var marked = next(read.Bucket);
            if (await Write(marked, Condition.Is(read.Stamp), ct)) return marked;
        }
        return Refusal.Conflict;
    }

    /// <summary>A marked bucket without the mark, where that is so old that its maker is dead or stalled; else null.</summary>
    private async ValueTask<Bucket?> Unmarked(ReadBucket marked, CancellationToken ct)
    {
        if (clock.GetUtcNow() - marked.Bucket.Deleting < MarkLife + consistency.Obeyed) return null;
        // Taking the mark back refuses a removal that still might come.
        var bucket = marked.Bucket with { Deleting = null };
        return await Write(bucket, Condition.Is(marked.Stamp), ct) ? bucket : null;
    }

    /// <summary>
    /// Removes an empty bucket, with the unfinished uploads in it; refuses with <see cref="Refusal.BucketNotEmpty"/>. It is
    /// marked first, so that no commit can slip in behind the look that finds it empty; where there are other instances, that
    /// takes until all of them obey (<see cref="Consistency.Obeyed"/>), and a tombstone stays.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="token">The request; see <see cref="WasDeletedBy"/>.</param>
    /// <param name="ct">Takes the deletion back.</param>
    public async ValueTask<Result<Bucket>> Delete(Bucket bucket, RequestToken? token, CancellationToken ct)
    {
        if (await HasObjects(bucket, ct)) return Refusal.BucketNotEmpty;
        if (await Read(bucket.Name, ct) is not { } read || read.Bucket.Id != bucket.Id) return Refusal.NoSuchBucket;

        if (read.Bucket.Deleting is not null) return Refusal.Conflict;
        var marked = read.Bucket with { Deleting = clock.GetUtcNow() };
        if (!await Write(marked, Condition.Is(read.Stamp), ct)) return Refusal.Conflict;
        try
        {
            var removed = await Remove(marked, token, ct);
            if (removed.Refusal is not null) await Unmark(marked);
            return removed;
        }
        catch
        {
            // Until the mark is gone, the bucket is to nobody.
            await Unmark(marked);
            throw;
        }
    }

    /// <inheritdoc cref="Delete(Bucket, RequestToken?, CancellationToken)"/>
    public ValueTask<Result<Bucket>> Delete(Bucket bucket, CancellationToken ct) => Delete(bucket, null, ct);

    /// <summary>Whether a bucket of that name was removed by this very request, sent before.</summary>
    public ValueTask<bool> WasDeletedBy(string name, RequestToken token, CancellationToken ct) => tombstones.IsOf(name, token, ct);

    private async ValueTask<Result<Bucket>> Remove(Bucket marked, RequestToken? token, CancellationToken ct)
    {
        await gate.Drained(marked.Id).WaitAsync(ct);
        // Those of other instances, that have not seen the mark.
        if (consistency.IsShared) await Task.Delay(consistency.Obeyed, clock, ct);
        if (await Read(marked.Name, ct) is not { } mark || mark.Bucket.Id != marked.Id) return Refusal.NoSuchBucket;
        // Another mark, or none: somebody thought this deletion dead, and commits may have come in since.
        if (mark.Bucket.Deleting != marked.Deleting) return Refusal.Conflict;
        if (await HasObjects(marked, ct) || !await uploads.AbortAll(marked, ct)) return Refusal.BucketNotEmpty;

        if (marked.Get(BucketSettings.Versioning) is not null) await RemoveHighWaters(marked, ct);
        var listed = await buckets.Get(new(ListOf(marked.OwnerId), marked.Name), ct);
        if (consistency.IsShared) await tombstones.Raise(marked, token, ct);
        // Objects that are gone may have left some.
        if (marked.Get(BucketSettings.SearchIndex) is not null) await DropSearchEntries.Announce(queue, marked, null, clock, ct);
        // Tells bytes that are found later, and nobody's, from those of another installation. Of a bucket that stays after all it says nothing.
        await buckets.Apply(RemovedPartition, [State.Change.Put(marked.Id, Condition.Any, StoredJson.Write(clock.GetUtcNow(), StateJson.Default.DateTimeOffset))], ct);
        List<State.Change> changes = [State.Change.Delete(BucketRow, Condition.Is(mark.Stamp))];
        foreach (var (setting, _) in mark.Bucket.Settings.Stored()) changes.Add(State.Change.Delete(SettingRows + setting, Condition.Any));
        var removed = await Settled(buckets.Apply(PartitionOf(marked.Name), changes, CancellationToken.None));
        cache.Forget(marked.Name);
        if (!removed) return Refusal.Conflict;
        await ForgetUsage(marked);
        // As it was read before the removal: what stands there now may be the entry of a new bucket of the name.
        if (listed is not null)
        {
            await buckets.Apply(
                ListOf(marked.OwnerId), [State.Change.Delete(marked.Name, Condition.Is(listed.Stamp))], CancellationToken.None);
        }
        return marked;
    }

    private async ValueTask ForgetUsage(Bucket gone)
    {
        try
        {
            await Usage.Forget(gone.Id, CancellationToken.None);
        }
        catch (IOException)
        {
            // Rows of a bucket that is gone mislead nobody: its id is never used again.
        }
    }

    private async ValueTask Unmark(Bucket marked)
    {
        if (await Read(marked.Name, CancellationToken.None) is { } now && now.Bucket.Id == marked.Id && now.Bucket.Deleting == marked.Deleting)
            await Write(marked with { Deleting = null }, Condition.Is(now.Stamp), CancellationToken.None);
    }

    private async ValueTask<bool> HasObjects(Bucket bucket, CancellationToken ct)
    {
        // Where there are older versions, there is a current one or a current delete marker.
        foreach (var kind in new[] { Rows.Current, Rows.Marker })
        {
            var all = KeyCodec.Prefix(Rows.ObjectSpace(bucket), kind, "");
            await foreach (var _ in objects.Scan(all, kind.ToString(), 1, ct)) return true;
        }
        return false;
    }

    /// <summary>Removes what is left of keys that had versions. Cut short, the next deletion goes on with it.</summary>
    private async ValueTask RemoveHighWaters(Bucket bucket, CancellationToken ct)
    {
        var all = KeyCodec.Prefix(Rows.ObjectSpace(bucket), Rows.HighWater, "");
        await Parallel.ForEachAsync(
            objects.Scan(all, Rows.HighWater.ToString(), null, ct),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = ct },
            async (row, stop) => await Settled(
                objects.Apply(row.Key.Partition, [State.Change.Delete(row.Key.Row, Condition.Any)], stop)));
    }
}
