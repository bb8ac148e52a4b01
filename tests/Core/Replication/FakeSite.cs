using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Tests.Replication;

/// <summary>What goes wrong with a call to a site.</summary>
internal enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It does not answer, and nothing was done.</summary>
    Before,

    /// <summary>It was done, but the answer was lost.</summary>
    After,

    /// <summary>No answer comes.</summary>
    Hang,

    /// <summary>Bytes arrive damaged.</summary>
    Corrupt,

    /// <summary>It says no for good.</summary>
    Refuse,

    /// <summary>The process ends before the call.</summary>
    Die,

    /// <summary>The process ends when it was done.</summary>
    DieAfter,
}

/// <summary>The process was killed.</summary>
internal sealed class KilledException() : Exception("The process was killed.");

/// <summary>A site in memory, whose every call can go wrong. It remembers all that ever stood under a key.</summary>
internal sealed class FakeSite(string name, bool keepsVersions = true) : ILocation, IReplicas
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Kept>> keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Upload> uploads = new(StringComparer.Ordinal);
    private int names;
    private int running;

    /// <summary>Something that stood under a key; a delete marker has no bytes.</summary>
    internal sealed record Kept(string VersionId, byte[]? Body, string ETag, DateTimeOffset Modified)
    {
        public ReplicaPlan Plan { get; init; } = new() { Key = "", Size = 0 };

        public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

        public string Mark => Plan.Metadata.GetValueOrDefault("scal-version-id", "");

        public string Text => Encoding.UTF8.GetString(Body!);
    }

    private sealed record Upload(ReplicaPlan Plan, DateTimeOffset Begun)
    {
        public ConcurrentDictionary<int, byte[]> Parts { get; } = new();
    }

    /// <summary>Its clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Says what goes wrong with a call, by its name and the key.</summary>
    public Func<string, string, Fault> Faults { get; set; } = (_, _) => Fault.None;

    /// <summary>Lets the time pass for which nobody waits any longer.</summary>
    public Action HangUp { get; set; } = () => { };

    /// <summary>Holds every call up until it completes.</summary>
    public Task Held { get; set; } = Task.CompletedTask;

    /// <summary>The calls, as <c>name key</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>The most calls that ran at once.</summary>
    public int MostAtOnce { get; private set; }

    public LocationTraits Traits { get; } = new(long.MaxValue);

    public ReplicaTraits ReplicaTraits { get; init; } = new(keepsVersions, 1 << 20, 10_000, HasTags: true, WholeKey: false);

    /// <summary>Uploads that were begun and did not end.</summary>
    public int Uploads => uploads.Count;

    /// <summary>All that ever stood under the key, the oldest first.</summary>
    public IReadOnlyList<Kept> History(string key)
    {
        lock (gate) return [.. keys.GetValueOrDefault(key, [])];
    }

    /// <summary>What stands there now.</summary>
    public Kept? Current(string key)
    {
        lock (gate) return keys.GetValueOrDefault(key) is [.., { Body: not null } last] ? last : null;
    }

    public ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct) => Call("Find", key, () =>
    {
        lock (gate)
        {
            var kept = versionId is null
                ? keys.GetValueOrDefault(key) is [.., var last] ? last : null
                : keys.GetValueOrDefault(key)?.Find(each => each.VersionId == versionId);
            return kept?.Body is null ? null : As(key, kept);
        }
    }, ct);

    public async ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct)
    {
        Assert.NotNull(plan.Md5);
        var bytes = await Read(body, ct);
        return await Call("Put", plan.Key, () =>
        {
            Assert.Equal(plan.Size, bytes.Length);
            if (!MD5.HashData(bytes).AsSpan().SequenceEqual(plan.Md5)) throw new LocationUnavailableException(name, "The bytes arrived damaged.");
            return Keep(plan, bytes);
        }, ct, bytes);
    }

    public ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct) => Call("Begin", plan.Key, () =>
    {
        var upload = "upload" + Interlocked.Increment(ref names);
        uploads[upload] = new(plan, Clock.GetUtcNow());
        return upload;
    }, ct);

    public async ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct)
    {
        var bytes = await Read(body, ct);
        return await Call("PutPart", plan.Key, () =>
        {
            Assert.Equal(length, bytes.Length);
            Find(upload).Parts[number] = bytes;
            return new ReplicaPart(number, Convert.ToHexStringLower(MD5.HashData(bytes)), bytes.Length);
        }, ct);
    }

    public ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct) => Call("Complete", plan.Key, () =>
    {
        var (begun, kept) = (Find(upload).Plan, Find(upload).Parts);
        Assert.Equal(Enumerable.Range(1, parts.Count), parts.Select(part => part.Number));
        Assert.All(parts, part => Assert.Equal(part.Name, Convert.ToHexStringLower(MD5.HashData(kept[part.Number]))));
        var replica = Keep(begun, [.. parts.SelectMany(part => kept[part.Number])]);
        uploads.TryRemove(upload, out _);
        return replica;
    }, ct);

    public ValueTask Abort(string key, string upload, CancellationToken ct)
    {
        uploads.TryRemove(upload, out _);
        return ValueTask.CompletedTask;
    }

    public async ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => await Call("AbortBegun", key, () =>
    {
        foreach (var (upload, (plan, begun)) in uploads)
            if (plan.Key == key && begun >= from && begun <= until) uploads.TryRemove(upload, out _);
        return true;
    }, ct);

    public ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => Call("SetTags", at.Key, () =>
    {
        lock (gate)
        {
            var kept = keys[at.Key];
            var i = kept.FindIndex(each => each.ETag == at.ETag && (!keepsVersions || each.VersionId == at.VersionId));
            if (i < 0) throw new ReplicaRefusedException(name, "NoSuchKey", "It is gone.");
            kept[i] = kept[i] with { Tags = tags };
            return As(at.Key, kept[i]);
        }
    }, ct);

    public ValueTask<string?> Delete(string key, CancellationToken ct) => Call("Delete", key, () =>
    {
        lock (gate)
        {
            if (keys.GetValueOrDefault(key) is not { Count: > 0 } kept) return null;
            kept.Add(new("v" + Interlocked.Increment(ref names), null, "", DateTimeOffset.UnixEpoch));
            return keepsVersions ? kept[^1].VersionId : null;
        }
    }, ct);

    public ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct) => Call<IObjectBody?>("Open", at.Key, () =>
    {
        lock (gate)
        {
            var kept = keys.GetValueOrDefault(at.Key)?.FindLast(each => each.ETag == at.ETag);
            return kept?.Body is null ? null : new MemoryBody(kept.Body.AsMemory((int)range.Offset, (int)range.Length));
        }
    }, ct);

    public async IAsyncEnumerable<Replica> List(string prefix, string? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await Task.Yield();
        List<Replica> all;
        lock (gate)
        {
            all = [.. keys.Where(each => each.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(each.Key, after) > 0 && each.Value[^1].Body is not null)
                .OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => As(each.Key, each.Value[^1]))];
        }
        foreach (var each in all) yield return each;
    }

    public ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct) => throw new NotSupportedException();

    public ValueTask Delete(Stored at, CancellationToken ct) => throw new NotSupportedException();

    private Upload Find(string upload) =>
        uploads.TryGetValue(upload, out var found) ? found : throw new ReplicaRefusedException(name, "NoSuchUpload", "There is no such upload.");

    private static async Task<byte[]> Read(PipeReader body, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, ct);
        return bytes.ToArray();
    }

    private Replica Keep(ReplicaPlan plan, byte[] bytes)
    {
        lock (gate)
        {
            var kept = keys.TryGetValue(plan.Key, out var found) ? found : keys[plan.Key] = [];
            // An ETag of one write, so that nobody takes one copy for another.
            var id = "v" + Interlocked.Increment(ref names);
            kept.Add(new(id, bytes, Convert.ToHexStringLower(MD5.HashData(bytes)) + id, DateTimeOffset.UnixEpoch) { Plan = plan, Tags = plan.Tags });
            return As(plan.Key, kept[^1]);
        }
    }

    private Replica As(string key, Kept kept) =>
        new(key, kept.Body!.Length, kept.ETag, keepsVersions ? kept.VersionId : null, kept.Modified) { Metadata = kept.Plan.Metadata, Tags = kept.Tags };

    private async ValueTask<T> Call<T>(string call, string key, Func<T> run, CancellationToken ct, byte[]? body = null)
    {
        Calls.Enqueue($"{call} {key}");
        lock (gate) MostAtOnce = Math.Max(MostAtOnce, ++running);
        try
        {
            await Task.Yield();
            await Held.WaitAsync(ct);
            var fault = Faults(call, key);
            switch (fault)
            {
                case Fault.Before:
                    throw new LocationUnavailableException(name, "It does not answer.");
                case Fault.Refuse:
                    throw new ReplicaRefusedException(name, "AccessDenied", "It refuses.");
                case Fault.Die:
                    throw new KilledException();
                case Fault.Corrupt when body is { Length: > 0 }:
                    body[0] ^= 1;
                    break;
                case Fault.Hang:
                    while (!ct.IsCancellationRequested) await Task.Run(HangUp, CancellationToken.None);
                    ct.ThrowIfCancellationRequested();
                    break;
            }
            var answer = run();
            return fault switch
            {
                Fault.After => throw new LocationUnavailableException(name, "The answer was lost."),
                Fault.DieAfter => throw new KilledException(),
                _ => answer,
            };
        }
        finally
        {
            lock (gate) running--;
        }
    }
}
