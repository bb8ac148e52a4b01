using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>
/// The locations that were added: a row each, by its name, in the partition <c>l</c> of the table <c>locations</c>. Their secrets are
/// sealed by the master key, each for the location's name, and never told or logged.
/// </summary>
/// <param name="table">The table <c>locations</c>.</param>
/// <param name="master">Seals secrets.</param>
/// <param name="builtIn">Those that the installation came with; nothing is added under their names.</param>
/// <param name="region">The region: it means the default location where a bucket is made, so nothing is added under its name either.</param>
/// <param name="open">Makes a location of a configuration and its secret; calls nobody.</param>
/// <param name="consistency">What is owed to other instances.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Told of changes and outages.</param>
public sealed partial class ConfiguredLocations(
    ITable table, MasterKey master, IReadOnlyList<LocationConfig> builtIn, string region, Func<LocationConfig, string?, ILocation> open,
    Consistency consistency, TimeProvider clock, ILogger log) : IAddedLocations, IAsyncDisposable
{
    private const string Partition = "l";

    /// <summary>A place whose configuration was changed serves requests that have begun with it; none lasts longer.</summary>
    private static readonly TimeSpan LongestUse = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim reading = new(1);
    private volatile Snapshot? cached;

    /// <summary>What they keep.</summary>
    public LocationBytes Bytes { get; } = new(table, clock, log);

    /// <inheritdoc/>
    public ValueTask<ILocation?> Find(string name, CancellationToken ct) =>
        cached is { } now && IsFresh(now) && now.Entries.TryGetValue(name, out var entry) ? new(entry.Place()) : FindLater(name, ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<string>> Names(CancellationToken ct) => (await Current(ct)).Entries.Keys;

    /// <inheritdoc/>
    public async ValueTask<LocationConfig?> Config(string name, CancellationToken ct) => (await EntryOf(name, ct))?.Config;

    /// <summary>All, the built-in ones first, as the table has them now.</summary>
    public async ValueTask<IReadOnlyList<LocationConfig>> All(CancellationToken ct)
    {
        List<LocationConfig> all = [.. builtIn];
        foreach (var entry in (await Read(ct)).Entries.Values.OrderBy(entry => entry.Config.Name, StringComparer.Ordinal)) all.Add(await Counted(entry.Config, ct));
        return all;
    }

    /// <summary>One, as the table has it now; null where there is none.</summary>
    public async ValueTask<LocationConfig?> Get(string name, CancellationToken ct) =>
        builtIn.FirstOrDefault(each => each.Name == name) ?? (await Stored(name, ct) is var (stored, _) ? await Counted(stored.Config, ct) : null);

    /// <summary>Adds a location. Refuses with <see cref="Refusal.InvalidRequest"/>, and <see cref="Refusal.Conflict"/> where the name is taken.</summary>
    public async ValueTask<Result<LocationConfig>> Add(LocationConfig config, string? secret, CancellationToken ct)
    {
        config = LocationRules.Tidied(config) with { IsBuiltin = false, ObjectId = Guid.NewGuid().ToString() };
        if (LocationRules.Wrong(config, secret, consistency.IsShared) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        if (config.Name == region) return Refusal.InvalidRequest.Because($"'{region}' is the region of this server and stands for its own location; choose another name.");
        var taken = Refusal.Conflict.Because($"There is a location '{config.Name}' already.");
        if (builtIn.Any(each => each.Name == config.Name)) return taken;
        // Opened once before it is kept: a directory that cannot be used is told now.
        if (Unusable(config, secret) is { } unusable) return Refusal.InvalidRequest.Because(unusable);
        if (!await Write(config, secret is null ? null : Sealed(config, secret), Condition.Absent, ct)) return taken;
        Log.Added(log, config.Name, config.LocationType);
        return Told(config, secret is not null);
    }

    /// <summary>
    /// Changes a location. Its name and type stay; and where it is (bucket, directory, account of Azure), once bytes have gone there.
    /// Refuses with <see cref="Refusal.NoSuchLocation"/>, <see cref="Refusal.InvalidRequest"/>, and <see cref="Refusal.Conflict"/> where
    /// another changed it at the same time.
    /// </summary>
    /// <param name="config">All of it, as it is to be.</param>
    /// <param name="secret">The secret key; null to leave it as it is.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<LocationConfig>> Change(LocationConfig config, string? secret, CancellationToken ct)
    {
        if (builtIn.Any(each => each.Name == config.Name)) return Refusal.InvalidRequest.Because($"The location '{config.Name}' is part of the installation and cannot be changed.");
        if (await Stored(config.Name, ct) is not var (before, stamp)) return Refusal.NoSuchLocation;
        config = LocationRules.Tidied(config) with { IsBuiltin = false, ObjectId = before.Config.ObjectId };
        if (config.LocationType != before.Config.LocationType) return Refusal.InvalidRequest.Because($"The type of a location stays: {before.Config.LocationType}.");
        if (Place(config) != Place(before.Config) && await Bytes.Read(config.ObjectId!, ct) is not null)
            return Refusal.InvalidRequest.Because($"Objects are, or were, kept in '{config.Name}', so it stays where it is. Add another location for another place.");
        var whole = secret ?? (before.Secret is { } kept ? Opened(config, kept) : null);
        if (LocationRules.Wrong(config, whole, consistency.IsShared) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        if (!await Write(config, secret is null ? before.Secret : Sealed(config, secret), Condition.Is(stamp), ct))
            return Refusal.Conflict.Because($"The location '{config.Name}' was changed by another at the same time; look at it and try again.");
        Log.Changed(log, config.Name);
        return Told(config, whole is not null);

        static (string?, string?, string?) Place(LocationConfig c) =>
            (c.Details.BucketName, c.Details.Path, LocationTypes.Find(c.LocationType)?.Engine == LocationEngine.Azure ? c.Details.AccessKey : null);
    }

    /// <summary>
    /// Removes a location that nothing needs. Refuses with <see cref="Refusal.NoSuchLocation"/>, <see cref="Refusal.InvalidRequest"/> for
    /// a built-in one, and <see cref="Refusal.Conflict"/> where something needs it.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="need">What needs it, in words, or null; asked before it goes, and again when nobody can have missed that it went. Told whether bytes may be there.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<LocationConfig>> Remove(string name, Func<bool, CancellationToken, ValueTask<string?>> need, CancellationToken ct)
    {
        if (builtIn.Any(each => each.Name == name)) return Refusal.InvalidRequest.Because($"The location '{name}' is part of the installation and cannot be removed.");
        if (await Stored(name, ct) is not var (stored, stamp)) return Refusal.NoSuchLocation;
        if (await Needed() is { } needed) return InUse(needed);
        var gone = await table.Apply(Partition, [State.Change.Delete(name, Condition.Is(stamp))], ct);
        cached = null;
        if (gone != Outcome.Committed) return Refusal.Conflict.Because($"The location '{name}' was changed by another at the same time; look at it and try again.");
        // From here on it ends one way or the other.
        if (consistency.IsShared) await Task.Delay(consistency.Obeyed, clock, CancellationToken.None);
        if (await Needed() is { } since)
        {
            await table.Apply(Partition, [State.Change.Put(name, Condition.Absent, StoredJson.Write(stored, LocationRowJson.Default.StoredLocation))], CancellationToken.None);
            cached = null;
            return InUse(since);
        }
        await Bytes.Forget(stored.Config.ObjectId!, CancellationToken.None);
        Log.Removed(log, name);
        return stored.Config;

        async ValueTask<string?> Needed() => await need(await Bytes.Read(stored.Config.ObjectId!, ct) is not null, ct);

        Declined InUse(string why) => Refusal.Conflict.Because($"The location '{name}' is in use: {why}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Bytes.DisposeAsync();
        foreach (var entry in known.Values) entry.Opened.Dispose();
    }

    private async ValueTask<ILocation?> FindLater(string name, CancellationToken ct) => (await EntryOf(name, ct))?.Place();

    private async ValueTask<Entry?> EntryOf(string name, CancellationToken ct)
    {
        if ((await Current(ct)).Entries.TryGetValue(name, out var entry)) return entry;
        // That something is not there is never believed for long.
        return consistency.IsShared && TableLimits.CanBe(new(Partition, name)) && (await Read(ct)).Entries.TryGetValue(name, out entry) ? entry : null;
    }

    private bool IsFresh(Snapshot snapshot) => !consistency.IsShared || clock.GetElapsedTime(snapshot.Read) < consistency.CacheAge;

    private async ValueTask<Snapshot> Current(CancellationToken ct) => cached is { } now && IsFresh(now) ? now : await Read(ct);

    /// <summary>Reads them all. Whose row has not changed stays the same object.</summary>
    private async ValueTask<Snapshot> Read(CancellationToken ct)
    {
        await reading.WaitAsync(ct);
        try
        {
            var (before, began) = (known, clock.GetTimestamp());
            var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
            await foreach (var row in table.Scan(KeyRange.Partition(Partition), null, null, ct))
                entries[row.Key.Row] = before.TryGetValue(row.Key.Row, out var same) && same.Stamp == row.Stamp ? same : Make(row, same);
            foreach (var (name, entry) in before)
                if (!entries.TryGetValue(name, out var still) || still.Opened != entry.Opened) DisposeLater(entry.Opened);
            known = entries;
            return cached = new(entries.ToFrozenDictionary(StringComparer.Ordinal), began);
        }
        finally
        {
            reading.Release();
        }
    }

    // What was read last, fresh or not; guarded by the semaphore.
    private Dictionary<string, Entry> known = [];

    private Entry Make(Row row, Entry? before)
    {
        var stored = StoredJson.Read(row.Value, LocationRowJson.Default.StoredLocation);
        var config = Told(stored.Config, stored.Secret is not null);
        // A directory, say, cannot be opened twice. Limits and the like are not the place's.
        var opened = before is not null && before.Opened.IsFor(config, stored.Secret)
            ? before.Opened
            : new OpenedPlace(config, stored.Secret, () => open(config, stored.Secret is { } secret ? Opened(config, secret) : null));
        return new(config, row.Stamp, opened, new(config.Name, clock, log), Bytes);
    }

    private string? Unusable(LocationConfig config, string? secret)
    {
        try
        {
            (open(config, secret) as IDisposable)?.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            return e.Message;
        }
    }

    private void DisposeLater(OpenedPlace place) => _ = Task.Delay(LongestUse, clock).ContinueWith(_ => place.Dispose(), TaskScheduler.Default);

    private async ValueTask<(StoredLocation Stored, Stamp Stamp)?> Stored(string name, CancellationToken ct)
    {
        if (!TableLimits.CanBe(new(Partition, name)) || await table.Get(new(Partition, name), ct) is not { } row) return null;
        var stored = StoredJson.Read(row.Value, LocationRowJson.Default.StoredLocation);
        return (stored with { Config = Told(stored.Config, stored.Secret is not null) }, row.Stamp);
    }

    private async ValueTask<bool> Write(LocationConfig config, byte[]? secret, Condition condition, CancellationToken ct)
    {
        var stored = new StoredLocation { Config = config, Secret = secret };
        var outcome = await table.Apply(Partition, [State.Change.Put(config.Name, condition, StoredJson.Write(stored, LocationRowJson.Default.StoredLocation))], ct);
        cached = null;
        return outcome switch
        {
            Outcome.Committed => true,
            Outcome.Refused => false,
            _ => throw new IOException($"Whether the location {config.Name} was stored is not known; look at it and try again."),
        };
    }

    private async ValueTask<LocationConfig> Counted(LocationConfig config, CancellationToken ct) =>
        config with { BytesStored = await Bytes.Read(config.ObjectId!, ct) };

    private byte[] Sealed(LocationConfig config, string secret) => master.Seal(secret, ContextOf(config.Name));

    private string Opened(LocationConfig config, byte[] secret) => master.Open(secret, ContextOf(config.Name));

    private static string ContextOf(string name) => "the location " + name;

    private static LocationConfig Told(LocationConfig config, bool hasSecret) =>
        config with { Details = config.Details with { HasSecretKey = hasSecret ? true : null } };

    private sealed record Snapshot(FrozenDictionary<string, Entry> Entries, long Read);

    /// <summary>A place as one configuration says, made at its first use; where that fails, at the next.</summary>
    private sealed class OpenedPlace(LocationConfig config, byte[]? secret, Func<ILocation> open) : IDisposable
    {
        private readonly Lock gate = new();
        private ILocation? place;

        public bool IsFor(LocationConfig other, byte[]? otherSecret) =>
            config.ObjectId == other.ObjectId && config.Details == other.Details && secret.AsSpan().SequenceEqual(otherSecret);

        public ILocation Get()
        {
            lock (gate)
            {
                try
                {
                    return place ??= open();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new LocationUnavailableException(config.Name, e.Message, e);
                }
            }
        }

        public void Dispose()
        {
            lock (gate) (place as IDisposable)?.Dispose();
        }
    }

    private sealed class Entry(LocationConfig config, Stamp stamp, OpenedPlace opened, OutageWatch outages, LocationBytes bytes)
    {
        private volatile ConfiguredPlace? place;

        public LocationConfig Config => config;

        public Stamp Stamp => stamp;

        public OpenedPlace Opened => opened;

        public ConfiguredPlace Place()
        {
            if (place is { } made) return made;
            lock (opened) return place ??= Wrap(opened.Get());
        }

        private ConfiguredPlace Wrap(ILocation inner) => inner is IReplicas replicas
            ? new ConfiguredReplicas(config, inner, replicas, bytes, outages)
            : new ConfiguredPlace(config, inner, bytes, outages);
    }
}
