using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Tests.Replication.Walks;

/// <summary>A site that tells of what it keeps as a test has it tell.</summary>
internal sealed class LyingSite(bool keepsVersions = true) : ILocation, IReplicas
{
    public MemorySite Inner { get; } = new() { ReplicaTraits = new(keepsVersions, 5L << 30, 10_000, HasTags: true, WholeKey: false) };

    /// <summary>What it says of a copy; null to deny it. True where it is a listing that asks.</summary>
    public Func<Replica, bool, Replica?> Says { get; set; } = (replica, _) => replica;

    /// <summary>What it says that stands there besides, by key.</summary>
    public List<Replica> Invents { get; } = [];

    /// <summary>Whether it has delete markers.</summary>
    public bool HasMarkers { get; set; } = true;

    /// <summary>What becomes of bytes that are read.</summary>
    public Func<string, byte[], byte[]> Gives { get; set; } = (_, bytes) => bytes;

    public LocationTraits Traits => Inner.Traits;

    public ReplicaTraits ReplicaTraits => Inner.ReplicaTraits;

    public async ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct) =>
        (versionId is null ? Invents.Find(each => each.Key == key) : null) ?? (await Inner.Find(key, versionId, ct) is { } found ? Says(found, false) : null);

    public async IAsyncEnumerable<Replica> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        List<Replica> all = [.. Invents.Where(each => each.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(each.Key, after) > 0)];
        await foreach (var each in Inner.List(prefix, after, ct))
            if (Says(each, true) is { } told) all.Add(told);
        // As services do, it tells neither marks nor tags here.
        foreach (var each in all.OrderBy(each => each.Key, StringComparer.Ordinal))
            yield return each with { IsWhole = false, Headers = new Dictionary<string, string>(), Metadata = new Dictionary<string, string>(), Tags = new Dictionary<string, string>() };
    }

    public async ValueTask<bool> IsMarker(string key, string versionId, CancellationToken ct) => HasMarkers && await Inner.IsMarker(key, versionId, ct);

    public async ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct)
    {
        if (await Inner.Open(at, ByteRange.All(at.Size), ct) is not { } body) return null;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await body.CopyTo(pipe.Writer, ct);
        await pipe.Writer.CompleteAsync();
        using var bytes = new MemoryStream();
        await pipe.Reader.AsStream().CopyToAsync(bytes, ct);
        var given = Gives(at.Key, bytes.ToArray());
        return range.Offset > given.Length
            ? new MemoryBody(ReadOnlyMemory<byte>.Empty)
            : new MemoryBody(given.AsMemory((int)range.Offset, (int)Math.Min(range.Length, given.Length - range.Offset)));
    }

    public ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct) => Inner.Put(plan, body, ct);

    public ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct) => Inner.Begin(plan, ct);

    public ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct) =>
        Inner.PutPart(plan, upload, number, length, body, ct);

    public ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct) =>
        Inner.Complete(plan, upload, parts, ct);

    public ValueTask Abort(string key, string upload, CancellationToken ct) => Inner.Abort(key, upload, ct);

    public ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => Inner.AbortBegun(key, from, until, ct);

    public ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => Inner.SetTags(at, tags, ct);

    public ValueTask<string?> Delete(string key, CancellationToken ct) => Inner.Delete(key, ct);

    ValueTask<Stored> ILocation.Put(PutPlan plan, PipeReader body, CancellationToken ct) => throw new NotSupportedException();

    ValueTask<IObjectBody?> ILocation.Open(Stored at, ByteRange range, CancellationToken ct) => throw new NotSupportedException();

    ValueTask ILocation.Delete(Stored at, CancellationToken ct) => throw new NotSupportedException();
}
