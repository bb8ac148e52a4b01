using System.Buffers;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// A body that was taken in: small ones are in memory, others durable in a location. Size and digests are the plaintext's;
/// what is kept is encrypted where there is a key.
/// </summary>
internal sealed record Taken(long Size, byte[] Md5, IReadOnlyDictionary<ChecksumAlgorithm, byte[]> Digests, byte[]? Inline, Stored? Stored)
{
    /// <summary>When the first of its bytes may have come: see <see cref="ObjectOptions.TooLate"/>.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>The data key; null where the bytes are not encrypted.</summary>
    public SealedKey? Key { get; init; }

    /// <summary>Without quotes.</summary>
    public required string ETag { get; init; }
}

/// <summary>Takes bodies in: digests them on the way, keeps them, and compares them with what was announced.</summary>
internal sealed class Intake(LocationCatalog locations, ObjectOptions options, TimeProvider clock)
{
    /// <summary>
    /// Reads the whole body. What it refuses leaves nothing behind; what it returns must be committed or given to
    /// <see cref="Discard"/>.
    /// </summary>
    /// <param name="location">Where bodies that are not small go.</param>
    /// <param name="name">The name they get there.</param>
    /// <param name="content">The body and what it must turn out to be.</param>
    /// <param name="algorithms">The checksums to take besides MD5; the one that the client chose has to be among them.</param>
    /// <param name="mayInline">Whether a small body may stay in memory.</param>
    /// <param name="key">Encrypts what is kept; null to keep it as it is.</param>
    /// <param name="room">What the bucket's quota has for it: more is <see cref="Refusal.QuotaExceeded"/>.</param>
    /// <param name="ct">Gives up; nothing is left behind.</param>
    public async ValueTask<Result<Taken>> Take(
        string location, string name, Content content, IReadOnlyCollection<ChecksumAlgorithm> algorithms, bool mayInline,
        DataKey? key, QuotaRoom room, CancellationToken ct)
    {
        try
        {
            return await Take(location, name, room.Guard(content), algorithms, mayInline, key, ct);
        }
        catch (QuotaExceededException)
        {
            return QuotaRoom.Exceeded(room.Quotas!.Value);
        }
    }

    private async ValueTask<Result<Taken>> Take(
        string location, string name, Content content, IReadOnlyCollection<ChecksumAlgorithm> algorithms, bool mayInline,
        DataKey? key, CancellationToken ct)
    {
        if (content.Length > ObjectLimits.PutBytes) return Refusal.TooLarge;
        var begun = clock.GetUtcNow();
        Taken taken;
        if (mayInline && await ReadSmall(content, ct) is { } small)
        {
            var md5 = DigestOf(ChecksumAlgorithm.Md5, small);
            var kept = key is null ? small : Frames.SealAll(key.Cipher, small);
            taken = new(small.Length, md5, algorithms.ToDictionary(a => a, a => DigestOf(a, small)), kept, null)
            {
                Begun = begun,
                Key = key?.Stored,
                ETag = ETagOf(md5, key),
            };
        }
        else
        {
            var place = await locations.Get(location, ct);
            if (place is ConfiguredPlace added && added.WouldBeFull(content.Length))
                return Refusal.LocationFull.Because($"The assigned storage space limit for location {location} will be exceeded.");
            taken = await Store(place, name, content, algorithms, key, begun, ct);
        }
        try
        {
            if (Compare(content, taken) is not { } refusal) return taken;
            await Discard(taken);
            return refusal;
        }
        catch
        {
            await Discard(taken);
            throw;
        }
    }

    /// <summary>Removes what was taken in but never committed.</summary>
    public async ValueTask Discard(Taken taken)
    {
        if (taken.Stored is { } stored) await (await locations.Get(stored.Location, CancellationToken.None)).Delete(stored, CancellationToken.None);
    }

    private static Refusal? Compare(Content content, Taken taken) =>
        taken.Size > ObjectLimits.PutBytes ? Refusal.TooLarge
        : content.Length is { } length && length != taken.Size ? Refusal.IncompleteBody
        : content.Md5 is { } md5 && !taken.Md5.AsSpan().SequenceEqual(md5) ? Refusal.BadDigest
        : content.Algorithm is { } algorithm && content.Announced?.Invoke() is { } announced &&
            announced != Convert.ToBase64String(taken.Digests[algorithm]) ? Refusal.BadDigest
        : null;

    /// <summary>The body, where it is small; null, with nothing consumed, where it is not.</summary>
    private async ValueTask<byte[]?> ReadSmall(Content content, CancellationToken ct)
    {
        if (content.Length > options.InlineBytes) return null;
        var limit = (int)(content.Length ?? options.InlineBytes);
        while (true)
        {
            var read = await content.Body.ReadAsync(ct);
            if (read.IsCanceled) throw new OperationCanceledException("The body's reader was cancelled.");
            if (read.Buffer.Length > limit && content.Length is null)
            {
                content.Body.AdvanceTo(read.Buffer.Start);
                return null;
            }
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                content.Body.AdvanceTo(read.Buffer.End);
                return bytes;
            }
            if (read.Buffer.Length > limit)
            {
                content.Body.AdvanceTo(read.Buffer.Start);
                throw new BodyLengthException(limit, read.Buffer.Length);
            }
            content.Body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async ValueTask<Taken> Store(
        ILocation location, string name, Content content, IReadOnlyCollection<ChecksumAlgorithm> algorithms, DataKey? key,
        DateTimeOffset begun, CancellationToken ct)
    {
        var digests = algorithms.Where(a => a != ChecksumAlgorithm.Md5).ToDictionary(a => a, Checksums.Start);
        using var md5 = Checksums.Start(ChecksumAlgorithm.Md5);
        var body = new DigestingPipeReader(content.Body, [md5, .. digests.Values]);
        try
        {
            var stored = key is null
                ? await location.Put(new(name, content.Length), body, ct)
                : await EncryptingPipe.Through(body, content.Length, key.Cipher, encrypted => location.Put(
                    new(name, content.Length is { } length ? Frames.SealedLength(length) : null), encrypted, ct), ct);
            try
            {
                await body.Completed();
                var hash = md5.Finish();
                var finished = digests.ToDictionary(digest => digest.Key, digest => digest.Value.Finish());
                if (algorithms.Contains(ChecksumAlgorithm.Md5)) finished[ChecksumAlgorithm.Md5] = hash;
                var etag = ETagOf(hash, key);
                if (stored.Length > 0)
                    return new(key?.Stored.SizeOf(stored) ?? stored.Length, hash, finished, null, stored) { Begun = begun, Key = key?.Stored, ETag = etag };
                await location.Delete(stored, CancellationToken.None);
                return new(0, hash, finished, [], null) { Begun = begun, Key = key?.Stored, ETag = etag };
            }
            catch
            {
                await location.Delete(stored, CancellationToken.None);
                throw;
            }
        }
        finally
        {
            await body.Released();
            foreach (var digest in digests.Values) digest.Dispose();
        }
    }

    private static string ETagOf(byte[] md5, DataKey? key) => key is null ? Convert.ToHexStringLower(md5) : key.ETagOf(md5);

    private static byte[] DigestOf(ChecksumAlgorithm algorithm, byte[] bytes)
    {
        using var digest = Checksums.Start(algorithm);
        digest.Append(bytes);
        return digest.Finish();
    }
}
