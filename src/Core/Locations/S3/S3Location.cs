using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>
/// Bytes in a bucket of AWS or of anything that speaks S3. Bytes of our own stand under unique names behind
/// <see cref="S3Place.Prefix"/>: a body that fits one part is one PUT; a longer one is a multipart upload, of which two parts are in
/// memory at a time. Each carries its MD5, which the service checks.
/// </summary>
/// <remarks>Every call for them is safe to repeat, so the SDK repeats them, and what was damaged on the way is an outage. Those of replicas are not all: see <c>Once</c>.</remarks>
/// <param name="name">The name of the location, for <see cref="Stored"/> and messages.</param>
/// <param name="place">The bucket.</param>
/// <param name="clock">The time; null for the system's.</param>
public sealed partial class S3Location(string name, S3Place place, TimeProvider? clock = null) : ILocation
{
    /// <summary>Bytes of a part, and of the longest body that needs none.</summary>
    private const int PartBytes = 8 << 20;

    private readonly string name = name;
    private readonly S3Service service = new(place);
    private readonly S3Faults faults = new(name, place);
    private readonly TimeProvider clock = clock ?? TimeProvider.System;

    /// <inheritdoc/>
    public LocationTraits Traits { get; } = new(MaxBytes: (long)PartBytes * place.MaxParts);

    private ServerSideEncryptionMethod? Encryption => place.Encrypts ? ServerSideEncryptionMethod.AES256 : null;

    /// <inheritdoc/>
    /// <remarks>
    /// Throws <see cref="BodyLengthException"/>, <see cref="LocationFullException"/>, <see cref="LocationUnavailableException"/>, or what
    /// reading the body throws. Where an outage hides whether the last step took place, the object is removed if it can be.
    /// </remarks>
    public async ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct)
    {
        StoredNames.Require(plan.Name);
        var key = KeyOf(plan.Name);
        string? upload = null;
        var (parts, isAsked) = (new List<PartETag>(), false);
        using var pieces = new PiecewiseUpload(plan.Length, Traits.MaxBytes, _ => PartBytes, async (index, content, token) =>
        {
            upload ??= await Written(() => BeginOwned(key, token), key, token);
            parts.Add(await Written(() => PutOwnedPart(key, upload, index + 1, content, token), key, token));
        });
        try
        {
            var length = await pieces.Take(body, ct);
            ct.ThrowIfCancellationRequested();
            // From here on it cannot be cancelled: whether the name appeared would not be known.
            isAsked = true;
            if (upload is null) await Written(() => PutOwned(key, pieces.Only), key, CancellationToken.None);
            else await Written(() => CompleteOwned(key, upload, parts, length), key, CancellationToken.None);
            return new(name, plan.Name, length);
        }
        catch
        {
            if (upload is not null) await Try(token => AbortUpload(key, upload, token));
            if (isAsked) await Try(token => Remove(key, token));
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The bytes are asked for at once; where they stop coming, the rest is asked for again a few times. Throws
    /// <see cref="IOException"/> for an outage, and where the object has not the length that it should have.
    /// </remarks>
    public async ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        ct.ThrowIfCancellationRequested();
        StoredNames.Require(at.Name);
        Require(range, at.Length);
        try
        {
            return await OpenRange(new() { BucketName = place.Bucket, Key = KeyOf(at.Name) }, range, at.Length, faults.Owned, at.Name, ct);
        }
        catch (Exception e) when (S3Faults.Is(e, ct) && S3Faults.IsMissing(e))
        {
            return null;
        }
        catch (Exception e) when (S3Faults.Is(e, ct) && e is not LocationUnavailableException)
        {
            throw faults.Owned(e, $"{at.Name} could not be read");
        }
    }

    /// <inheritdoc/>
    /// <remarks>In a bucket that keeps versions all of them go: nobody else writes that name.</remarks>
    public async ValueTask Delete(Stored at, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        StoredNames.Require(at.Name);
        try
        {
            await Remove(KeyOf(at.Name), ct);
        }
        catch (Exception e) when (S3Faults.Is(e, ct))
        {
            throw faults.Owned(e, $"{at.Name} could not be removed");
        }
    }

    private string KeyOf(string stored) => place.Prefix + stored;

    private async Task<T> Written<T>(Func<Task<T>> write, string key, CancellationToken ct)
    {
        try
        {
            return await write();
        }
        catch (Exception e) when (S3Faults.Is(e, ct))
        {
            throw faults.Owned(e, $"{key} could not be written");
        }
    }

    private async Task<bool> PutOwned(string key, ArraySegment<byte> content)
    {
        await service.Send(
            Content(content),
            (s3, body, token) => s3.PutObjectAsync(PutRequest(key, body, Md5(content)), token),
            CancellationToken.None);
        return true;
    }

    private PutObjectRequest PutRequest(string key, Stream body, string md5)
    {
        var request = new PutObjectRequest
        {
            BucketName = place.Bucket,
            Key = key,
            InputStream = body,
            AutoCloseStream = false,
            MD5Digest = md5,
            UseChunkEncoding = false,
            DisablePayloadSigning = service.LeavesBodiesUnsigned,
            ServerSideEncryptionMethod = Encryption,
        };
        // The signature covers the MD5, which the service checks: a second hash, at both ends, would say the same.
        if (!service.LeavesBodiesUnsigned) request.Headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        return request;
    }

    private async Task<string> BeginOwned(string key, CancellationToken ct) => (await service.Ask(
        (s3, token) => s3.InitiateMultipartUploadAsync(new() { BucketName = place.Bucket, Key = key, ServerSideEncryptionMethod = Encryption }, token), ct)).UploadId;

    private Task<PartETag> PutOwnedPart(string key, string upload, int number, ArraySegment<byte> content, CancellationToken ct) =>
        SendPart(key, upload, number, Content(content), Md5(content), ct);

    private async Task<PartETag> SendPart(string key, string upload, int number, Stream content, string md5, CancellationToken ct)
    {
        var stored = await service.Send(
            content,
            (s3, body, token) => s3.UploadPartAsync(
                new()
                {
                    BucketName = place.Bucket,
                    Key = key,
                    UploadId = upload,
                    PartNumber = number,
                    PartSize = body.Length,
                    InputStream = body,
                    MD5Digest = md5,
                    UseChunkEncoding = false,
                    DisablePayloadSigning = service.LeavesBodiesUnsigned,
                },
                token),
            ct);
        return new(number, stored.ETag);
    }

    private async Task<bool> CompleteOwned(string key, string upload, List<PartETag> parts, long length)
    {
        try
        {
            await service.Ask(
                (s3, token) => s3.CompleteMultipartUploadAsync(new() { BucketName = place.Bucket, Key = key, UploadId = upload, PartETags = parts }, token),
                CancellationToken.None, Watch.PatienceFor(length));
        }
        catch (Exception e) when (S3Faults.Is(e, CancellationToken.None))
        {
            // An answer may have been lost on the way, and the SDK have tried again.
            if ((await Head(key, null, CancellationToken.None))?.ContentLength != length) throw;
        }
        return true;
    }

    /// <summary>What stands there; null where the service says that nothing does.</summary>
    private async Task<GetObjectMetadataResponse?> Head(string key, string? version, CancellationToken ct)
    {
        try
        {
            return await service.Ask((s3, token) => s3.GetObjectMetadataAsync(new() { BucketName = place.Bucket, Key = key, VersionId = version }, token), ct);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
        {
            return null; // 405 is the answer for a version that is a delete marker
        }
    }

    private async Task<IObjectBody> OpenRange(
        GetObjectRequest request, ByteRange range, long length, Func<Exception, string, Exception> fault, string what, CancellationToken ct)
    {
        // A range without bytes cannot be asked for.
        request.ByteRange = range.Length > 0 ? new(range.Offset, range.End - 1) : length > 0 ? new(0, 0) : null;
        var answer = await service.Ask((s3, token) => s3.GetObjectAsync(request, token), ct);
        if (Total(answer) is var total && total != length)
        {
            answer.Dispose();
            throw new LocationUnavailableException(name, $"{what} has {total} bytes instead of {length} in {place} of location {name}.");
        }
        if (range.Length == 0)
        {
            answer.Dispose();
            return new MemoryBody(ReadOnlyMemory<byte>.Empty);
        }
        return new S3Body(
            answer, range,
            (rest, token) => service.Ask(
                (s3, watched) => s3.GetObjectAsync(
                    new()
                    {
                        BucketName = request.BucketName,
                        Key = request.Key,
                        VersionId = request.VersionId,
                        EtagToMatch = answer.ETag,
                        ByteRange = new(rest.Offset, rest.End - 1),
                    },
                    watched),
                token),
            e => fault(e, $"{what} could not be read to its end"));
    }

    /// <summary>Removes the object and, where the bucket keeps versions, all of them.</summary>
    private async Task<bool> Remove(string key, CancellationToken ct)
    {
        try
        {
            var removed = await service.Ask((s3, token) => s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = place.Bucket, Key = key }, token), ct);
            if (string.IsNullOrEmpty(removed.VersionId)) return true;
            var versions = await service.Ask((s3, token) => s3.ListVersionsAsync(new ListVersionsRequest { BucketName = place.Bucket, Prefix = key }, token), ct);
            foreach (var version in versions.Versions ?? [])
            {
                if (version.Key != key) continue;
                await service.Ask((s3, token) => s3.DeleteObjectAsync(new() { BucketName = place.Bucket, Key = key, VersionId = version.VersionId }, token), ct);
            }
        }
        catch (Exception e) when (S3Faults.Is(e, ct) && S3Faults.IsMissing(e))
        {
        }
        return true;
    }

    private async Task<bool> AbortUpload(string key, string upload, CancellationToken ct)
    {
        try
        {
            await service.Ask((s3, token) => s3.AbortMultipartUploadAsync(new() { BucketName = place.Bucket, Key = key, UploadId = upload }, token), ct);
        }
        catch (Exception e) when (S3Faults.Is(e, ct) && S3Faults.Code(e) == "NoSuchUpload")
        {
        }
        return true;
    }

    /// <summary>Where it fails, what nobody refers to is left.</summary>
    private static async ValueTask Try(Func<CancellationToken, Task<bool>> clean)
    {
        using var watch = new CancellationTokenSource(Watch.CleaningPatience);
        try
        {
            await clean(watch.Token);
        }
        catch (Exception e) when (S3Faults.Is(e, CancellationToken.None)) // its time being over, too
        {
        }
    }

    private static long Total(GetObjectResponse answer) =>
        answer.ContentRange is { } range && range.LastIndexOf('/') is >= 0 and var slash && long.TryParse(range.AsSpan(slash + 1), out var total)
            ? total
            : answer.ContentLength;

    private static void Require(ByteRange range, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(range.Offset, nameof(range));
        ArgumentOutOfRangeException.ThrowIfNegative(range.Length, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, length, nameof(range));
    }

    private static MemoryStream Content(ArraySegment<byte> content) => new(content.Array!, content.Offset, content.Count, writable: false);

#pragma warning disable CA5351 // the MD5 that services check
    private static string Md5(ArraySegment<byte> content) => Convert.ToBase64String(MD5.HashData(content));
#pragma warning restore CA5351
}
