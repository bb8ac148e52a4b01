using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What a verification has come to: counts, differences, and what is to be queued again at the end of a key.</summary>
/// <param name="run">The run.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="site">The site.</param>
/// <param name="copies">Queues what differs; null where that is not wanted.</param>
/// <param name="counters">Told of what is queued.</param>
internal sealed class VerifyProgress(WalkRun run, Bucket bucket, CopySite site, KeyCopies? copies, ReplicationCounters counters)
{
    /// <summary>What of one key is queued again at a time; the rest with the next verification.</summary>
    private const int MostAgain = 1000;

    private readonly HashSet<long> again = [];
    private string? key;
    private bool hasUnqueued;

    /// <summary>Takes in what a look came to.</summary>
    public async ValueTask Add(VerifyItem item, Checked found, bool isDeep, CancellationToken ct)
    {
        if (key != item.Key) await Queue(ct);
        key = item.Key;
        var counts = run.Walk.Counts;
        if (item.Version is not null) counts = counts with { Versions = counts.Versions + 1 };
        switch (found.Result)
        {
            case CheckResult.Same:
                var bytes = item.Version!.Size;
                counts = counts with { Same = counts.Same + 1, SameBytes = counts.SameBytes + bytes, ReadBytes = counts.ReadBytes + (isDeep ? bytes : 0) };
                break;
            case CheckResult.Pending:
                counts = counts with { Pending = counts.Pending + 1 };
                break;
            case CheckResult.Different:
                run.Walk = run.Walk.Tell(found.Difference!);
                counts = counts with { Different = run.Walk.Counts.Different };
                if (found.Difference!.Reason == Reasons.Unqueued) hasUnqueued = true;
                else if (item.Version is { } version && again.Count < MostAgain) again.Add(version.Sequence);
                break;
        }
        if (item.Kind == VerifyKind.Superseded) counts = counts with { Superseded = counts.Superseded + 1 };
        var isEnd = item.Kind is VerifyKind.End or VerifyKind.Extra;
        if (item.EndsKey) counts = counts with { Keys = counts.Keys + 1 };
        run.Walk = run.Walk with
        {
            Counts = counts,
            Cursor = new(item.Key) { Version = isEnd ? null : Rows.VersionId(item.Version!.Sequence, item.Version.Id), HasFront = item.HasFront },
        };
        if (isEnd) await Queue(ct);
    }

    /// <summary>Says how far the walk is where it is time for that; false where somebody else has it now.</summary>
    public async ValueTask<bool> Checkpoint(CancellationToken ct) => !run.IsDue || await Pause(ct);

    /// <summary>Says how far the walk is; false where somebody else has it now.</summary>
    public async ValueTask<bool> Pause(CancellationToken ct)
    {
        // What is behind the cursor is not looked at again.
        await Queue(ct);
        return await run.Save(ct);
    }

    private async ValueTask Queue(CancellationToken ct)
    {
        if (copies is not null && key is not null)
        {
            // The one queues what was never queued, the other what was; each brings the newest along where it must.
            if (hasUnqueued) await Queue(() => copies.Queue(bucket, key, [site], false, Queued, ct));
            if (again.Count > 0) await Queue(() => copies.QueueAgain(bucket, key, site, again, Queued, ct));
        }
        hasUnqueued = false;
        again.Clear();
    }

    private async ValueTask Queue(Func<ValueTask<Result<KeyQueued>>> queue)
    {
        var queued = await queue();
        if (queued.Refusal is { } refusal) throw WalkedBucket.Gone(refusal, bucket.Name);
    }

    private void Queued(string to, long bytes, DateTimeOffset at)
    {
        counters.Queued(to, bytes, at);
        var counts = run.Walk.Counts;
        run.Walk = run.Walk with { Counts = counts with { Queued = counts.Queued + 1, QueuedBytes = counts.QueuedBytes + bytes } };
    }
}
