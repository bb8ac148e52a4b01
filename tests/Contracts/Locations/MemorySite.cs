using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Contracts.Locations;

/// <summary>A site in memory that keeps versions, and fails as it is told to.</summary>
public sealed class MemorySite : ILocation, IReplicas
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Kept>> keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SortedDictionary<int, byte[]>> uploads = new();
    private int names;

    private sealed record Kept(Replica? Replica, byte[] Bytes, string VersionId, DateTimeOffset At);

    /// <summary>Asked before each call, by its name and key: what it throws is what the site answers.</summary>
    public Func<string, string, Task>? Before { get; set; }

    /// <summary>What dates are by; null for none.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Whether versions are listed by key from the last to the first.</summary>
    public bool ListsBackwards { get; set; }

    /// <summary>The calls so far, <c>Put bucket/key</c> for instance.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <inheritdoc/>
    public LocationTraits Traits { get; init; } = new(5L << 30);

    /// <inheritdoc/>
    public ReplicaTraits ReplicaTraits { get; init; } = new(KeepsVersions: true, 5L << 30, 10_000, HasTags: true, WholeKey: false);

    /// <inheritdoc/>
    public async ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct)
    {
        await Called("Find", key);
        return Of(key, versionId)?.Replica;
    }

    /// <inheritdoc/>
    public async ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct)
    {
        await Called("Put", plan.Key);
        var bytes = await Read(body, ct);
        if (bytes.Length != plan.Size || (plan.Md5 is { } md5 && !MD5.HashData(bytes).AsSpan().SequenceEqual(md5)))
            throw new LocationUnavailableException("memory", "The bytes arrived damaged.");
        return Keep(plan, bytes);
    }

    /// <inheritdoc/>
    public async ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct)
    {
        await Called("Begin", plan.Key);
        var name = $"upload-{Interlocked.Increment(ref names)}";
        uploads[name] = [];
        return name;
    }

    /// <inheritdoc/>
    public async ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct)
    {
        await Called("PutPart", plan.Key);
        var bytes = await Read(body, ct);
        if (bytes.Length != length) throw new LocationUnavailableException("memory", "The part arrived damaged.");
        if (!uploads.TryGetValue(upload, out var parts)) throw new ReplicaRefusedException("memory", "NoSuchUpload", "There is no such upload.");
        lock (gate) parts[number] = bytes;
        return new(number, Convert.ToHexStringLower(MD5.HashData(bytes)), length);
    }

    /// <inheritdoc/>
    public async ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct)
    {
        await Called("Complete", plan.Key);
        if (!uploads.TryRemove(upload, out var kept)) throw new ReplicaRefusedException("memory", "NoSuchUpload", "There is no such upload.");
        return Keep(plan, [.. parts.SelectMany(part => kept[part.Number])]);
    }

    /// <inheritdoc/>
    public async ValueTask Abort(string key, string upload, CancellationToken ct)
    {
        await Called("Abort", key);
        uploads.TryRemove(upload, out _);
    }

    /// <inheritdoc/>
    public ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => throw new NotSupportedException();

    /// <inheritdoc/>
    public async ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct)
    {
        await Called("SetTags", at.Key);
        lock (gate)
        {
            var versions = keys[at.Key];
            var index = versions.FindIndex(each => each.VersionId == at.VersionId);
            versions[index] = versions[index] with { Replica = versions[index].Replica! with { Tags = tags } };
            return versions[index].Replica!;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string?> Delete(string key, CancellationToken ct)
    {
        await Called("Delete", key);
        lock (gate)
        {
            if (Of(key, null)?.Replica is null) return null;
            if (!ReplicaTraits.KeepsVersions)
            {
                keys.Remove(key);
                return null;
            }
            keys[key].Add(new(null, [], $"v{++names}", Now));
            return keys[key][^1].VersionId;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> IsMarker(string key, string versionId, CancellationToken ct)
    {
        await Called("IsMarker", key);
        return Of(key, versionId) is { Replica: null };
    }

    /// <inheritdoc/>
    public async ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct)
    {
        await Called("Open", at.Key);
        return Of(at.Key, at.VersionId) is { Replica: not null } kept ? new MemoryBody(kept.Bytes.AsMemory((int)range.Offset, (int)range.Length)) : null;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Replica> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await Called("List", prefix);
        List<Replica> found;
        lock (gate) found = [.. keys.Keys.Select(key => Of(key, null)?.Replica).OfType<Replica>()];
        found.Sort((a, b) => Encoding.UTF8.GetBytes(a.Key).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.Key)));
        foreach (var replica in found)
            if (replica.Key.StartsWith(prefix, StringComparison.Ordinal) && (after is null || Encoding.UTF8.GetBytes(replica.Key).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(after)) > 0))
                yield return replica;
    }

    /// <inheritdoc/>
    public ValueTask<SourceVersioning> Versioning(CancellationToken ct) => new(ReplicaTraits.KeepsVersions ? SourceVersioning.Enabled : SourceVersioning.None);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceVersion> ListVersions(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await Called("ListVersions", prefix);
        List<SourceVersion> found = [];
        lock (gate)
        {
            foreach (var (key, versions) in keys)
                for (var i = versions.Count - 1; i >= 0; i--)
                    if (versions[i] is var kept && (ReplicaTraits.KeepsVersions || i == versions.Count - 1))
                        found.Add(new(
                            key, ReplicaTraits.KeepsVersions ? kept.VersionId : null, i == versions.Count - 1, kept.Replica?.Size ?? 0, kept.Replica?.ETag ?? "", kept.At)
                        {
                            IsMarker = kept.Replica is null,
                        });
        }
        var groups = found.GroupBy(each => each.Key).OrderBy(group => Convert.ToHexString(Encoding.UTF8.GetBytes(group.Key)), StringComparer.Ordinal).AsEnumerable();
        foreach (var group in ListsBackwards ? groups.Reverse() : groups)
            if (group.Key.StartsWith(prefix, StringComparison.Ordinal) && (after is null || Encoding.UTF8.GetBytes(group.Key).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(after)) > 0))
                foreach (var each in group) yield return each;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteVersion(string key, string versionId, CancellationToken ct)
    {
        await Called("DeleteVersion", key);
        lock (gate)
        {
            if (!keys.TryGetValue(key, out var versions)) return;
            versions.RemoveAll(each => each.VersionId == versionId);
            if (versions.Count == 0) keys.Remove(key);
        }
    }

    private DateTimeOffset Now => Clock?.GetUtcNow() ?? DateTimeOffset.UnixEpoch;

    ValueTask<Stored> ILocation.Put(PutPlan plan, PipeReader body, CancellationToken ct) => throw new NotSupportedException();

    ValueTask<IObjectBody?> ILocation.Open(Stored at, ByteRange range, CancellationToken ct) => throw new NotSupportedException();

    ValueTask ILocation.Delete(Stored at, CancellationToken ct) => throw new NotSupportedException();

    private async Task Called(string name, string key)
    {
        Calls.Enqueue($"{name} {key}");
        if (Before is { } before) await before(name, key);
    }

    private Replica Keep(ReplicaPlan plan, byte[] bytes)
    {
        lock (gate)
        {
            var id = $"v{++names}";
            var replica = new Replica(plan.Key, bytes.Length, Convert.ToHexStringLower(MD5.HashData(bytes)), ReplicaTraits.KeepsVersions ? id : null, Now)
            {
                Headers = plan.Headers, Metadata = plan.Metadata, Tags = plan.Tags,
            };
            if (!keys.TryGetValue(plan.Key, out var versions)) keys.Add(plan.Key, versions = []);
            versions.Add(new(replica, bytes, id, Now));
            return replica;
        }
    }

    private Kept? Of(string key, string? versionId)
    {
        lock (gate)
            return keys.TryGetValue(key, out var versions) ? versionId is null ? versions[^1] : versions.Find(each => each.VersionId == versionId) : null;
    }

    private static async Task<byte[]> Read(PipeReader body, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, ct);
        return bytes.ToArray();
    }
}
