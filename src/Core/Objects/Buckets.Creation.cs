using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

// How they come to be.
public sealed partial class Buckets
{
    /// <summary>
    /// Makes a bucket; refuses with <see cref="Refusal.BucketOwned"/>, <see cref="Refusal.BucketTaken"/> or, where the
    /// constraint is not empty and names no location, <see cref="Refusal.NoSuchLocation"/>.
    /// </summary>
    public ValueTask<Result<Bucket>> Create(string name, Account owner, string locationConstraint, CancellationToken ct) =>
        Create(name, owner, locationConstraint, BucketSettings.None, ct);

    /// <inheritdoc cref="Create(string, Account, string, CancellationToken)"/>
    /// <param name="name">The name.</param>
    /// <param name="owner">Whose it is to be.</param>
    /// <param name="locationConstraint">Where its objects go; empty for the default.</param>
    /// <param name="settings">Settings that it has from the first moment.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<Bucket>> Create(
        string name, Account owner, string locationConstraint, BucketSettings settings, CancellationToken ct) =>
        await Create(name, owner, locationConstraint, settings, null, ct);

    /// <inheritdoc cref="Create(string, Account, string, CancellationToken)"/>
    /// <param name="name">The name.</param>
    /// <param name="owner">Whose it is to be.</param>
    /// <param name="locationConstraint">Where its objects go; empty for the default.</param>
    /// <param name="settings">Settings that it has from the first moment.</param>
    /// <param name="token">The request; sent again, it gets the bucket that it made. Null where none is sent again.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<Bucket>> Create(
        string name, Account owner, string locationConstraint, BucketSettings settings, RequestToken? token, CancellationToken ct)
    {
        if (locationConstraint.EndsWith(MirrorSetting.Suffix, StringComparison.Ordinal))
        {
            var mirrored = await Mirrored(locationConstraint[..^MirrorSetting.Suffix.Length], settings, ct);
            if (mirrored.Refusal is not null) return mirrored.As<Bucket>();
            settings = mirrored.Value;
        }
        else if (locationConstraint.Length > 0 && !await locations.Has(locationConstraint, ct))
        {
            return Refusal.NoSuchLocation;
        }
        if (await Read(name, ct) is { } existing)
        {
            if (IsMadeBy(existing.Bucket, token)) return existing.Bucket;
            // A mark that nobody will remove is taken back here too: this may be the only request that ever comes.
            if (existing.Bucket.Deleting is null || await Find(name, ct) is null) return OwnedOrTaken(existing.Bucket, owner);
            return OwnedOrTaken(existing.Bucket with { Deleting = null }, owner);
        }

        var bucket = new Bucket
        {
            Name = name,
            Id = Ids.Random(16),
            OwnerId = owner.Id,
            OwnerCanonicalId = owner.CanonicalId,
            OwnerName = owner.Name,
            Created = Rows.Now(clock),
            LocationConstraint = locationConstraint,
            Request = token?.Text,
            Settings = settings,
        };
        await Settled(buckets.Apply(ListOf(owner.Id), [State.Change.Put(name, Condition.Any, ReadOnlyMemory<byte>.Empty)], ct));
        List<State.Change> changes = [State.Change.Put(BucketRow, Condition.Absent, StoredJson.Write(bucket, StateJson.Default.Bucket))];
        foreach (var (setting, stored) in settings.Stored()) changes.Add(State.Change.Put(SettingRows + setting, Condition.Any, stored));
        if (await Settled(buckets.Apply(PartitionOf(name), changes, ct))) return bucket;
        if (await Read(name, ct) is not { } winner) return Refusal.Conflict;
        return IsMadeBy(winner.Bucket, token) ? winner.Bucket : OwnedOrTaken(winner.Bucket, owner);
    }

    /// <summary>The settings of a bucket that is to mirror a location: it keeps versions where the source does.</summary>
    private async ValueTask<Result<BucketSettings>> Mirrored(string location, BucketSettings settings, CancellationToken ct)
    {
        if (!await locations.Has(location, ct)) return Refusal.NoSuchLocation;
        if (await locations.Find(location, ct) is not IReplicas { ReplicaTraits.WholeKey: true } source)
            return Refusal.InvalidRequest.Because(
                $"The location '{location}' cannot be mirrored: its objects must have their own keys. Add it as an S3 or Azure Blob location with --bucket-match (in Zenko: write objects without prefix).");
        if (settings.Get(BucketSettings.ObjectLock) is not null) return Refusal.InvalidRequest.Because("A bucket that mirrors another cannot have an object lock of its own.");
        try
        {
            var versioning = await source.Versioning(ct);
            if (versioning == SourceVersioning.Suspended)
                return Refusal.InvalidRequest.Because($"Versioning is suspended at the location '{location}': some of what is written there would replace what was mirrored. Enable it there, and try again.");
            // One look, so that whoever may not list is told now.
            await foreach (var _ in source.ListVersions("", null, ct)) break;
            settings = settings.With(BucketSettings.Mirror, new(location));
            return versioning == SourceVersioning.Enabled ? settings.With(BucketSettings.Versioning, new(VersioningState.Enabled)) : settings;
        }
        catch (ReplicaRefusedException e)
        {
            return Refusal.InvalidRequest.Because($"The location '{location}' cannot be mirrored: {e.Message}");
        }
        catch (LocationUnavailableException e)
        {
            return Refusal.Unavailable.Because($"The location '{location}' does not answer: {e.Message}");
        }
    }

    private static bool IsMadeBy(Bucket bucket, RequestToken? token) =>
        token is not null && bucket.Request == token.Text && bucket is { Deleting: null, Emptying: null };

    private static Result<Bucket> OwnedOrTaken(Bucket existing, Account account) =>
        existing.Deleting is not null || (existing.Emptying is not null && existing.OwnerId == account.Id) ? Refusal.Conflict
        : existing.OwnerId == account.Id ? Refusal.BucketOwned.Carrying(existing)
        : Refusal.BucketTaken;
}
