using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A version that is to get another storage class.</summary>
/// <param name="VersionId">As clients name it.</param>
/// <param name="Id">As it is named here: it must still be the very one.</param>
/// <param name="StorageClass">The class; where it is the name of a location, the bytes go there.</param>
internal readonly record struct MoveRequest(string VersionId, string Id, string StorageClass)
{
    /// <summary>Whether it is a location: one that is gone meanwhile is no class.</summary>
    public bool ToLocation { get; init; }

    /// <summary>The event that the move is.</summary>
    public Cause? Cause { get; init; }
}

/// <summary>
/// Moves the bytes of versions to another location as they are, encrypted or not, while they may be read: they are written there, the
/// row of the version names them from the commit on, and what removes replaced bytes removes the others when nobody can be reading
/// them any more. Parts are moved some at a time, and the row names those already there: a move that was cut off goes on where it stood.
/// </summary>
internal sealed class VersionMoves(ITable table, LocationCatalog locations, VersionWriter writer, TimeProvider clock)
{
    /// <summary>Parts that are copied side by side.</summary>
    private const int Width = 4;

    /// <summary>After so long no more parts are begun.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(2);

    private readonly VersionRows rows = new(table);
    private readonly Manifests manifests = new(table);

    /// <summary>Whether a storage class is a location, and not one of AWS's that are only told.</summary>
    public ValueTask<bool> IsLocation(string storageClass, CancellationToken ct) => locations.Has(storageClass, ct);

    /// <summary>
    /// Moves a version, or some of it. True when all of it is there; false when it is to be called again. Refuses where it is not the
    /// same version any more or has no bytes that can be moved, and with <see cref="Refusal.LocationFull"/>.
    /// </summary>
    public async ValueTask<Result<bool>> Move(Bucket bucket, string key, MoveRequest request, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        var (_, found) = await rows.Find(address, request.VersionId, isVersioned: true, ct);
        if (found is not { Version: { IsDeleteMarker: false } version } || version.Id != request.Id) return Refusal.NoSuchVersion;
        if (!request.ToLocation || version.Size == 0) return await Swap(bucket, key, version, request, null, ct);
        if (!await IsLocation(request.StorageClass, ct)) return Refusal.NoSuchLocation;
        var target = await locations.Get(request.StorageClass, ct);
        if (target is ConfiguredPlace place && place.WouldBeFull(version.Size)) return Refusal.LocationFull;

        var step = new Step(clock.GetUtcNow());
        try
        {
            var planned = version.Body switch
            {
                { Inline: { } tail } => await OfInline(bucket, key, address, tail, target, step, ct),
                { Stored: { } stored } => stored.Location == request.StorageClass || await OfStored(bucket, key, stored, target, step, ct),
                { Manifest: { } manifest } => await OfParts(bucket, key, address.InUploads(), manifest, request.StorageClass, target, step, ct),
                _ => false,
            };
            var swapped = planned ? await Swap(bucket, key, version, request, step, ct) : Refusal.Conflict;
            if (swapped.Refusal is not null) await step.Discard(address, target, manifests);
            return swapped;
        }
        catch (Exception e) when (e is not UnknownOutcomeException)
        {
            await step.Discard(address, target, manifests);
            throw;
        }
    }

    /// <summary>The commit that makes it so; a step of null changes the class alone.</summary>
    private async ValueTask<Result<bool>> Swap(Bucket bucket, string key, ObjectVersion version, MoveRequest request, Step? step, CancellationToken ct)
    {
        var isWhole = step is not { IsPart: true };
        var swapped = await writer.Amend(
            bucket, key, request.VersionId, Conditions.None, isWhole ? request.Cause : null, now =>
            {
                if (now.Id != version.Id || !IsSame(now.Body, version.Body)) return new(Refusal.Conflict);
                var next = now with { StorageClass = isWhole ? request.StorageClass : now.StorageClass, Body = step?.Body ?? now.Body };
                return new(new Amendment(next) { Rows = step?.Rows ?? [], Loses = step?.Loses, Begun = step?.Begun });
            },
            null, ct);
        return swapped.Refusal is null ? isWhole : swapped.As<bool>();
    }

    private static bool IsSame(BodyPlace one, BodyPlace other) =>
        one.Inline == other.Inline && one.Stored == other.Stored && one.Manifest?.Id == other.Manifest?.Id && one.Manifest?.Tail == other.Manifest?.Tail && one.Pages is null;

    private async ValueTask<bool> OfInline(Bucket bucket, string key, KeyAddress address, string tail, ILocation target, Step step, CancellationToken ct)
    {
        var name = address.RowName(Rows.Data, tail);
        if (await table.Get(new(address.Partition, name), ct) is not { } row) return false;
        step.Body = new() { Stored = await Copy(bucket, key, new MemoryBody(row.Value), target, step, ct) };
        step.Rows = [Change.Delete(name, Condition.Any)];
        return true;
    }

    private async ValueTask<bool> OfStored(Bucket bucket, string key, Stored stored, ILocation target, Step step, CancellationToken ct)
    {
        if (await Copy(bucket, key, stored, target, step, ct) is not { } moved) return false;
        step.Body = new() { Stored = moved };
        step.Loses = new() { Since = default, Body = stored };
        return true;
    }

    private async ValueTask<bool> OfParts(
        Bucket bucket, string key, KeyAddress inUploads, ManifestPlace manifest, string storageClass, ILocation target, Step step, CancellationToken ct)
    {
        List<ManifestPart> parts = [];
        await foreach (var (part, _) in manifests.PartsFrom(inUploads, manifest, 0, ct)) parts.Add(part);
        // One block may stand at several places of a blob.
        var moved = new Dictionary<string, Stored>(StringComparer.Ordinal);
        var due = parts.Where(part => part.Stored is { } stored && stored.Location != storageClass).DistinctBy(part => part.Stored!.Name).ToList();
        if (due.Count == 0) return true;
        var begun = clock.GetTimestamp();
        for (var at = 0; at < due.Count && (at == 0 || clock.GetElapsedTime(begun) < Budget); at += Width)
        {
            var some = due.Skip(at).Take(Width).ToList();
            var copies = await Task.WhenAll(some.Select(part => Copy(bucket, key, part.Stored!, target, step, ct).AsTask()));
            for (var i = 0; i < some.Count; i++)
            {
                if (copies[i] is not { } copy) return false;
                moved[some[i].Stored!.Name] = copy;
            }
        }
        var next = await Write(parts.Select(part => part.Stored is { } stored && moved.TryGetValue(stored.Name, out var copy) ? part with { Stored = copy } : part));
        step.Body = new() { Manifest = next };
        step.IsPart = moved.Count < due.Count;
        step.Loses = moved.Count == parts.DistinctBy(part => part.Stored?.Name).Count()
            ? new() { Since = default, Manifest = manifest }
            : new() { Since = default, Manifest = await Write(due.Take(moved.Count)), Replaced = manifest };
        return true;

        async ValueTask<ManifestPlace> Write(IEnumerable<ManifestPart> list)
        {
            var id = Ids.Timed(Rows.Microseconds(clock.GetUtcNow())) + "." + Ids.Random(10);
            var (place, row) = await manifests.Write(inUploads, id, [.. list], ct);
            step.Lists.Add(place);
            if (row is { } change && await table.Apply(inUploads.Partition, [change], ct) != Outcome.Committed) throw new UnknownOutcomeException();
            return place;
        }
    }

    /// <summary>The bytes once more; null where they are gone.</summary>
    private async ValueTask<Stored?> Copy(Bucket bucket, string key, Stored stored, ILocation target, Step step, CancellationToken ct)
    {
        var source = await locations.Get(stored.Location, ct);
        await using var body = await source.Open(stored, ByteRange.All(stored.Length), ct);
        return body is null ? null : await Copy(bucket, key, body, target, step, ct);
    }

    private async ValueTask<Stored> Copy(Bucket bucket, string key, IObjectBody body, ILocation target, Step step, CancellationToken ct)
    {
        var name = Ids.OfBytes(bucket, key, $"{Ids.Timed(Rows.Microseconds(clock.GetUtcNow()))}.{Ids.Random(10)}");
        var stored = await BodyPipe.Through(body, content => target.Put(new(name, content.Length), content.Body, ct), ct);
        step.Made(stored);
        return stored.Length == body.Length ? stored : throw new IOException($"Of {body.Length} bytes {stored.Length} came to the location {stored.Location}.");
    }

    /// <summary>What a commit changes, and what was written for it.</summary>
    private sealed class Step(DateTimeOffset begun)
    {
        private readonly Lock gate = new();
        private readonly List<Stored> made = [];

        /// <summary>When bytes were begun to be written for it.</summary>
        public DateTimeOffset Begun => begun;

        public BodyPlace? Body { get; set; }
        public IReadOnlyList<Change> Rows { get; set; } = [];
        public Garbage? Loses { get; set; }

        /// <summary>Whether more is to follow.</summary>
        public bool IsPart { get; set; }

        public List<ManifestPlace> Lists { get; } = [];

        public void Made(Stored stored)
        {
            lock (gate) made.Add(stored);
        }

        /// <summary>Removes what was written, where nothing names it.</summary>
        public async ValueTask Discard(KeyAddress address, ILocation target, Manifests manifests)
        {
            foreach (var stored in made) await target.Delete(stored, CancellationToken.None);
            foreach (var list in Lists) await manifests.Delete(address.InUploads(), list, CancellationToken.None);
        }
    }
}
