using System.IO.Pipelines;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>A location that was added: its place, and what holds for all such: bytes are counted, outages told quickly.</summary>
internal class ConfiguredPlace(LocationConfig config, ILocation inner, LocationBytes bytes, OutageWatch outages) : ILocation, ICopies, IInventory, ILinks
{
    private readonly string id = config.ObjectId!;

    /// <inheritdoc/>
    public LocationTraits Traits => config.IsTransient ? inner.Traits with { IsTransient = true } : inner.Traits;

    /// <summary>Its configuration.</summary>
    public LocationConfig Config => config;

    /// <summary>Spares calls the wait while the place is down.</summary>
    protected OutageWatch Outages => outages;

    /// <summary>Whether a body of that many bytes (or, null, of unknown length) would be more than it may keep.</summary>
    public bool WouldBeFull(long? length) => config.SizeLimit is { } limit && (length is { } more ? bytes.Known(id) + more > limit : bytes.Known(id) >= limit);

    /// <inheritdoc/>
    public async ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct)
    {
        await bytes.Mark(id, ct);
        // What reading the body throws is not the place's.
        var stored = await Asked(() => inner.Put(plan, body, ct), e => e.InnerException is { } inside && StorageFaults.Is(inside, CancellationToken.None));
        bytes.Count(id, stored.Length);
        return stored;
    }

    /// <inheritdoc/>
    public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct) => Asked(() => inner.Open(at, range, ct));

    /// <inheritdoc/>
    public async ValueTask Delete(Stored at, CancellationToken ct)
    {
        await Asked(async () =>
        {
            await inner.Delete(at, ct);
            return true;
        });
        bytes.Count(id, -at.Length);
    }

    /// <inheritdoc/>
    public async ValueTask<Stored?> Copy(Stored source, string name, CancellationToken ct)
    {
        if (inner is not ICopies copier || WouldBeFull(source.Length)) return null;
        await bytes.Mark(id, ct);
        var stored = await Asked(() => copier.Copy(source, name, ct));
        if (stored is not null) bytes.Count(id, stored.Length);
        return stored;
    }

    /// <inheritdoc/>
    public ValueTask<Uri?> Link(Stored at, LinkHeaders headers, TimeSpan life, CancellationToken ct) =>
        inner is ILinks links ? links.Link(at, headers, life, ct) : default;

    /// <inheritdoc/>
    public IAsyncEnumerable<InventoryEntry> Inventory(string? after, CancellationToken ct) =>
        inner is IInventory place ? place.Inventory(after, ct) : throw new NotSupportedException($"{config.Name} cannot tell what it has.");

    /// <inheritdoc/>
    public ValueTask<int> EndUploads(DateTimeOffset begunBefore, CancellationToken ct) => inner is IInventory place ? Asked(() => place.EndUploads(begunBefore, ct)) : new(0);

    /// <summary>An outage is told as one, whichever place it is: directories and Azure say it by a bare <see cref="IOException"/>.</summary>
    private ValueTask<T> Asked<T>(Func<ValueTask<T>> call, Func<IOException, bool>? isOutage = null) => outages.Through(async () =>
    {
        try
        {
            return await call();
        }
        catch (IOException e) when (e.GetType() == typeof(IOException) && isOutage?.Invoke(e) != false)
        {
            throw new LocationUnavailableException(config.Name, e.Message, e) { IsDenied = e.InnerException is { } inner && StorageFaults.IsDenied(inner) };
        }
    });
}

/// <summary>One that can keep replicas.</summary>
internal sealed class ConfiguredReplicas(LocationConfig config, ILocation inner, IReplicas replicas, LocationBytes bytes, OutageWatch outages)
    : ConfiguredPlace(config, inner, bytes, outages), IReplicas
{
    /// <inheritdoc/>
    public ReplicaTraits ReplicaTraits => replicas.ReplicaTraits;

    /// <inheritdoc/>
    public ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct) => Outages.Through(() => replicas.Find(key, versionId, ct));

    /// <inheritdoc/>
    public ValueTask<Replica?> FindUntagged(string key, string? versionId, CancellationToken ct) =>
        Outages.Through(() => replicas.FindUntagged(key, versionId, ct));

    /// <inheritdoc/>
    public ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct) => Outages.Through(() => replicas.Put(plan, body, ct));

    /// <inheritdoc/>
    public ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct) => Outages.Through(() => replicas.Begin(plan, ct));

    /// <inheritdoc/>
    public ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct) =>
        Outages.Through(() => replicas.PutPart(plan, upload, number, length, body, ct));

    /// <inheritdoc/>
    public ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct) =>
        Outages.Through(() => replicas.Complete(plan, upload, parts, ct));

    /// <inheritdoc/>
    public async ValueTask Abort(string key, string upload, CancellationToken ct) => await Outages.Through(async () =>
    {
        await replicas.Abort(key, upload, ct);
        return true;
    });

    /// <inheritdoc/>
    public async ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => await Outages.Through(async () =>
    {
        await replicas.AbortBegun(key, from, until, ct);
        return true;
    });

    /// <inheritdoc/>
    public ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => Outages.Through(() => replicas.SetTags(at, tags, ct));

    /// <inheritdoc/>
    public ValueTask<string?> Delete(string key, CancellationToken ct) => Outages.Through(() => replicas.Delete(key, ct));

    /// <inheritdoc/>
    public ValueTask<bool> IsMarker(string key, string versionId, CancellationToken ct) => Outages.Through(() => replicas.IsMarker(key, versionId, ct));

    /// <inheritdoc/>
    public ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct) => Outages.Through(() => replicas.Open(at, range, ct));

    /// <inheritdoc/>
    public IAsyncEnumerable<Replica> List(string prefix, string? after, CancellationToken ct) => replicas.List(prefix, after, ct);

    /// <inheritdoc/>
    public ValueTask<SourceVersioning> Versioning(CancellationToken ct) => Outages.Through(() => replicas.Versioning(ct));

    /// <inheritdoc/>
    public IAsyncEnumerable<string> Keys(string? after, int limit, CancellationToken ct) => replicas.Keys(after, limit, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<SourceVersion> ListVersions(string prefix, string? after, CancellationToken ct) => replicas.ListVersions(prefix, after, ct);

    /// <inheritdoc/>
    public async ValueTask DeleteVersion(string key, string versionId, CancellationToken ct) => await Outages.Through(async () =>
    {
        await replicas.DeleteVersion(key, versionId, ct);
        return true;
    });
}
