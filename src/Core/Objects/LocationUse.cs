using System.Runtime.CompilerServices;
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

    /// <summary>The buckets that have to do with a location, in order of name, behind one of them where it is named.</summary>
    public async IAsyncEnumerable<LocationNeed> Needs(string name, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var bucket in buckets.All(after, ct))
            if (NeedOf(bucket, name) is { Any: true } need) yield return need;
    }

    private string? Need(Bucket bucket, string name) => NeedOf(bucket, name) switch
    {
        { Mirrors: true } => $"the bucket '{bucket.Name}' mirrors it.",
        { IsMadeIn: true } => $"the bucket '{bucket.Name}' was made in it.",
        { Replicates: true } => $"the replication rules of the bucket '{bucket.Name}' send objects there.",
        { Moves: true } => $"the lifecycle rules of the bucket '{bucket.Name}' send objects there.",
        _ => null,
    };

    private LocationNeed NeedOf(Bucket bucket, string name) => new(
        bucket.Name, bucket.OwnerName,
        bucket.Get(BucketSettings.Mirror)?.Location == name,
        buckets.Locations.Named(bucket.LocationConstraint) == name,
        bucket.Get(BucketSettings.Replication)?.Rules.Any(rule => rule.Sites.Contains(name)) == true,
        bucket.Get(BucketSettings.Lifecycle)?.Rules.Any(rule => rule.Transitions.Any(t => t.StorageClass == name) || rule.NoncurrentTransitions.Any(t => t.StorageClass == name)) == true);
}

/// <summary>What a bucket has to do with a location.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Owner">The name of its owner.</param>
/// <param name="Mirrors">Whether it shows what is there.</param>
/// <param name="IsMadeIn">Whether the bytes of its objects go there.</param>
/// <param name="Replicates">Whether its rules send copies there.</param>
/// <param name="Moves">Whether its rules move objects there.</param>
public sealed record LocationNeed(string Bucket, string Owner, bool Mirrors, bool IsMadeIn, bool Replicates, bool Moves)
{
    /// <summary>Whether it has anything to do with it.</summary>
    internal bool Any => Mirrors || IsMadeIn || Replicates || Moves;
}
