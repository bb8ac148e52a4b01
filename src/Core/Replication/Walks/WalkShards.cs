namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// Splits a walk over a large bucket into several over ranges of its keys, which any process takes up; the walk itself waits for them and
/// adds up what they did.
/// </summary>
internal sealed class WalkShards(Walks walks, WalkOptions options)
{
    /// <summary>Keys of a look; fewer where walks are split that have fewer.</summary>
    private const int MostKeys = 64;

    /// <summary>Parts of which one is so many times as large as they are in the mean are not made again.</summary>
    private const double Uneven = 3;

    /// <summary>Begins the parts, or looks after them; null where the walk is to do its work itself.</summary>
    /// <param name="run">The walk: of a whole bucket, or of a range.</param>
    /// <param name="isLarge">Whether parts are worth while.</param>
    /// <param name="look">Keys behind another, or from the first on; at most so many.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<WalkEnd?> Split(WalkRun run, bool isLarge, Func<string?, int, CancellationToken, IAsyncEnumerable<string>> look, CancellationToken ct)
    {
        var walk = run.Walk;
        if (walk.Shards > 0) return await Gather(run, ct);
        if (walk.Request.Range is not null || !isLarge) return null;
        var page = (int)Math.Clamp(options.LargeBucket / options.Shards / 4, 2, MostKeys);
        var bounds = await Before(walk, ct) ?? await new KeySamples(look, page, walk.Cursor?.Key).Split(options.Shards, ct);
        if (bounds.Count == 0) return null;
        for (var i = 0; i <= bounds.Count; i++)
        {
            var range = new WalkRange(i, i == 0 ? walk.Cursor?.Key : bounds[i - 1], i == bounds.Count ? null : bounds[i]);
            await walks.Start(walk.Request with { Range = range }, ct);
        }
        run.Walk = walk with { Shards = bounds.Count + 1, Own = walk.Counts };
        return await run.Save(ct) ? Waits(run) : WalkEnd.Lost;
    }

    /// <summary>The bounds of the last time, which cost nothing to find; null where there are none, or one of its parts had much more to do than others.</summary>
    private async ValueTask<IReadOnlyList<string>?> Before(Walk walk, CancellationToken ct)
    {
        if (walk.Cursor is not null) return null;
        List<Walk> before = [];
        while (before.Count < options.Shards && await walks.Find(Walks.IdOf(walk.Request with { Range = new(before.Count, null, null) }), ct) is { State: WalkState.Done } part
            && part.BucketId == walk.BucketId && (before.Count == 0 || part.Request.Range!.After == before[^1].Request.Range!.UpTo))
        {
            before.Add(part);
            if (part.Request.Range!.UpTo is null) break;
        }
        return before.Count > 1 && before[^1].Request.Range!.UpTo is null && before.Max(part => part.Counts.Versions) <= Uneven * before.Average(part => part.Counts.Versions)
            ? [.. before.SkipLast(1).Select(part => part.Request.Range!.UpTo!)]
            : null;
    }

    private async ValueTask<WalkEnd> Gather(WalkRun run, CancellationToken ct)
    {
        var (sum, running) = (run.Walk.Own ?? new(), 0);
        for (var i = 0; i < run.Walk.Shards; i++)
        {
            var part = await walks.Find(Walks.IdOf(run.Walk.Request with { Range = new(i, null, null) }), ct);
            if (part is null || part.BucketId != run.Walk.BucketId || part.State is WalkState.Failed or WalkState.Cancelled)
                throw new WalkFailedException(part?.Trouble ?? "A part of it was cancelled.");
            sum += part.Counts;
            if (part.State == WalkState.Running) running++;
        }
        run.Walk = run.Walk with { Counts = sum, Waiting = running == 0 ? null : $"{running} of its {run.Walk.Shards} parts." };
        return running == 0 ? WalkEnd.Finished : Waits(run);
    }

    private WalkEnd Waits(WalkRun run)
    {
        // A look costs next to nothing on one machine.
        run.Pause = TimeSpan.FromSeconds(options.IsAlone ? 0.2 : 1);
        return WalkEnd.Waits;
    }
}
