using System.IO.Pipelines;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetBlob: the bytes of a blob or of a range of it, and its properties.</summary>
public sealed class GetBlob : BlobOperation
{
    /// <summary>The most bytes of a range whose checksum is asked for.</summary>
    private const int MaxSummed = 4 << 20;

    /// <inheritdoc/>
    public override BlobSpec Spec { get; } = new("GetBlob", "GET", Target.Object, "s3:GetObject", "r") { Public = ContainerAccess.Blob, SeesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        var conditions = call.Conditions();
        var range = Range(call);
        var sum = Sum(call, range is not null);
        var result = await Open(call, new() { Conditions = conditions, Range = range, PrefersCopy = true }, ct);
        if (result.Refusal is not null) return Refused(result);
        var (version, read) = (result.Value.Version, result.Value.Range);
        if (Refusal(call, conditions, version) is { } refusal)
        {
            await result.Value.Body!.DisposeAsync();
            return refusal;
        }

        var body = result.Value.Body!;
        string? digest = null;
        if (sum is { } algorithm)
        {
            if (read.Length > MaxSummed)
            {
                await body.DisposeAsync();
                return Reply.Refused(BlobErrors.OutOfRangeInput, "The checksum of a range is told for up to 4 MiB.");
            }
            (body, digest) = await Summed(body, algorithm, ct);
        }
        var isPartial = range is not null;
        var reply = Reply.Bytes(body, isPartial ? 206 : 200).WithProperties(call.View(version) with { IsPartial = isPartial, IsCurrent = result.Value.IsCurrent });
        if (isPartial) reply.With("Content-Range", Ranges.ContentRange(read, version.Size));
        if (sum is not null) reply.With(sum == ChecksumAlgorithm.Md5 ? "Content-MD5" : "x-ms-content-crc64", digest);
        foreach (var (name, value) in call.Sender.Grant?.Overrides ?? new Dictionary<string, string>()) reply.With(name, value);
        return reply;
    }

    /// <summary>Opens what the request names: the blob, a version or a snapshot.</summary>
    internal static async ValueTask<Result<OpenVersion>> Open(BlobCall call, ReadRequest request, CancellationToken ct)
    {
        var (version, snapshot) = (call.VersionId(), call.Snapshot());
        if (version is not null && snapshot is not null) throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "Name a snapshot or a version, not both.");
        var opened = await call.Installation.Objects.Open(call.Bucket, call.Address.Blob, request with { VersionId = version, Snapshot = snapshot }, ct);
        if (opened.Refusal is not null || await call.MaySee(opened.Value.Version, ct)) return opened;
        if (opened.Value.Body is { } body) await body.DisposeAsync();
        throw new S3Exception(BlobErrors.AuthorizationPermissionMismatch);
    }

    /// <summary>What a read is answered whose version there is not, or is not to be told.</summary>
    internal static Reply Refused(Result<OpenVersion> result)
    {
        var reply = BlobReplies.Refused(result);
        if (result.Carried?.Version is not { IsDeleteMarker: false } version) return reply;
        if (result.Refusal == Core.Refusal.NotModified) reply.WithValidators(version);
        return result.Refusal == Core.Refusal.InvalidRange ? reply.With("Content-Range", $"bytes */{version.Size}") : reply;
    }

    private static Reply? Refusal(BlobCall call, Conditions conditions, ObjectVersion version)
    {
        if (Leases.ForRead(conditions, version, call.Installation.Clock.GetUtcNow()) is { } leased) return BlobReplies.Refused<OpenVersion>(leased);
        if (version.Blob is { Incremental: not null, Snapshot: null }) return Reply.Refused(BlobErrors.OperationNotAllowedOnIncrementalCopyBlob);
        return version.Blob?.Tier == SetBlobTier.Archive && call.Reads is not { Rehydrates: true } ? Reply.Refused(BlobErrors.BlobArchived) : null;
    }

    /// <summary>x-ms-range, else Range. What cannot be read is ignored, as HTTP says; Azure knows no range that counts from the end.</summary>
    private static RangeRequest? Range(BlobCall call) => Ranges.Parse(call.Header("x-ms-range") ?? call.Header("Range")) is { First: not null } range ? range : null;

    private static ChecksumAlgorithm? Sum(BlobCall call, bool hasRange)
    {
        var md5 = call.Header("x-ms-range-get-content-md5") is { } asked && BlobHeaders.Flag("x-ms-range-get-content-md5", asked);
        var crc = call.Header("x-ms-range-get-content-crc64") is { } also && BlobHeaders.Flag("x-ms-range-get-content-crc64", also);
        if (!md5 && !crc) return null;
        if (md5 && crc) throw new S3Exception(BlobErrors.InvalidHeaderValue, "Ask for the MD5 or the CRC-64 of a range, not for both.");
        if (!hasRange) throw new S3Exception(BlobErrors.InvalidHeaderValue, "The checksum of a range is told only with a range.");
        return md5 ? ChecksumAlgorithm.Md5 : ChecksumAlgorithm.Crc64Nvme;
    }

    private static async ValueTask<(IObjectBody Body, string Digest)> Summed(IObjectBody body, ChecksumAlgorithm algorithm, CancellationToken ct)
    {
        await using var _ = body;
        using var bytes = new MemoryStream((int)body.Length);
        var writer = PipeWriter.Create(bytes, new(leaveOpen: true));
        await body.CopyTo(writer, ct);
        await writer.CompleteAsync();
        var read = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        using var digest = Checksums.Start(algorithm);
        digest.Append(read.Span);
        var sum = digest.Finish();
        if (algorithm != ChecksumAlgorithm.Md5) Array.Reverse(sum); // Azure begins with the lowest byte
        return (new MemoryBody(read), Convert.ToBase64String(sum));
    }
}
