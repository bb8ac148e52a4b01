using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Finds out from the rows what a bucket really holds and sets its counter right: versions first, then the parts of uploads
/// that are no object's.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes what follows a commit.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
public sealed class CountUsage(ITable table, IQueue queue, Buckets buckets, ObjectOptions options, TimeProvider clock) : IJob
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(10);

    /// <summary>Where others' changes left a doubt, a quieter hour may tell.</summary>
    private static readonly TimeSpan WalkAgain = TimeSpan.FromHours(1);

    private readonly UploadRows uploads = new(table, new FollowUps(table, queue, clock), clock);
    private readonly Manifests manifests = new(table);
    private readonly VersionWriter writer = new(table, buckets, new FollowUps(table, queue, clock), options, clock);
    private readonly UsageCounters usage = buckets.Usage;

    /// <inheritdoc/>
    public string Queue => UsageCounters.QueueName;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var asked = StoredJson.Read(message, UsageJson.Default.WalkMessage);
        if (await buckets.FindAny(asked.Bucket, ct) is not { } bucket || bucket.Id != asked.BucketId) return JobOutcome.Done;
        if (await usage.BeginWalk(bucket.Counted, ct) is not { } walk) return JobOutcome.Done;
        try
        {
            return await Run(bucket, walk, ct);
        }
        finally
        {
            walk.Leave();
        }
    }

    private async ValueTask<JobOutcome> Run(Bucket bucket, UsageWalk walk, CancellationToken ct)
    {
        var (start, saved) = (clock.GetTimestamp(), clock.GetTimestamp());
        while (walk.Phase != UsagePhase.Settling)
        {
            await Step(bucket, walk, ct);
            var isOver = clock.GetElapsedTime(start) >= usage.Options.WalkTime;
            if (!isOver && clock.GetElapsedTime(saved) < SaveInterval) continue;
            saved = clock.GetTimestamp();
            if (!await usage.Save(walk, ct)) return JobOutcome.Done;
            if (isOver) return JobOutcome.After(TimeSpan.Zero);
        }
        if (!usage.Options.IsAlone && walk.IsFresh)
        {
            // What others had counted, but not flushed, when the last rows were read.
            walk.IsFresh = false;
            if (!await usage.Save(walk, ct)) return JobOutcome.Done;
            return JobOutcome.After(usage.Options.FlushInterval * 2);
        }
        return await usage.Finish(walk, ct) ? JobOutcome.Done : JobOutcome.After(WalkAgain);
    }

    /// <summary>Counts the next range of partitions, or ends the phase.</summary>
    private async ValueTask Step(Bucket bucket, UsageWalk walk, CancellationToken ct)
    {
        var isObjects = walk.Phase == UsagePhase.Objects;
        var space = isObjects ? Rows.ObjectSpace(bucket) : Rows.UploadSpace(bucket);
        char[] kinds = isObjects ? [Rows.Current, Rows.Marker, Rows.Version] : [Rows.Part];
        // As far as the rows of each kind go that can be read at a time. The range is read again once it is closed.
        string? last = null;
        foreach (var kind in kinds)
        {
            var rows = 0;
            var partition = "";
            await foreach (var row in table.Scan(Range(space, kind, walk.Cursor, null), kind.ToString(), usage.Options.WalkRows, ct))
            {
                rows++;
                partition = row.Key.Partition;
            }
            if (rows == usage.Options.WalkRows && (last is null || string.CompareOrdinal(partition, last) < 0)) last = partition;
        }
        var end = last ?? space + '\uffff';
        await walk.Close(end);
        try
        {
            var counted = default(Tally);
            foreach (var kind in kinds)
            {
                var rows = table.Scan(Range(space, kind, walk.Cursor, last), kind.ToString(), null, ct);
                counted += isObjects ? await Versions(bucket, rows, ct) : await Parts(bucket, space, rows, ct);
            }
            walk.Pass(end, counted);
        }
        catch
        {
            walk.Reopen();
            throw;
        }
        if (last is null) walk.NextPhase();
    }

    private static KeyRange Range(string space, char kind, string? after, string? last)
    {
        var all = KeyCodec.Prefix(space, kind, "");
        return new(after is null ? all.From : new(after, "\uffff"), last is null ? all.To : new(last, "\uffff"));
    }

    private async ValueTask<Tally> Versions(Bucket bucket, IAsyncEnumerable<Row> rows, CancellationToken ct)
    {
        var counted = default(Tally);
        await foreach (var row in rows.WithCancellation(ct)) counted += buckets.Locations.Of(bucket, ObjectVersionJson.Read(row.Value)).Objects;
        return counted;
    }

    private async ValueTask<Tally> Parts(Bucket bucket, string space, IAsyncEnumerable<Row> rows, CancellationToken ct)
    {
        var counted = default(Tally);
        string? partition = null, upload = null;
        HashSet<string> kept = [];
        await foreach (var row in rows.WithCancellation(ct))
        {
            var tail = KeyCodec.Tail(row.Key.Row);
            var id = tail[..tail.IndexOf('.', StringComparison.Ordinal)];
            if (row.Key.Partition != partition || id != upload)
            {
                (partition, upload) = (row.Key.Partition, id);
                kept = await Kept(bucket, KeyCodec.Key(space, row.Key.Partition, row.Key.Row), id, ct);
            }
            var part = StoredJson.Read(row.Value, StateJson.Default.Part);
            if (part.Stored is not { } stored || !kept.Contains(stored.Name)) counted += buckets.Locations.Of(bucket, part).Uploads;
        }
        return counted;
    }

    /// <summary>The names of the parts that have become an object's.</summary>
    private async ValueTask<HashSet<string>> Kept(Bucket bucket, string key, string uploadId, CancellationToken ct)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        if (await uploads.Find(Rows.UploadSpace(bucket), key, uploadId, ct) is not { Upload.Result: { } version } found) return kept;
        var inObjects = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        if (found.Upload.State != UploadState.Done && !await writer.HasCommitted(inObjects, uploadId, version.Id, ct)) return kept;
        await foreach (var part in manifests.Remaining(found.Address, version.Body.Manifest!, ct))
            if (part.Stored is { } stored) kept.Add(stored.Name);
        return kept;
    }
}
