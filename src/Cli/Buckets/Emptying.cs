using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Buckets;

/// <summary>Removes all that is in a bucket: all versions, delete markers, and uploads that are not complete.</summary>
internal static class Emptying
{
    private const int MostTold = 10;

    /// <summary>Removes it; goes on past what cannot be removed.</summary>
    /// <param name="server">The server.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="step">Told how many more were looked at.</param>
    /// <param name="ct">Stops it where it is.</param>
    public static async Task<EmptiedBucket> Run(RemoteServer server, string bucket, Action<long> step, CancellationToken ct)
    {
        var buckets = new RemoteBuckets(server);
        var done = new EmptiedBucket(bucket, 0, 0, 0, []);
        await foreach (var page in buckets.Versions(bucket, ct))
        {
            if (page.Count == 0) continue;
            var kept = await buckets.Remove(bucket, page, ct);
            done = done with
            {
                Removed = done.Removed + page.Count - kept.Count, Kept = done.Kept + kept.Count,
                Why = [.. done.Why.Concat(kept.Select(each => $"{each.Version.Key} ({each.Version.VersionId}): {each.Why}")).Take(MostTold)],
            };
            step(page.Count);
        }
        await foreach (var page in buckets.Uploads(bucket, ct))
        {
            foreach (var (key, id) in page) await buckets.Abort(bucket, key, id, ct);
            done = done with { Uploads = done.Uploads + page.Count };
        }
        return done;
    }
}

/// <summary>What became of a bucket that was emptied.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Removed">Versions and delete markers that are gone.</param>
/// <param name="Kept">Those that could not be removed.</param>
/// <param name="Uploads">Uploads that were ended.</param>
/// <param name="Why">Why the first of them could not.</param>
internal sealed record EmptiedBucket(string Bucket, long Removed, long Kept, long Uploads, IReadOnlyList<string> Why);
