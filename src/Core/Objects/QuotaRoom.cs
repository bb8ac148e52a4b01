using System.Globalization;
using System.IO.Pipelines;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>Room in the quotas of a bucket and its owner for what is being written, and the body that may not need more of it.</summary>
/// <param name="Reservation">What is set aside; null where there is no quota. The commit takes it over.</param>
/// <param name="Quotas">The quotas.</param>
/// <param name="Freed">Bytes that the write frees by what it replaces.</param>
internal sealed record QuotaRoom(Reservation? Reservation, Quotas? Quotas, long Freed) : IDisposable
{
    /// <summary>Of a bucket without a quota.</summary>
    public static readonly QuotaRoom Unbounded = new(null, null, 0);

    /// <summary>The refusal, in words.</summary>
    public static Declined Exceeded(Quotas quotas)
    {
        var bucket = quotas.Bucket == Usage.Quotas.None ? null : string.Create(CultureInfo.InvariantCulture, $"The bucket may hold {quotas.Bucket} bytes");
        var account = quotas.BoundsAccount ? string.Create(CultureInfo.InvariantCulture, $"{(bucket is null ? "All" : "all")} buckets of its owner together may hold {quotas.Account} bytes") : null;
        return Refusal.QuotaExceeded.Because($"{string.Join(", and ", new[] { bucket, account }.OfType<string>())}: there is no room for this; remove something first or have the quota raised.");
    }

    /// <summary>
    /// Sets room aside before bytes are taken. Where it is scarce, what the write will replace is looked at: its bytes become
    /// free. The commit looks again.
    /// </summary>
    /// <param name="buckets">The buckets.</param>
    /// <param name="rows">The versions; null where nothing is replaced.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="bytes">How many bytes; null where that is not known yet.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<Result<QuotaRoom>> For(
        Buckets buckets, VersionRows? rows, Bucket bucket, string key, long? bytes, CancellationToken ct)
    {
        if (await buckets.QuotasOf(bucket, ct) is not { } quotas) return Unbounded;
        if (bytes is { } all && await buckets.Reserve(bucket, all, quotas, ct) is { } room) return new QuotaRoom(room, quotas, 0);
        var freed = rows is null ? 0 : await Replaced(rows, bucket, key, ct);
        room = await buckets.Reserve(bucket, Math.Max(0, (bytes ?? 0) - freed), quotas, ct);
        return room is null ? Exceeded(quotas) : new QuotaRoom(room, quotas, freed);
    }

    /// <summary>The content, which throws <see cref="QuotaExceededException"/> as soon as it turns out to be too long.</summary>
    public Content Guard(Content content) =>
        Reservation is null || content.Length is not null ? content : content with { Body = new GrowingBody(content.Body, this) };

    /// <inheritdoc/>
    public void Dispose() => Reservation?.Dispose();

    private static async ValueTask<long> Replaced(VersionRows rows, Bucket bucket, string key, CancellationToken ct)
    {
        var versioning = bucket.Get(BucketSettings.Versioning);
        if (versioning?.State == VersioningState.Enabled) return 0;
        var (_, found) = await rows.Find(KeyCodec.Address(Rows.ObjectSpace(bucket), key), "null", versioning is not null, ct);
        return found?.Version.Size ?? 0;
    }

    /// <summary>A body of unknown length: room is set aside for the bytes that it shows.</summary>
    private sealed class GrowingBody(PipeReader body, QuotaRoom room) : MeasuredBody(body)
    {
        protected override Exception? Fault(long size, bool isAll) =>
            room.Reservation!.Resize(size - room.Freed, room.Quotas!.Value) ? null : new QuotaExceededException();
    }
}

/// <summary>A body of unknown length is longer than the bucket's quota has room for. The store makes a refusal of it.</summary>
internal sealed class QuotaExceededException : Exception;
