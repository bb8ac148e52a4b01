using System.Text;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Finds out what needs a location.</summary>
/// <param name="buckets">The buckets.</param>
/// <param name="rows">The table of objects.</param>
/// <param name="clock">Bounds the search.</param>
public sealed class LocationUse(Buckets buckets, ITable rows, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    /// <summary>
    /// What needs the location, in words; null where nothing does: a bucket that was made in it, a rule that sends objects there, a row
    /// that says that bytes are in it.
    /// </summary>
    /// <param name="name">The location.</param>
    /// <param name="mayHoldBytes">Whether bytes were ever put there; if so, all objects are looked through.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<string?> Of(string name, bool mayHoldBytes, CancellationToken ct)
    {
        await foreach (var bucket in buckets.All(null, ct))
            if (Need(bucket, name) is { } need) return need;
        if (!mayHoldBytes) return null;

        var told = Encoding.ASCII.GetBytes($"\"location\":\"{name}\"");
        using var limit = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            // Whatever the row is (a version, a part, a manifest, bytes that wait for their removal), this is how it tells where bytes are.
            await foreach (var row in rows.Scan(new(new("", ""), TableKey.End), null, null, both.Token))
                if (row.Value.Span.IndexOf(told) >= 0) return "objects, parts of uploads, or bytes that wait for their removal are still kept in it. Delete or move them, and try again some minutes later.";
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"objects were kept in it, and there are more than can be looked through in {Patience.TotalSeconds:0} seconds.";
        }
    }

    private static string? Need(Bucket bucket, string name)
    {
        if (bucket.Get(BucketSettings.Mirror)?.Location == name) return $"the bucket '{bucket.Name}' mirrors it.";
        if (bucket.LocationConstraint == name) return $"the bucket '{bucket.Name}' was made in it.";
        if (bucket.Get(BucketSettings.Replication)?.Rules.Any(rule => rule.Sites.Contains(name)) == true)
            return $"the replication rules of the bucket '{bucket.Name}' send objects there.";
        var lifecycle = bucket.Get(BucketSettings.Lifecycle);
        return lifecycle?.Rules.Any(rule => rule.Transitions.Any(t => t.StorageClass == name) || rule.NoncurrentTransitions.Any(t => t.StorageClass == name)) == true
            ? $"the lifecycle rules of the bucket '{bucket.Name}' send objects there."
            : null;
    }
}
