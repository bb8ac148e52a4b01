using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The rows of uploads and their parts.</summary>
internal sealed class UploadRows(ITable table, FollowUps followUps, TimeProvider clock)
{
    /// <summary>The follow-up of an abort may begin at once: nobody reads an upload's parts.</summary>
    private static readonly TimeSpan CollectAfter = TimeSpan.FromSeconds(1);

    /// <summary>The same, where the request that aborts may come again: until then the intent tells that it was here.</summary>
    private static readonly TimeSpan CollectAfterRepeats = TimeSpan.FromMinutes(2);

    /// <summary>What uploads of blocks have as their request's token. No request's is so short.</summary>
    public const string BlocksRequest = "blocks";

    /// <summary>An upload as it was read; or, without a stamp, as it was just written.</summary>
    public sealed record Found(KeyAddress Address, Upload Upload, Stamp? Stamp);

    public async ValueTask<Found?> Find(string space, string key, string uploadId, CancellationToken ct)
    {
        var address = KeyCodec.Address(space, key);
        // In this order: an upload only ever moves from the one row to the other.
        var row = await table.Get(address.Row(Rows.Upload, uploadId), ct) ?? await table.Get(address.Row(Rows.Ended, uploadId), ct);
        return row is not null
            ? new(address, StoredJson.Read(row.Value, StateJson.Default.Upload), row.Stamp)
            : null;
    }

    /// <summary>The change that writes an upload that is not done.</summary>
    public static Change Put(KeyAddress address, Upload upload, Condition condition) =>
        Change.Put(address.RowName(Rows.Upload, upload.Id), condition, StoredJson.Write(upload, StateJson.Default.Upload));

    /// <summary>The changes that start an upload: refused where the same request has started one.</summary>
    public static IReadOnlyList<Change> Start(KeyAddress address, Upload upload)
    {
        var put = Put(address, upload, Condition.Absent);
        return upload.Request is null
            ? [put]
            : [put, Change.Put(address.RowName(Rows.Request, upload.Request), Condition.Absent, System.Text.Encoding.ASCII.GetBytes(upload.Id))];
    }

    /// <summary>The upload that a request started, while it has not ended; else null.</summary>
    public async ValueTask<Upload?> StartedBy(KeyAddress address, string request, CancellationToken ct)
    {
        if (await table.Get(address.Row(Rows.Request, request), ct) is not { } named) return null;
        var id = System.Text.Encoding.ASCII.GetString(named.Value.Span);
        return await table.Get(address.Row(Rows.Upload, id), ct) is { } row ? StoredJson.Read(row.Value, StateJson.Default.Upload) : null;
    }

    /// <summary>
    /// The upload of a key's uncommitted blocks, open or being completed; null where there is none. It stands where a request that
    /// started it would: that row goes with the upload, in one commit.
    /// </summary>
    public async ValueTask<Found?> OfBlocks(string space, string key, CancellationToken ct)
    {
        var address = KeyCodec.Address(space, key);
        // It may end between the two looks, and another be begun; more often than that is no chance.
        for (var look = 0; look < 1000; look++)
        {
            if (await table.Get(address.Row(Rows.Request, BlocksRequest), ct) is not { } named) return null;
            var id = System.Text.Encoding.ASCII.GetString(named.Value.Span);
            if (await Find(space, key, id, ct) is { Upload.State: not UploadState.Done } found) return found;
        }
        throw new InvalidDataException($"The uncommitted blocks of '{key}' belong to an upload that is not there.");
    }

    /// <summary>The changes that move an upload on from what was found.</summary>
    public static IEnumerable<Change> Move(Found found, Upload next)
    {
        var (address, _, stamp) = found;
        // Whose version is committed can only become done: whoever gets there first.
        var condition = stamp is { } read ? Condition.Is(read) : Condition.Any;
        if (next.State != UploadState.Done) return [Put(address, next, condition)];
        return
        [
            .. Forget(address, next),
            Change.Delete(address.RowName(Rows.Upload, next.Id), condition),
            Change.Put(address.RowName(Rows.Ended, next.Id), Condition.Any, StoredJson.Write(next, StateJson.Default.Upload)),
        ];
    }

    /// <summary>The row of a part: the newest of a number stands first.</summary>
    public static string PartRow(KeyAddress address, string uploadId, Part part) =>
        address.RowName(Rows.Part, $"{PartTail(uploadId, part.Name)}.{Rows.NewestFirst(part.Sequence)}");

    /// <summary>The sequence of the newest part of a name; zero where there is none.</summary>
    public async ValueTask<long> NewestSequence(KeyAddress address, string uploadId, PartName name, CancellationToken ct)
    {
        var range = KeyRange.Rows(address.Partition, address.RowName(Rows.Part, PartTail(uploadId, name) + "."));
        await foreach (var row in table.Scan(range, null, 1, ct)) return StoredJson.Read(row.Value, StateJson.Default.Part).Sequence;
        return 0;
    }

    /// <summary>The newest part of each name, in order; of those of numbers only what comes after <paramref name="after"/>.</summary>
    public async IAsyncEnumerable<Part> Parts(
        KeyAddress address, string uploadId, int after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        PartName? last = null;
        await foreach (var (part, _) in AllParts(address, uploadId, after, ct))
        {
            if (part.Name == last) continue;
            last = part.Name;
            yield return part;
        }
    }

    /// <summary>Every part that was ever uploaded and is not yet collected, with its row.</summary>
    public async IAsyncEnumerable<(Part Part, Row Row)> AllParts(
        KeyAddress address, string uploadId, int after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var all = KeyRange.Rows(address.Partition, address.RowName(Rows.Part, uploadId + "."));
        var range = after == 0
            ? all
            : all with { From = address.Row(Rows.Part, PartTail(uploadId, new(after + 1))) };
        await foreach (var row in table.Scan(range, null, null, ct))
            yield return (StoredJson.Read(row.Value, StateJson.Default.Part), row);
    }

    /// <summary>Takes a part back, unless the collector has.</summary>
    public async ValueTask RemovePart(Bucket bucket, KeyAddress address, string uploadId, Part part, Buckets buckets)
    {
        if (await table.Get(new(address.Partition, PartRow(address, uploadId, part)), CancellationToken.None) is not { } row) return;
        var delete = Change.Delete(row.Key.Row, Condition.Is(row.Stamp));
        var outcome = await buckets.Usage.Apply(
            table, bucket.Counted, address.Partition, [delete], default(UsageChange) - buckets.Locations.Of(bucket, part), CancellationToken.None);
        if (outcome == Outcome.Unknown) throw new UnknownOutcomeException();
    }

    /// <summary>Whether that request ended the upload within the last minutes.</summary>
    public async ValueTask<bool> WasAbortedBy(string space, string key, string uploadId, RequestToken request, CancellationToken ct)
    {
        var row = KeyCodec.Address(space, key).Row(Rows.Intent, AbortOf(uploadId, request.Text));
        return await table.Get(row, ct) is { } intent && !FollowUps.IsFence(intent);
    }

    /// <summary>Ends an open upload; false where it is not open any more.</summary>
    public async ValueTask<bool> Abort(string space, Found found, RequestToken? request, CancellationToken ct)
    {
        var (address, upload, stamp) = found;
        var intent = AbortOf(upload.Id, request?.Text ?? Ids.Random(6));
        await followUps.Announce(space, upload.Key, intent, request is null ? CollectAfter : CollectAfterRepeats, ct);
        Change[] changes =
        [
            .. Forget(address, upload),
            Change.Delete(address.RowName(Rows.Upload, upload.Id), Condition.Is(stamp!.Value)),
            FollowUps.Insert(address, intent, new() { Since = clock.GetUtcNow(), Upload = upload.Id, Aborted = true, Bucket = upload.Bucket }),
        ];
        return await table.Apply(address.Partition, changes, ct) switch
        {
            Outcome.Committed => true,
            Outcome.Refused => false,
            _ => throw new UnknownOutcomeException(),
        };
    }

    /// <summary>Ends every open upload of a bucket that takes no commits any more; false where one is being completed.</summary>
    public async ValueTask<bool> AbortAll(Bucket bucket, CancellationToken ct)
    {
        var space = Rows.UploadSpace(bucket);
        await foreach (var walked in KeyWalk.Walk(table, space, Rows.Upload, "", null, null, null, null, ct))
        {
            var row = walked.Row!;
            var upload = StoredJson.Read(row.Value, StateJson.Default.Upload);
            if (upload.State == UploadState.Completing) return false;
            if (upload.State == UploadState.Open &&
                !await Abort(space, new(KeyCodec.Address(space, upload.Key), upload, row.Stamp), null, ct)) return false;
        }
        return true;
    }

    /// <summary>The row that says which request started an upload goes with it.</summary>
    private static IEnumerable<Change> Forget(KeyAddress address, Upload upload) =>
        upload.Request is null ? [] : [Change.Delete(address.RowName(Rows.Request, upload.Request), Condition.Any)];

    private static string AbortOf(string uploadId, string tail) => uploadId + ".abort" + tail;

    private static string PartTail(string uploadId, PartName name) => uploadId + "." + name.Text;
}
