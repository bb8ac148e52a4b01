using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Finds versions and opens their bytes.</summary>
/// <param name="table">The table of objects.</param>
/// <param name="locations">Where bytes are.</param>
/// <param name="keys">Opens what is encrypted; null where nothing is.</param>
/// <param name="linkLife">How long links are good; zero for none.</param>
/// <param name="copies">Opens copies at sites; null where only the source will do.</param>
internal sealed partial class VersionReader(ITable table, LocationCatalog locations, DataKeys? keys, TimeSpan linkLife, CopyReader? copies = null)
{
    private readonly Manifests manifests = new(table);
    private readonly PageRows pages = new(table);
    private readonly VersionRows rows = new(table);

    /// <inheritdoc cref="ObjectStore.Open"/>
    public async ValueTask<Result<OpenVersion>> Open(Bucket bucket, string key, ReadRequest request, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key);
        if (request.Location is { } named && !await locations.Has(locations.Named(named), ct)) return Refusal.NoSuchLocation;
        string? gone = null;
        while (true)
        {
            ObjectVersion? version;
            Row? inline = null;
            var isCurrent = request.Snapshot is null;
            if (request.VersionId is { } id) (version, isCurrent) = await Named(address, id, ct);
            else if (request.Snapshot is { } time) version = (await rows.Snapshot(address, time, ct))?.Version;
            else (version, inline) = await Find(address, request.WithBody || request.WithInlineBody, ct);
            if (version is null or { IsDeleteMarker: true }) return await Hidden(bucket, address, request, version, ct);
            if (Preconditions.ForRead(request.Conditions, version) is { } refusal)
                return refusal.Carrying(new OpenVersion(version, default, false, null, null, null));

            var copy = request.PrefersCopy ? CopyReader.Preferred(bucket, key, version) : null;
            if (request.Location is { } asked && locations.Named(asked) is var site)
            {
                copy = null;
                if (await LocationOf(bucket, address, version, ct) != site && (copies is null || !CopyReader.IsFor(version, site, out copy)))
                    return Refusal.NoSuchLocation.Because("Object is not replicated to location passed in location header");
            }

            var selected = await Select(address, version, request, ct);
            if (selected.Refusal is not null) return selected;
            if (!isCurrent) selected = selected.Value with { IsCurrent = false };
            if (!request.WithBody && !(request.WithInlineBody && version.Body.Inline is not null)) return selected;
            if (CustomerKey.Refuse(version.Encryption, request.CustomerKey) is { } refused) return refused;
            // What has left a transient location is read from its copy, whoever reads it.
            var instead = copies is null ? null : CopyReader.InsteadOf(bucket, key, version);
            copy ??= instead;
            if (copy is not null && selected.Value.Range.Length > 0)
            {
                var served = await copies!.Open(bucket, key, version, copy, selected.Value, request.Location is not null || instead is not null, ct);
                if (served.Refusal is not null || served.Value.Body is not null) return served;
            }
            if (request.Link is { } link && await LinkTo(version, selected.Value.Range, link, ct) is { } uri)
                return selected.Value with { Link = uri };
            var decryption = version.Encryption is { } how ? Decryption.Of(keys, how, request.CustomerKey, bucket, key) : null;
            if (version.Body.Source is { } source)
                return await OpenAtSource(bucket, key, version, source, selected.Value, request.VersionId is null, ct);
            if (await OpenBody(address, version, selected.Value.Range, inline, decryption, ct) is { } body)
                return selected.Value with { Body = body };
            // A replacement takes the row first and the bytes later: only a version that is still there was lost.
            var state = version.Body.Pages is null ? version.Id : $"{version.Id}.{RevisionOf(version)}";
            if (gone == state) throw new IOException($"The bytes of version {version.Id} are missing from their location.");
            gone = state;
        }
    }

    /// <summary>The version of that name, and whether it is the newest.</summary>
    private async ValueTask<(ObjectVersion? Version, bool IsCurrent)> Named(KeyAddress address, string id, CancellationToken ct)
    {
        var (head, found) = await rows.Find(address, id, isVersioned: true, ct);
        return (found?.Version, found == head.Current);
    }

    /// <summary>A link to the bytes, where they are one body in the clear, in a location that has links.</summary>
    private async ValueTask<Uri?> LinkTo(ObjectVersion version, ByteRange range, LinkRequest link, CancellationToken ct) =>
        linkLife > TimeSpan.Zero && version is { Encryption: null, Body.Stored: { } stored } && range.Length >= link.MinBytes
            && await locations.Get(stored.Location, ct) is ILinks links
            ? await links.Link(stored, link.Headers(version), linkLife, ct)
            : null;

    /// <summary>Where the bytes are; those beside the row, and none at all, count as the bucket's.</summary>
    public async ValueTask<string> LocationOf(Bucket bucket, KeyAddress address, ObjectVersion version, CancellationToken ct) =>
        await LocationOf(address, version, ct) ?? locations.Named(bucket.LocationConstraint);

    /// <summary>
    /// The bytes of a version that was found already, in the clear; null where they are gone. What a customer's key encrypts cannot
    /// be opened without it.
    /// </summary>
    public async ValueTask<IObjectBody?> OpenBody(Bucket bucket, string key, ObjectVersion version, ByteRange range, CancellationToken ct)
    {
        if (copies is not null && CopyReader.InsteadOf(bucket, key, version) is { } copy)
            return (await copies.Open(bucket, key, version, copy, new(version, range, false, null, null, null), true, ct)).Value?.Body;
        if (version.Body.Source is { } source) return await OpenAtSource(bucket, key, version, source, range, ct);
        var decryption = version.Encryption is { } how ? Decryption.Of(keys, how, null, bucket, key) : null;
        return await OpenBody(KeyCodec.Address(Rows.ObjectSpace(bucket), key), version, range, null, decryption, ct);
    }

    /// <summary>What is mirrored is read at its source; what is gone there is gone here, though that was not seen yet.</summary>
    private async ValueTask<Result<OpenVersion>> OpenAtSource(
        Bucket bucket, string key, ObjectVersion version, SourcePlace source, OpenVersion selected, bool isCurrent, CancellationToken ct)
    {
        try
        {
            return await OpenAtSource(bucket, key, version, source, selected.Range, ct) is { } body
                ? selected with { Body = body }
                : isCurrent ? Refusal.NoSuchKey : Refusal.NoSuchVersion;
        }
        catch (Exception e) when (e is LocationUnavailableException or ReplicaRefusedException)
        {
            return Refusal.Unavailable.Because($"The location '{source.Location}', whose bucket this one mirrors, does not give the object now. Please try again.");
        }
    }

    private async ValueTask<IObjectBody?> OpenAtSource(Bucket bucket, string key, ObjectVersion version, SourcePlace source, ByteRange range, CancellationToken ct)
    {
        if (range.Length == 0) return new MemoryBody(ReadOnlyMemory<byte>.Empty);
        if (await locations.Find(source.Location, ct) is not IReplicas place) throw new LocationUnavailableException(source.Location, "It is not there any more.");
        return await place.Open(source.Of(place, bucket, key, version), range, ct);
    }

    /// <summary>The location of the bytes of a version that has any, and not beside its row.</summary>
    public async ValueTask<string?> LocationOf(KeyAddress address, ObjectVersion version, CancellationToken ct) =>
        version.Body.Stored?.Location ?? version.Body.Source?.Location
        ?? (version.Body.Manifest is { } manifest && await manifests.Page(address.InUploads(), manifest, 0, 1, ct) is [{ Stored: { } first }]
            ? first.Location
            : null);

    /// <inheritdoc cref="ObjectStore.Parts"/>
    public async ValueTask<IReadOnlyList<ObjectPart>> Parts(
        Bucket bucket, string key, ManifestPlace manifest, int after, int limit, CancellationToken ct)
    {
        var address = KeyCodec.Address(Rows.ObjectSpace(bucket), key).InUploads();
        var parts = await manifests.Page(address, manifest, after, limit, ct);
        return [.. parts.Select((part, i) => new ObjectPart(after + 1 + i, part.Size, part.Checksum))];
    }

    /// <summary>Why there is nothing to read: nothing at all, or a delete marker, which the refusal carries.</summary>
    private async ValueTask<Result<OpenVersion>> Hidden(
        Bucket bucket, KeyAddress address, ReadRequest request, ObjectVersion? marker, CancellationToken ct)
    {
        if (marker is null && request.VersionId is not null) return Refusal.NoSuchVersion;
        if (marker is null && bucket.Get(BucketSettings.Versioning) is not null && await table.Get(address.Row(Rows.Marker), ct) is { } row)
            marker = ObjectVersionJson.Read(row.Value);
        var refusal = request.VersionId is null ? Refusal.NoSuchKey : Refusal.DeleteMarker;
        return marker is null ? refusal : refusal.Carrying(new OpenVersion(marker, default, false, null, null, null));
    }

    /// <summary>The current version, and its inline body where that came along.</summary>
    private async ValueTask<(ObjectVersion? Version, Row? Inline)> Find(KeyAddress address, bool withBody, CancellationToken ct)
    {
        Row? current = null, data = null;
        if (withBody && address.Rest.Length == 0)
        {
            // One query gives both rows: the data rows stand behind the current one, the newest first.
            var range = new KeyRange(address.Row(Rows.Current), new(address.Partition, ((char)(Rows.Data + 1)).ToString()));
            await foreach (var row in table.Scan(range, null, 2, ct))
            {
                if (row.Key.Row[0] == Rows.Current) current = row;
                else data = row;
            }
        }
        else
        {
            current = await table.Get(address.Row(Rows.Current), ct);
        }
        return current is null ? default : (ObjectVersionJson.Read(current.Value), data);
    }

    private async ValueTask<Result<OpenVersion>> Select(
        KeyAddress address, ObjectVersion version, ReadRequest request, CancellationToken ct)
    {
        if (request.PartNumber is { } number)
        {
            if (version.Body.Manifest is not { } manifest)
            {
                return number == 1
                    ? new OpenVersion(version, ByteRange.All(version.Size), true, null, null, null)
                    : Refusal.NoSuchPart;
            }
            return await manifests.Part(address.InUploads(), manifest, number, ct) is { } part
                ? new OpenVersion(version, new(part.Offset, part.Part.Size), true, manifest.Parts, part.Part.Checksum, null)
                : Refusal.NoSuchPart;
        }
        if (request.Range is not { } range || (request.IfRange is { } validator && !Preconditions.ForRange(validator, version)))
            return new OpenVersion(version, ByteRange.All(version.Size), false, null, null, null);
        return Resolve(range, version.Size) is { } resolved
            ? new OpenVersion(version, resolved, true, null, null, null)
            : Refusal.InvalidRange.Carrying(new OpenVersion(version, default, false, null, null, null));
    }

    private static ByteRange? Resolve(RangeRequest range, long size)
    {
        var first = range.First ?? Math.Max(0, size - (range.Last ?? 0));
        var end = range.First is null || range.Last is null || range.Last >= size ? size : range.Last.Value + 1;
        return first < end ? new(first, end - first) : null;
    }

    private async ValueTask<IObjectBody?> OpenBody(
        KeyAddress address, ObjectVersion version, ByteRange range, Row? inline, Decryption? decryption, CancellationToken ct)
    {
        if (version.Body.Stored is { } stored)
        {
            var location = await locations.Get(stored.Location, ct);
            return decryption is null
                ? await location.Open(stored, range, ct)
                : await decryption.Open(version.Encryption!.Key, range, version.Size, frames => location.Open(stored, frames, ct), ct);
        }
        if (version.Body.Manifest is { } manifest) return await OpenParts(address.InUploads(), manifest, range, decryption, ct);
        if (version.Body.Pages is { } blob) return await OpenPages(address, version, blob, range, decryption, ct);
        if (version.Body.Inline is not { } tail) return range.Length == 0 ? new MemoryBody(ReadOnlyMemory<byte>.Empty) : null;
        var name = address.RowName(Rows.Data, tail);
        var row = inline?.Key.Row == name ? inline : await table.Get(new(address.Partition, name), ct);
        if (row is null) return null;
        return decryption is null
            ? Slice(row.Value, range)
            : await decryption.Open(version.Encryption!.Key, range, version.Size, frames => new(Slice(row.Value, frames)), ct);
    }

    private static MemoryBody Slice(ReadOnlyMemory<byte> bytes, ByteRange range) => new(bytes.Slice((int)range.Offset, (int)range.Length));

    private async ValueTask<IObjectBody?> OpenParts(
        KeyAddress address, ManifestPlace manifest, ByteRange range, Decryption? decryption, CancellationToken ct)
    {
        if (range.Length == 0) return new MemoryBody(ReadOnlyMemory<byte>.Empty);
        var parts = manifests.PartsFrom(address, manifest, range.Offset, ct).GetAsyncEnumerator(ct);
        IObjectBody? first = null;
        try
        {
            if (await parts.MoveNextAsync()) first = await OpenPart(parts.Current, range, decryption, ct);
            return first is null ? null : new ConcatenatedBody(range.Length, first, Rest(parts, range, decryption, ct));
        }
        finally
        {
            if (first is null) await parts.DisposeAsync();
        }
    }

    private async IAsyncEnumerable<IObjectBody> Rest(
        IAsyncEnumerator<Manifests.Placed> parts, ByteRange range, Decryption? decryption, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var _ = parts;
        while (await parts.MoveNextAsync() && parts.Current.Offset < range.End)
        {
            yield return await OpenPart(parts.Current, range, decryption, ct)
                ?? throw new IOException("A part's bytes are gone: the object was replaced while it was read.");
        }
    }

    private async ValueTask<IObjectBody?> OpenPart(Manifests.Placed placed, ByteRange range, Decryption? decryption, CancellationToken ct)
    {
        var stored = placed.Part.Stored!; // an empty part holds no offset, so it is never asked for
        var location = await locations.Get(stored.Location, ct);
        var from = Math.Max(range.Offset, placed.Offset) - placed.Offset;
        var to = Math.Min(range.End - placed.Offset, placed.Part.Size);
        return decryption is null
            ? await location.Open(stored, new(from, to - from), ct)
            : await decryption.Open(placed.Part.Key, new(from, to - from), placed.Part.Size, frames => location.Open(stored, frames, ct), ct);
    }
}
