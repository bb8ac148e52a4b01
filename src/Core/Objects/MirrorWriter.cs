using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Changes what is mirrored at its source, and takes over what became of it. Bytes were taken in here before, and checked; they are
/// sent on, and what was kept of them is removed: until then nobody sees them. Done twice, as after a crash amid a Complete, there may be
/// a version twice.
/// </summary>
internal sealed class MirrorWriter(ITable table, LocationCatalog locations, KeyMirror mirror, VersionReader reader)
{
    /// <summary>Parts that are sent side by side; and how large they are where nothing else says so.</summary>
    private const int Width = 4;
    private const long PartBytes = 64L << 20;

    private readonly Manifests manifests = new(table);
    private readonly VersionRows rows = new(table);

    /// <summary>What mirrors cannot do, and what can be done instead.</summary>
    public static Result<T> Refused<T>(Bucket bucket) => Refusal.InvalidRequest.Because(
        $"The bucket mirrors the location '{bucket.Get(BucketSettings.Mirror)!.Location}': what its objects are is changed by writing them anew. Only tags and access control lists can be changed in place.");

    /// <summary>Makes the proposal the current version of the key at the source.</summary>
    public async ValueTask<Result<ObjectVersion>> Put(Bucket bucket, string key, Conditions conditions, Proposal proposal, CancellationToken ct)
    {
        var version = proposal.Version;
        if (version is { Encryption: not null } or { Retention: not null } or { LegalHold: not null })
            return Refusal.InvalidRequest.Because("In a bucket that mirrors another, encryption and locks are matters of the source: leave them out.");
        if (version.Blob?.Type is BlobType.AppendBlob or BlobType.PageBlob || proposal.IsPending) return Refused<ObjectVersion>(bucket);
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var current = (await rows.Newest(address, isVersioned: true, ct)).Current?.Version;
        if (Preconditions.ForWrite(conditions, current is { IsDeleteMarker: true } ? null : current) is { } refusal) return refusal;
        return await AtSource(bucket, async source =>
        {
            var made = await Send(source, bucket, key, address, proposal, ct);
            var updated = await mirror.Update(bucket, key, null, ct);
            if (updated.Refusal is not null) return updated.As<ObjectVersion>();
            if (proposal.Heir is null && version.Body.Stored is { } stored) await (await locations.Get(stored.Location, CancellationToken.None)).Delete(stored, CancellationToken.None);
            if (updated.Value.Newest is { } newest && IsIt(newest, made)) return newest;
            // Another was written right behind it, which is what is read.
            return version with { ETag = KeyMirror.ETagOf(made.ETag), Body = new() { Source = new(bucket.Get(BucketSettings.Mirror)!.Location, made.VersionId) }, IsNull = made.VersionId is null };
        });
    }

    /// <summary>Removes what is current, or a version, at the source.</summary>
    public async ValueTask<Result<Removal>> Remove(Bucket bucket, string key, DeleteRequest request, CancellationToken ct)
    {
        // The bucket goes, and not what it mirrors.
        if (bucket.Emptying is not null)
        {
            var forgotten = await mirror.Forget(bucket, key, ct);
            return forgotten.Refusal is null ? new Removal(null, null) : forgotten.As<Removal>();
        }
        if (request.Snapshot is not null || request.Kept is not null || request.Snapshots == SnapshotsOf.Only) return Refused<Removal>(bucket);
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var (head, found) = await rows.Find(address, request.VersionId, isVersioned: true, ct);
        var subject = request.VersionId is null && head.Current?.Version is { IsDeleteMarker: true } ? null : found?.Version;
        if (Preconditions.ForDelete(request.Conditions, subject) is { } refusal) return refusal;
        if (request.VersionId is not null && found is null) return new Removal(null, null);
        return await AtSource(bucket, async source =>
        {
            string? marker = null;
            var name = source.ReplicaTraits.KeyOf(bucket.Name, key);
            if (request.VersionId is { } id && bucket.Get(BucketSettings.Versioning) is not null) await source.DeleteVersion(name, id, ct);
            else marker = await source.Delete(name, ct);
            var updated = await mirror.Update(bucket, key, null, ct);
            if (updated.Refusal is not null) return updated.As<Removal>();
            return marker is null
                ? new Removal(found?.Version, null)
                : new Removal(null, updated.Value.Newest is { IsDeleteMarker: true } newest && newest.Body.Source?.VersionId == marker
                    ? newest
                    : (await rows.Find(address, marker, isVersioned: true, ct)).Found?.Version);
        });
    }

    /// <summary>Says of a version at the source what is to be said of it: tags, and nothing else that the source has.</summary>
    public async ValueTask<Refusal?> Change(Bucket bucket, string key, ObjectVersion was, ObjectVersion next, CancellationToken ct)
    {
        if (next.Body != was.Body || next.Size != was.Size || !ReferenceEquals(next.Headers, was.Headers) || !ReferenceEquals(next.Metadata, was.Metadata)
            || next.Retention != was.Retention || next.LegalHold != was.LegalHold) return Refusal.InvalidRequest;
        if (ReferenceEquals(next.Tags, was.Tags)) return null;
        var set = await AtSource<bool>(bucket, async source =>
        {
            await source.SetTags(was.Body.Source!.Of(source, bucket, key, was), next.Tags ?? new Dictionary<string, string>(), ct);
            return true;
        });
        return set.Refusal;
    }

    private static bool IsIt(ObjectVersion newest, Replica made) => made.VersionId is null ? KeyMirror.ETagAt(newest) == made.ETag : newest.Body.Source?.VersionId == made.VersionId;

    private async ValueTask<Result<T>> AtSource<T>(Bucket bucket, Func<IReplicas, ValueTask<Result<T>>> change)
    {
        try
        {
            return await change(await locations.Find(bucket.Get(BucketSettings.Mirror)!.Location, default) as IReplicas
                ?? throw new LocationUnavailableException(bucket.Get(BucketSettings.Mirror)!.Location, "It is not there any more."));
        }
        catch (LocationUnavailableException e)
        {
            return Refusal.Unavailable.Because($"The location '{e.Location}', which the bucket mirrors, does not answer: nothing is known to have been changed. Please try again.");
        }
        catch (ReplicaRefusedException e)
        {
            return Refusal.InvalidRequest.Because($"The location '{e.Location}', which the bucket mirrors, refuses: {e.Message}");
        }
    }

    private async ValueTask<Replica> Send(IReplicas source, Bucket bucket, string key, KeyAddress address, Proposal proposal, CancellationToken ct)
    {
        var version = proposal.Version;
        var plan = new ReplicaPlan
        {
            Key = source.ReplicaTraits.KeyOf(bucket.Name, key), Size = version.Size, Headers = version.Headers, Metadata = version.Metadata,
            Tags = version.Tags ?? new Dictionary<string, string>(), PartBytes = PartBytes,
        };
        var sizes = version.Body.Manifest is { } manifest ? await PartsOf(address, manifest, ct) : null;
        if (sizes is null && version.Size > source.ReplicaTraits.MaxPutBytes) sizes = Even(version.Size, source.ReplicaTraits.MaxParts);
        if (sizes is null)
        {
            await using var body = await Open(bucket, key, proposal, ByteRange.All(version.Size), ct);
            return await BodyPipe.Through(body, content => source.Put(plan, content.Body, ct), ct);
        }
        plan = plan with { PartBytes = sizes[0] };
        var upload = await source.Begin(plan, ct);
        try
        {
            var parts = new ReplicaPart[sizes.Count];
            var offsets = new long[sizes.Count];
            for (var i = 1; i < sizes.Count; i++) offsets[i] = offsets[i - 1] + sizes[i - 1];
            await Parallel.ForAsync(0, sizes.Count, new ParallelOptions { MaxDegreeOfParallelism = Width, CancellationToken = ct }, async (i, stop) =>
            {
                await using var body = await Open(bucket, key, proposal, new(offsets[i], sizes[i]), stop);
                parts[i] = await BodyPipe.Through(body, content => source.PutPart(plan, upload, i + 1, sizes[i], content.Body, stop), stop);
            });
            return await source.Complete(plan, upload, parts, ct);
        }
        catch
        {
            await source.Abort(plan.Key, upload, CancellationToken.None);
            throw;
        }
    }

    /// <summary>The sizes of the parts of an upload, so that the ETag is what the client expects; null for blocks, which may be many and small.</summary>
    private async ValueTask<List<long>?> PartsOf(KeyAddress address, ManifestPlace manifest, CancellationToken ct)
    {
        List<long> sizes = [];
        await foreach (var (part, _) in manifests.PartsFrom(address.InUploads(), manifest, 0, ct))
        {
            if (part.Block is not null) return null;
            sizes.Add(part.Size);
        }
        return sizes.Count < 2 ? null : sizes;
    }

    private static List<long> Even(long size, int most)
    {
        var each = Math.Max(PartBytes, (size + most - 1) / most);
        return [.. Enumerable.Range(0, (int)((size + each - 1) / each)).Select(i => Math.Min(each, size - i * each))];
    }

    private async ValueTask<IObjectBody> Open(Bucket bucket, string key, Proposal proposal, ByteRange range, CancellationToken ct) =>
        proposal.Inline is { Length: > 0 } inline
            ? new MemoryBody(inline.Slice((int)range.Offset, (int)range.Length))
            : await reader.OpenBody(bucket, key, proposal.Version, range, ct) ?? throw new IOException("The bytes that were taken in are gone.");
}
