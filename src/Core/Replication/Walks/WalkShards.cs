using System.Text;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// Splits a walk over a large bucket into several over ranges of its keys, which any process takes up; the walk itself waits for them and
/// adds up what they did. Ranges follow from what keys begin with, found by few looks.
/// </summary>
internal sealed class WalkShards(Walks walks, WalkOptions options)
{
    /// <summary>Characters that are looked at, at most: what follows the beginning that all keys have in common.</summary>
    private const int MostLooks = 64;

    /// <summary>Behind every key that begins with what stands before it.</summary>
    private static readonly string Highest = char.ConvertFromUtf32(0x10FFFF);

    /// <summary>Begins the parts, or looks after them; null where the walk is to do its work itself.</summary>
    /// <param name="run">The walk: of a whole bucket, or of a range.</param>
    /// <param name="isLarge">Whether parts would be worth while.</param>
    /// <param name="next">The first key behind another, or of all; null where there is none.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<WalkEnd?> Split(
        WalkRun run, Func<CancellationToken, ValueTask<bool>> isLarge, Func<string?, CancellationToken, ValueTask<string?>> next, CancellationToken ct)
    {
        var walk = run.Walk;
        if (walk.Shards > 0) return await Gather(run, ct);
        if (walk.Request.Range is not null || walk.Cursor is not null || !await isLarge(ct)) return null;
        var bounds = await Bounds(next, ct);
        if (bounds.Count == 0) return null;
        for (var i = 0; i <= bounds.Count; i++)
        {
            var range = new WalkRange(i, i == 0 ? null : bounds[i - 1], i == bounds.Count ? null : bounds[i]);
            await walks.Start(walk.Request with { Range = range }, ct);
        }
        run.Walk = walk with { Shards = bounds.Count + 1 };
        return await run.Save(ct) ? Waits(run) : WalkEnd.Lost;
    }

    private async ValueTask<WalkEnd> Gather(WalkRun run, CancellationToken ct)
    {
        var (sum, running) = (new WalkCounts(), 0);
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

    private static WalkEnd Waits(WalkRun run)
    {
        run.Pause = TimeSpan.FromSeconds(1);
        return WalkEnd.Waits;
    }

    /// <summary>Keys that split all of them into ranges, each of which ends with one; none where there is nothing to split.</summary>
    internal async ValueTask<IReadOnlyList<string>> Bounds(Func<string?, CancellationToken, ValueTask<string?>> next, CancellationToken ct)
    {
        var prefix = "";
        for (var looks = 0; looks < MostLooks;)
        {
            List<string> begins = [];
            for (var key = await next(prefix.Length == 0 ? null : prefix, ct); key is not null && key.StartsWith(prefix, StringComparison.Ordinal) && looks < MostLooks; looks++)
            {
                if (!Rune.TryGetRuneAt(key, prefix.Length, out var rune)) return [];
                begins.Add(prefix + rune);
                key = await next(begins[^1] + Highest, ct);
            }
            if (begins.Count == 0) return [];
            if (begins.Count == 1)
            {
                prefix = begins[0];
                continue;
            }
            var count = Math.Min(options.Shards, begins.Count);
            return [.. Enumerable.Range(1, count - 1).Select(i => begins[i * begins.Count / count])];
        }
        return [];
    }
}
