using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Replication;

/// <summary>A version that is to be copied, and where to.</summary>
/// <param name="Bucket">Its bucket.</param>
/// <param name="Key">Its key.</param>
/// <param name="Version">The version.</param>
/// <param name="Site">The site's name.</param>
/// <param name="Place">The site.</param>
/// <param name="IsNewest">Whether the site has had no newer version of the key.</param>
/// <param name="MayBeThere">Whether it may have been copied already, without anybody having written that down.</param>
/// <param name="Bandwidth">What its bytes go through; null for no bound.</param>
internal sealed record SiteCopy(
    Bucket Bucket, string Key, ObjectVersion Version, string Site, IReplicas Place, bool IsNewest, bool MayBeThere, BandwidthLimit? Bandwidth)
{
    /// <summary>The full key at the site.</summary>
    public string FullKey => KeyAt(Place, Bucket.Name, Key);

    /// <inheritdoc cref="FullKey"/>
    public static string KeyAt(IReplicas? place, string bucket, string key) => place?.ReplicaTraits.KeyOf(bucket, key) ?? $"{bucket}/{key}";
}

/// <summary>What the site has now.</summary>
/// <param name="VersionId">Its version id; null where it has none.</param>
/// <param name="ETag">Its ETag; null of a delete marker, and of what came too late.</param>
/// <param name="Generation">The generation of the version that it has.</param>
internal readonly record struct AtSite(string? VersionId, string? ETag, int Generation);

/// <summary>
/// Makes one copy: looks whether it is there already, sends what it lacks, and asks the site again what it has. Bytes go straight
/// from the source to the site, which checks them by what was known of them when they were written: damaged ones go nowhere.
/// </summary>
internal sealed class CopyToSite(VersionReader reader, CopyProgress progress, ReplicationOptions options, TimeProvider clock)
{
    /// <summary>Services refuse whose clock is further off, and no job asks longer: what was begun for us was begun within that, before or after.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    /// <summary>Copies it; null where its time was up, and another call has to go on.</summary>
    /// <exception cref="LocationUnavailableException">The site does not answer, or has not what it was sent.</exception>
    /// <exception cref="ReplicaRefusedException">The site refuses for good.</exception>
    /// <exception cref="SourceDamagedException">The bytes cannot be read, or are not what was written.</exception>
    public async ValueTask<AtSite?> Run(SiteCopy copy, DateTimeOffset until, CancellationToken ct)
    {
        using var watch = new CopyWatch(options.Patience, clock, ct);
        try
        {
            return await Run(copy, watch, until, watch.Token);
        }
        catch (Exception e) when (watch.IsLate && e is not SourceDamagedException)
        {
            throw new LocationUnavailableException(copy.Site, $"The site {copy.Site} did not answer within {options.Patience.TotalSeconds} seconds.", e);
        }
    }

    private async ValueTask<AtSite?> Run(SiteCopy copy, CopyWatch watch, DateTimeOffset until, CancellationToken ct)
    {
        var version = copy.Version;
        var before = version.Replication!.Of(copy.Site)!;
        var generation = version.Replication.Generation;
        if (version.IsDeleteMarker) return await Delete(copy, generation, ct);
        if (version.Encryption is { Kind: Encryption.SseKind.Customer })
            throw new ReplicaRefusedException(copy.Site, "CustomerKey", "The object is encrypted with a key that only its owner has (SSE-C), so it cannot be copied.");

        var isLarge = IsLarge(copy.Place, version.Size);
        // What is there was found to be something else, whatever it says of itself.
        if (!before.Afresh && (copy.MayBeThere || isLarge || before.Generation > 0))
        {
            var there = await copy.Place.Find(copy.FullKey, before.Generation > 0 ? before.VersionId : null, ct);
            watch.Moved();
            if (there is not null && !copy.Place.ReplicaTraits.KeepsVersions && IsNewer(there, version)) return new(null, null, generation);
            if (there is not null && IsCopy(there, version) && (!version.IsNull || there.ETag == before.ETag)
                && (isLarge || there.ETag == before.ETag || await HasBytes(copy, there, watch, ct)))
            {
                if (isLarge) await Abandon(copy, ct);
                return await Amend(copy, there, generation, watch, ct);
            }
        }
        if (before.Generation > 0 && !copy.IsNewest)
            throw new ReplicaRefusedException(copy.Site, "CopyIsGone", $"The site {copy.Site} has lost its copy of the version, and has a newer one. Verify the bucket to have both sent in order.");
        if (isLarge) return await InParts(copy, generation, watch, until, ct);

        var source = new CopySource(reader, copy.Bucket, copy.Key, version);
        var plan = PlanOf(copy) with { Md5 = source.Md5 ?? await source.Verify(watch, ct) };
        var made = await source.Read(
            ByteRange.All(version.Size), body => copy.Place.Put(plan, new MeteredPipeReader(body, copy.Bandwidth, watch, clock), ct), ct);
        watch.Moved();
        return await Confirm(copy, made, generation, ct);
    }

    /// <summary>Whether the site has the bytes, whose marks tell only what was sent: by the ETag where it is their MD5, else by reading them.</summary>
    private async ValueTask<bool> HasBytes(SiteCopy copy, Replica there, CopyWatch watch, CancellationToken ct)
    {
        var source = new CopySource(reader, copy.Bucket, copy.Key, copy.Version);
        var md5 = source.Md5 ?? await source.Verify(watch, ct);
        if (there.ETag == Convert.ToHexStringLower(md5)) return true;
        if (await copy.Place.Open(there, ByteRange.All(there.Size), ct) is not { } body) return false;
        await using (body)
        {
            try
            {
                return await BodyPipe.Through(body, async content =>
                {
                    using var digest = Checksums.Start(ChecksumAlgorithm.Md5);
                    while (true)
                    {
                        var read = await content.Body.ReadAsync(ct);
                        foreach (var piece in read.Buffer) digest.Append(piece.Span);
                        content.Body.AdvanceTo(read.Buffer.End);
                        watch.Moved();
                        if (read.IsCompleted) return digest.Finish().AsSpan().SequenceEqual(md5);
                    }
                }, ct);
            }
            catch (IOException e) when (e is not LocationUnavailableException)
            {
                throw new LocationUnavailableException(copy.Site, $"The copy at the site {copy.Site} could not be read: {e.Message}", e);
            }
        }
    }

    private static async ValueTask<AtSite?> Delete(SiteCopy copy, int generation, CancellationToken ct)
    {
        var there = await copy.Place.FindUntagged(copy.FullKey, null, ct);
        // A marker that was lost comes back also beneath newer versions, the newest of which is sent again behind it.
        var isLost = copy.Place.ReplicaTraits.KeepsVersions && copy.Version.Replication!.Of(copy.Site)!.Afresh;
        if (there is null || (IsNewer(there, copy.Version) && !isLost)) return new(null, null, generation);
        var marker = await copy.Place.Delete(copy.FullKey, ct);
        if (await copy.Place.FindUntagged(copy.FullKey, null, ct) is not null)
            throw new LocationUnavailableException(copy.Site, $"The site {copy.Site} still has what was deleted there.");
        return new(marker, null, generation);
    }

    /// <summary>The bytes are there; what is said of them may be older.</summary>
    private static async ValueTask<AtSite?> Amend(SiteCopy copy, Replica there, int generation, CopyWatch watch, CancellationToken ct)
    {
        var tags = TagsOf(copy.Version);
        if (!copy.Place.ReplicaTraits.HasTags || AreSame(there.Tags, tags)) return new(there.VersionId, there.ETag, generation);
        await copy.Place.SetTags(there, tags, ct);
        watch.Moved();
        var now = await copy.Place.Find(copy.FullKey, there.VersionId, ct);
        if (now is null || !IsCopy(now, copy.Version) || !AreSame(now.Tags, tags)) throw Differs(copy);
        return new(now.VersionId, now.ETag, generation);
    }

    /// <summary>Asks the site what it has: only that counts.</summary>
    private static async ValueTask<AtSite> Confirm(SiteCopy copy, Replica made, int generation, CancellationToken ct)
    {
        var there = await copy.Place.FindUntagged(copy.FullKey, made.VersionId, ct);
        if (there is null || there.ETag != made.ETag || !IsCopy(there, copy.Version)) throw Differs(copy);
        return new(there.VersionId, there.ETag, generation);
    }

    private async ValueTask<AtSite?> InParts(SiteCopy copy, int generation, CopyWatch watch, DateTimeOffset until, CancellationToken ct)
    {
        var version = copy.Version;
        var source = new CopySource(reader, copy.Bucket, copy.Key, version);
        var found = await progress.Find(copy.Site, version.Id, ct);
        var isOurs = found is { Begun.Upload: not null };
        if (found is not { Begun.Upload: not null })
        {
            if (found is not null) await Abandon(copy, ct);
            // Nothing that is learnt on the way tells that the whole is right: it is read once before.
            if (source.Combined is null) await source.Verify(watch, ct);
            var traits = copy.Place.ReplicaTraits;
            var bytes = Math.Max(options.PartBytes, (version.Size + traits.MaxParts - 1) / traits.MaxParts);
            var begun = new BegunCopy { PartBytes = bytes, Generation = generation, At = clock.GetUtcNow() };
            await progress.Begin(copy.Site, version.Id, begun, ct);
            begun = begun with { Upload = await copy.Place.Begin(PlanOf(copy) with { PartBytes = bytes }, ct) };
            await progress.Begin(copy.Site, version.Id, begun, ct);
            found = (begun, []);
        }
        var ((name, size, since), parts) = (Of(found.Value.Begun), found.Value.Parts);
        var plan = PlanOf(copy) with { PartBytes = size };
        try
        {
            for (var number = parts.Count + 1; (number - 1) * size < version.Size; number++)
            {
                watch.Moved();
                parts.Add(await PutPart(copy, source, plan, name, number, watch, ct));
                await progress.Add(copy.Site, version.Id, parts, ct);
                if (clock.GetUtcNow() >= until) return null;
            }
            if (source.Combined is { } spec)
                source.Check(Checksums.Combine(spec.Algorithm, parts.Select(part => (part.Checksum!, part.Part.Length))));
            // Putting thousands of parts together may take minutes.
            watch.Rest();
            var made = await copy.Place.Complete(plan, name, [.. parts.Select(part => part.Part)], ct);
            watch.Moved();
            var at = await Confirm(copy, made, since, ct);
            await progress.Forget(copy.Site, version.Id, ct);
            return at;
        }
        catch (SourceDamagedException)
        {
            await Abandon(copy, ct);
            throw;
        }
        catch (ReplicaRefusedException refused) when (isOurs)
        {
            // The site may have forgotten it, or have completed it without our having heard of that: the next attempt looks anew.
            await Abandon(copy, ct);
            throw new LocationUnavailableException(copy.Site, refused.Message, refused);
        }

        static (string, long, int) Of(BegunCopy begun) => (begun.Upload!, begun.PartBytes, begun.Generation);
    }

    private async ValueTask<CopiedPart> PutPart(
        SiteCopy copy, CopySource source, ReplicaPlan plan, string upload, int number, CopyWatch watch, CancellationToken ct)
    {
        var offset = (number - 1) * plan.PartBytes;
        var length = Math.Min(plan.PartBytes, plan.Size - offset);
        using var digest = source.Combined?.Start();
        var part = await source.Read(new(offset, length), async body =>
        {
            var digesting = digest is null ? null : new DigestingPipeReader(body, [digest]);
            try
            {
                var made = await copy.Place.PutPart(
                    plan, upload, number, length, new MeteredPipeReader(digesting ?? body, copy.Bandwidth, watch, clock), ct);
                if (digesting is not null) await digesting.Completed();
                return made;
            }
            finally
            {
                if (digesting is not null) await digesting.Released();
            }
        }, ct);
        if (part.Length != length) throw Differs(copy);
        return new(part, digest?.Finish());
    }

    /// <summary>Nothing comes any more of what was begun for a version, if anything was.</summary>
    /// <param name="place">The site; null where there is none any more.</param>
    /// <param name="site">Its name.</param>
    /// <param name="fullKey">The key there.</param>
    /// <param name="version"><see cref="ObjectVersion.Id"/>.</param>
    /// <param name="size">The version's size: of small ones nothing is ever begun.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask Abandon(IReplicas? place, string site, string fullKey, string version, long size, CancellationToken ct)
    {
        if (!IsLarge(place, size) || await progress.Find(site, version, ct) is not { Begun: var begun }) return;
        if (place is not null && begun.Upload is { } upload) await place.Abort(fullKey, upload, ct);
        else if (place is not null && begun.At is { } at) await AbortBegun(place, fullKey, at, ct);
        await progress.Forget(site, version, ct);
    }

    /// <summary>Who may not list uploads, or cannot, leaves them to the rules of the bucket there.</summary>
    private static async ValueTask AbortBegun(IReplicas place, string fullKey, DateTimeOffset at, CancellationToken ct)
    {
        try
        {
            await place.AbortBegun(fullKey, at - Skew, at + Skew, ct);
        }
        catch (ReplicaRefusedException)
        {
        }
    }

    private ValueTask Abandon(SiteCopy copy, CancellationToken ct) =>
        Abandon(copy.Place, copy.Site, copy.FullKey, copy.Version.Id, copy.Version.Size, ct);

    private bool IsLarge(IReplicas? place, long size) => size >= options.PartsFrom || size > (place?.ReplicaTraits.MaxPutBytes ?? 0);

    private static ReplicaPlan PlanOf(SiteCopy copy)
    {
        var version = copy.Version;
        return new()
        {
            Key = copy.FullKey,
            Size = version.Size,
            Headers = version.Headers,
            Metadata = MetadataOf(version),
            Tags = TagsOf(version),
        };
    }

    /// <summary>The metadata of a version's copy: its own, and the marks.</summary>
    internal static Dictionary<string, string> MetadataOf(ObjectVersion version) => new(version.Metadata)
    {
        [ReplicationState.StatusMark] = "REPLICA",
        [ReplicationState.VersionMark] = version.PublicId,
    };

    private static IReadOnlyDictionary<string, string> TagsOf(ObjectVersion version) => version.Tags ?? new Dictionary<string, string>();

    private static bool IsCopy(Replica there, ObjectVersion version) =>
        there.Size == version.Size && there.Metadata.GetValueOrDefault(ReplicationState.VersionMark) == version.PublicId;

    /// <summary>Whether the site has a later version of the key.</summary>
    private static bool IsNewer(Replica there, ObjectVersion version) =>
        there.Metadata.TryGetValue(ReplicationState.VersionMark, out var mark) && Rows.SequenceIn(mark) > version.Sequence;

    private static bool AreSame(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(tag => b.TryGetValue(tag.Key, out var value) && value == tag.Value);

    private static LocationUnavailableException Differs(SiteCopy copy) =>
        new(copy.Site, $"The site {copy.Site} has something else than it was sent.");
}
