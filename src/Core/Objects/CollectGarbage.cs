using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Removes bytes that a commit left without an owner: of replaced and deleted versions, and of uploads that have ended.
/// Finishes uploads whose Complete was cut off.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes what follows a commit.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="locations">Where the bytes are.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
public sealed class CollectGarbage(
    ITable table, IQueue queue, Buckets buckets, LocationCatalog locations, ObjectOptions options, TimeProvider clock) : IJob
{
    /// <summary>The name of its queue.</summary>
    public const string QueueName = "garbage";

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly FollowUps followUps = new(table, queue, clock);
    private readonly Manifests manifests = new(table);
    private readonly PageRows pages = new(table);
    private readonly VersionRows versions = new(table);
    private readonly UploadRows uploads = new(table, new FollowUps(table, queue, clock), clock);
    private readonly Completion completion = new(table, queue, buckets, options, clock);

    /// <inheritdoc/>
    public string Queue => QueueName;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var followUp = StoredJson.Read(message, StateJson.Default.FollowUp);
        var (garbage, otherwise) = await followUps.Settle(followUp, ct);
        if (garbage is null) return otherwise;

        if (garbage.Upload is { } uploadId)
        {
            if (await EndUpload(followUp, garbage, uploadId, ct) is { } wait) return JobOutcome.After(wait);
        }
        else if (garbage.IsStaged)
        {
            return await Unstage(followUp, garbage, ct);
        }
        else if (garbage.Until is { } until)
        {
            return await Expire(followUp, garbage, until, ct);
        }
        else
        {
            var wait = garbage.Since + options.ReadGrace - clock.GetUtcNow();
            if (wait > TimeSpan.Zero) return JobOutcome.After(wait);
            // The manifest tells which of an upload's parts became the object's: whoever removes and counts the rest needs it.
            if (garbage.Manifest is { } manifest && await HasParts(followUp, garbage.Replaced ?? manifest, ct)) return JobOutcome.After(LookAgain);
            await Remove(KeyCodec.Address(followUp.Space, followUp.Key), garbage, ct);
        }
        await followUps.Close(followUp, ct);
        return JobOutcome.Done;
    }

    /// <summary>
    /// Removes for good what was deleted and kept for its days; from then on the message is about its bytes. What was brought back
    /// meanwhile, or removed, is nobody's matter any more; what was deleted again has a message of its own.
    /// </summary>
    private async ValueTask<JobOutcome> Expire(FollowUp followUp, Garbage garbage, DateTimeOffset until, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now < until) return JobOutcome.After(VersionWriter.ExpiryOf(until, now));
        var address = KeyCodec.Address(followUp.Space, followUp.Key);
        VersionRows.Found? found = null;
        await foreach (var kept in versions.Kept(address, ct))
            if (kept.Version.Id == garbage.Kept && kept.Version.Blob!.Deleted!.Until == until) found = kept;
        if (found is null)
        {
            await followUps.Close(followUp, ct);
            return JobOutcome.Done;
        }
        var step = new VersionChanges(address);
        step.DeleteRow(found);
        step.Remove(found.Version);
        var left = new Garbage { Since = now, Body = found.Version.Body.Stored, Manifest = found.Version.Body.Manifest, Pages = found.Version.Body.Pages };
        step.Add(Change.Put(followUp.Row.Row, Condition.Any, StoredJson.Write(left, StateJson.Default.Garbage)));
        // Of a bucket that is gone nothing is counted any more.
        var bucket = await buckets.FindAny(garbage.Bucket!, ct);
        var outcome = bucket is null || Rows.ObjectSpace(bucket) != followUp.Space
            ? await table.Apply(address.Partition, step.All, ct)
            : await buckets.Usage.Apply(table, bucket.Counted, address.Partition, step.All, default(UsageChange) - locations.Of(bucket, found.Version), ct);
        return JobOutcome.After(outcome == Outcome.Committed ? options.ReadGrace : TimeSpan.Zero);
    }

    /// <summary>Waits for who puts rows together; who is still at it after that finds the intent changed, and commits nothing.</summary>
    private async ValueTask<JobOutcome> Unstage(FollowUp followUp, Garbage garbage, CancellationToken ct)
    {
        var wait = garbage.Since + FollowUps.FenceLife - clock.GetUtcNow();
        if (wait > TimeSpan.Zero) return JobOutcome.After(wait);
        if (await table.Get(followUp.Row, ct) is { } row)
        {
            var left = garbage with { IsStaged = false, Since = clock.GetUtcNow() - options.ReadGrace };
            await table.Apply(row.Key.Partition, [Change.Put(row.Key.Row, Condition.Is(row.Stamp), StoredJson.Write(left, StateJson.Default.Garbage))], ct);
        }
        return JobOutcome.After(TimeSpan.Zero);
    }

    private async ValueTask<bool> HasParts(FollowUp followUp, ManifestPlace manifest, CancellationToken ct)
    {
        var address = KeyCodec.Address(followUp.Space, followUp.Key).InUploads();
        await foreach (var _ in table.Scan(RowsOf(address, Rows.Part, manifest.Upload), null, 1, ct)) return true;
        return false;
    }

    private async ValueTask Remove(KeyAddress address, Garbage garbage, CancellationToken ct)
    {
        // Nobody but the version that was replaced may own these bytes. Looking once more costs little; bytes that turned
        // out to be owned after all would be lost for good.
        // Only the null version takes the bytes of another over; it is among these two.
        var (_, current) = await versions.Find(address, null, isVersioned: true, ct);
        var (_, unversioned) = await versions.Find(address, "null", isVersioned: true, ct);
        BodyPlace?[] places = [current?.Version.Body, unversioned?.Version.Body];
        if (garbage.Body is { } body)
        {
            if (places.Any(place => place?.Stored?.Name == body.Name)) throw new InvalidOperationException($"The bytes {body.Name} are to be removed, but are in use.");
            await Delete(body, ct);
        }
        if (garbage.Manifest is { } manifest)
        {
            var gone = garbage.Replaced ?? manifest;
            if (places.Any(place => place?.Manifest?.Id == gone.Id)) throw new InvalidOperationException($"The parts {gone.Id} are to be removed, but are in use.");
            var inUse = garbage.Replaced is null || manifest.Parts == 0 ? [] : await Names(address.InUploads(), places, ct);
            await foreach (var part in manifests.Remaining(address.InUploads(), manifest, ct))
            {
                if (part.Stored is not { } stored) continue;
                if (inUse.Contains(stored.Name)) throw new InvalidOperationException($"The bytes {stored.Name} are to be removed, but are in use.");
                await Delete(stored, ct);
            }
            await manifests.Delete(address.InUploads(), manifest, ct);
            if (garbage.Replaced is { } replaced) await manifests.Delete(address.InUploads(), replaced, ct);
        }
        if (garbage.Pages is { } blob)
        {
            if (places.Any(place => place?.Pages?.Id == blob.Id)) throw new InvalidOperationException($"The pages {blob.Id} are to be removed, but are in use.");
            var removals = new Removals(table, address.Partition);
            var others = await pages.Others(address, blob, ct);
            await foreach (var chunk in pages.All(address, blob, ct))
            {
                // Two that are removed at once must not each leave to the other what both name.
                if (others.Count > 0) await table.Apply(address.Partition, [PageRows.Put(address, blob, chunk.Index, chunk.Chunk with { Runs = [] }, chunk.Revision)], ct);
                var shared = await pages.Named(address, others, chunk.Index, ct);
                foreach (var page in chunk.Chunk.Bodies)
                    if (!shared.Contains(page.Stored.Name)) await Delete(page.Stored, ct);
                await removals.Add(chunk.Row.Key.Row, ct);
            }
            await removals.Flush(ct);
        }
        if (garbage.Lost is { } lost) await Remove(address, lost, ct);
    }

    /// <summary>Removes bodies of pages that were overwritten, and the rows of chunks where nothing is any more.</summary>
    private async ValueTask Remove(KeyAddress address, LostPages lost, CancellationToken ct)
    {
        HashSet<string> used = [], shared = [];
        var others = await pages.Others(address, lost.Place, ct);
        foreach (var index in lost.Chunks)
        {
            shared.UnionWith(await pages.Named(address, others, index, ct));
            foreach (var chunk in await pages.Scan(address, lost.Place, index, index + 1, null, ct))
            {
                used.UnionWith(chunk.Chunk.Bodies.Select(body => body.Stored.Name));
                if (chunk.Chunk.Runs.Count == 0) await table.Apply(address.Partition, [Change.Delete(chunk.Row.Key.Row, Condition.Is(chunk.Row.Stamp))], ct);
            }
        }
        foreach (var body in lost.Bodies)
        {
            if (used.Contains(body.Name)) throw new InvalidOperationException($"The pages {body.Name} are to be removed, but are in use.");
            // A snapshot has it still; who removes that removes it.
            if (!shared.Contains(body.Name)) await Delete(body, ct);
        }
    }

    private async ValueTask<HashSet<string>> Names(KeyAddress address, IEnumerable<BodyPlace?> places, CancellationToken ct)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var place in places)
        {
            if (place?.Manifest is not { } manifest) continue;
            await foreach (var part in manifests.Remaining(address, manifest, ct))
                if (part.Stored is { } stored) names.Add(stored.Name);
        }
        return names;
    }

    /// <summary>Null when nothing of the upload is left to do; else how long to wait.</summary>
    private async ValueTask<TimeSpan?> EndUpload(FollowUp followUp, Garbage garbage, string uploadId, CancellationToken ct)
    {
        var address = KeyCodec.Address(followUp.Space, followUp.Key);
        var inObjects = KeyCodec.Address("o" + followUp.Space[1..], followUp.Key);
        var found = await uploads.Find(followUp.Space, followUp.Key, uploadId, ct);
        if (garbage.IsIdle) return await EndIdle(followUp, found, ct);
        switch (found?.Upload.State)
        {
            case null:
                return garbage.Aborted ? await EndAborted(address, inObjects, garbage, uploadId, ct) : null;
            case UploadState.Open:
                return null; // the Complete was taken back; whatever ends the upload later sends its own message
            case UploadState.Completing:
                // A bucket is not removed while an upload in it is being completed: where it is not found, its deletion is
                // about to be taken back.
                if (await buckets.Find(found.Upload.Bucket, ct) is { } bucket && Rows.UploadSpace(bucket) == followUp.Space) await completion.Finish(bucket, found, null, ct);
                return LookAgain;
        }
        await RemoveParts(address, found.Upload.Bucket, uploadId, found.Upload.Result!.Body.Manifest, ct);
        var wait = found.Upload.Ended!.Value + options.CompletedUploadsKept - clock.GetUtcNow();
        if (wait > TimeSpan.Zero) return wait;
        // Only now: they keep a helper that was stalled from committing the version once more.
        await RemoveRows(inObjects, Rows.Completed, uploadId, null, ct);
        await table.Apply(address.Partition, [Change.Delete(address.RowName(Rows.Ended, uploadId), Condition.Any)], ct);
        return null;
    }

    /// <summary>Aborts an upload of blocks that nobody has added to for long; what else ends it is looked after by others.</summary>
    private async ValueTask<TimeSpan?> EndIdle(FollowUp followUp, UploadRows.Found? found, CancellationToken ct)
    {
        if (found is null or { Upload.State: UploadState.Done }) return null;
        if (found.Upload.State == UploadState.Completing) return LookAgain;
        var last = found.Upload.Initiated;
        await foreach (var (part, _) in uploads.AllParts(found.Address, found.Upload.Id, 0, ct))
            if (part.Modified > last) last = part.Modified;
        var wait = last + options.BlocksKept - clock.GetUtcNow();
        if (wait > TimeSpan.Zero) return wait;
        return await uploads.Abort(followUp.Space, found, null, ct) ? null : LookAgain;
    }

    private async ValueTask<TimeSpan?> EndAborted(
        KeyAddress address, KeyAddress inObjects, Garbage garbage, string uploadId, CancellationToken ct)
    {
        await RemoveParts(address, garbage.Bucket, uploadId, null, ct);
        // A Complete that was refused before the abort left a fence, against helpers that might be under way still.
        await foreach (var _ in table.Scan(RowsOf(inObjects, Rows.Completed, uploadId), null, 1, ct))
        {
            var wait = garbage.Since + FollowUps.FenceLife - clock.GetUtcNow();
            if (wait > TimeSpan.Zero) return wait;
            await RemoveRows(inObjects, Rows.Completed, uploadId, null, ct);
        }
        return null;
    }

    /// <summary>Removes the parts that are not of the manifest, and all rows of parts and of other manifests.</summary>
    private async ValueTask RemoveParts(KeyAddress address, string? bucketName, string uploadId, ManifestPlace? manifest, CancellationToken ct)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        if (manifest is not null)
        {
            await foreach (var part in manifests.Remaining(address, manifest, ct))
                if (part.Stored is { } stored) kept.Add(stored.Name);
        }
        // Of a bucket that is gone nothing is counted any more.
        var bucket = bucketName is null ? null : await buckets.FindAny(bucketName, ct);
        if (bucket is not null && !address.Partition.StartsWith(Rows.UploadSpace(bucket), StringComparison.Ordinal)) bucket = null;
        List<Change> some = [];
        var gone = default(UsageChange);
        await foreach (var (part, row) in uploads.AllParts(address, uploadId, 0, ct))
        {
            if (part.Stored is { } stored && !kept.Contains(stored.Name))
            {
                await Delete(stored, ct);
                if (bucket is not null) gone -= locations.Of(bucket, part);
            }
            some.Add(Change.Delete(row.Key.Row, Condition.Is(row.Stamp)));
            if (some.Count == TableLimits.Changes) await Flush();
        }
        await Flush();
        await RemoveRows(address, Rows.Manifest, uploadId, manifest?.Id, ct);

        async ValueTask Flush()
        {
            if (some.Count == 0) return;
            var outcome = bucket is null
                ? await table.Apply(address.Partition, some, ct)
                : await buckets.Usage.Apply(table, bucket.Counted, address.Partition, some, gone, ct);
            // Each is counted by who removes it: where another run is at it too, one of the two starts anew.
            if (outcome != Outcome.Committed) throw new InvalidOperationException($"The parts of the upload {uploadId} are being removed by another run.");
            some = [];
            gone = default;
        }
    }

    private async ValueTask RemoveRows(KeyAddress address, char kind, string uploadId, string? except, CancellationToken ct)
    {
        var kept = except is null ? null : address.RowName(kind, except + ".");
        var removals = new Removals(table, address.Partition);
        await foreach (var row in table.Scan(RowsOf(address, kind, uploadId), null, null, ct))
        {
            if (kept is not null && row.Key.Row.StartsWith(kept, StringComparison.Ordinal)) continue;
            await removals.Add(row.Key.Row, ct);
        }
        await removals.Flush(ct);
    }

    private static KeyRange RowsOf(KeyAddress address, char kind, string uploadId) =>
        KeyRange.Rows(address.Partition, address.RowName(kind, uploadId + "."));

    private async ValueTask Delete(Stored stored, CancellationToken ct) => await (await locations.Get(stored.Location, ct)).Delete(stored, ct);

    /// <summary>Rows to be removed, as many at a time as one commit may change: an upload may have ten thousand.</summary>
    private sealed class Removals(ITable table, string partition)
    {
        private readonly List<Change> changes = [];

        public async ValueTask Add(string row, CancellationToken ct)
        {
            changes.Add(Change.Delete(row, Condition.Any));
            if (changes.Count == TableLimits.Changes) await Flush(ct);
        }

        public async ValueTask Flush(CancellationToken ct)
        {
            if (changes.Count == 0) return;
            await table.Apply(partition, changes, ct);
            changes.Clear();
        }
    }
}
