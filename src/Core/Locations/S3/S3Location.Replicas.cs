using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>
/// Replicas are objects like any other there. Each body is held before it is sent, so that its MD5 goes with it; large parts are
/// held in a file.
/// </summary>
public sealed partial class S3Location : IReplicas
{
    private const long MostInOneCall = 5L << 30;
    private const int Attempts = 3;
    private const int LongestTagHeader = 4096; // services take 8 KiB of headers; longer tags come in a call of their own

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Services that were heard to count tags in the answer of HEAD need not be asked for tags where they count none. AWS does.
    private volatile bool countsTags = place.Endpoint is null;
    private long bucketSeenAt;

    /// <inheritdoc/>
    public ReplicaTraits ReplicaTraits { get; } = new(place.KeepsVersions, MostInOneCall, place.MaxParts, place.HasTags, place.WholeKey);

    /// <inheritdoc/>
    public ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct) => Find(key, versionId, isTagged: true, ct);

    /// <inheritdoc/>
    public ValueTask<Replica?> FindUntagged(string key, string? versionId, CancellationToken ct) => Find(key, versionId, isTagged: false, ct);

    private ValueTask<Replica?> Find(string key, string? versionId, bool isTagged, CancellationToken ct) => Told($"{key} could not be looked at", async () =>
    {
        var head = await Head(key, versionId, ct);
        if (head is null)
        {
            await RequireBucket(ct);
            return null;
        }
        var found = Of(key, head);
        return isTagged ? found with { Tags = await TagsOf(key, head, ct) } : found;
    }, ct);

    /// <inheritdoc/>
    public async ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plan.Size, MostInOneCall, nameof(plan));
        await using var held = await HeldBody.Take(body, plan.Size, plan.Md5, ct);
        var stored = await Told($"{plan.Key} could not be written", () => Once(async () =>
        {
            held.Content.Position = 0;
            var answer = await service.SendOnce(
                held.Content,
                (s3, content, token) =>
                {
                    var request = PutRequest(plan.Key, content, Convert.ToBase64String(held.Md5));
                    request.TagSet = HeaderTags(plan);
                    Describe(plan, request.Headers, request.Metadata);
                    return s3.PutObjectAsync(request, token);
                },
                ct);
            return Of(plan, answer.ETag, answer.VersionId);
        }, async () => await Head(plan.Key, null, ct) is { } head && Of(plan.Key, head) is var found && Is(found, plan) && IsMd5(found.ETag, held.Md5) ? found : null, ct), ct);
        return await WithTags(plan, stored, ct);
    }

    /// <inheritdoc/>
    /// <remarks>The SDK does not ask again: each time another upload is begun, of which one alone is told.</remarks>
    public ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct) => Told($"{plan.Key} could not be begun", async () =>
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = place.Bucket,
            Key = plan.Key,
            ServerSideEncryptionMethod = Encryption,
            TagSet = HeaderTags(plan),
        };
        Describe(plan, request.Headers, request.Metadata);
        return (await service.AskOnce((s3, token) => s3.InitiateMultipartUploadAsync(request, token), ct)).UploadId;
    }, ct);

    /// <inheritdoc/>
    public async ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct)
    {
        await using var held = await HeldBody.Take(body, length, null, ct);
        return await Told($"Part {number} of {plan.Key} could not be written", async () =>
        {
            var stored = await SendPart(plan.Key, upload, number, held.Content, Convert.ToBase64String(held.Md5), ct);
            return new ReplicaPart(number, Unquoted(stored.ETag), length);
        }, ct);
    }

    /// <inheritdoc/>
    public async ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct)
    {
        var stored = await Told($"{plan.Key} could not be completed", async () =>
        {
            try
            {
                var request = new CompleteMultipartUploadRequest
                {
                    BucketName = place.Bucket,
                    Key = plan.Key,
                    UploadId = upload,
                    PartETags = [.. parts.Select(part => new PartETag(part.Number, part.Name))],
                };
                var answer = await service.Ask((s3, token) => s3.CompleteMultipartUploadAsync(request, token), ct, Watch.PatienceFor(plan.Size));
                if (!string.IsNullOrEmpty(answer.ETag) && (!place.KeepsVersions || !string.IsNullOrEmpty(answer.VersionId))) return Of(plan, answer.ETag, answer.VersionId);
                // Ceph 16 gives no ETag the first time, and no version when it is asked again.
                return Of(plan.Key, await Head(plan.Key, answer.VersionId, ct) ?? throw new IOException("What was completed is not there."));
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
            {
                // It may have been completed already, by a call whose answer was lost.
                if (await Head(plan.Key, null, ct) is { } head && Of(plan.Key, head) is var found && Is(found, plan)) return found;
                throw;
            }
        }, ct);
        return await WithTagsOfParts(plan, stored, ct);
    }

    /// <inheritdoc/>
    public async ValueTask Abort(string key, string upload, CancellationToken ct) =>
        await Told($"The upload of {key} could not be aborted", () => AbortUpload(key, upload, ct), ct);

    /// <inheritdoc/>
    public async ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) =>
        await Told($"The uploads of {key} could not be looked for", async () =>
        {
            foreach (var upload in await UploadsOf(key, ct))
                if (upload.Initiated is { } begun && begun.ToUniversalTime() is var at && at >= from.UtcDateTime && at <= until.UtcDateTime)
                    await AbortUpload(key, upload.UploadId, ct);
            return true;
        }, ct);

    /// <summary>In a listing by prefix those of the very key come first.</summary>
    private async Task<List<MultipartUpload>> UploadsOf(string key, CancellationToken ct)
    {
        var found = new List<MultipartUpload>();
        string? marker = null, from = null;
        do
        {
            var page = await service.Ask(
                (s3, token) => s3.ListMultipartUploadsAsync(
                    new ListMultipartUploadsRequest { BucketName = place.Bucket, Prefix = key, KeyMarker = marker, UploadIdMarker = from, Encoding = EncodingType.Url }, token),
                ct);
            var uploads = page.MultipartUploads ?? [];
            var isOthers = false;
            foreach (var upload in uploads)
            {
                // The SDK does not tell whether the service heeded that keys are to be encoded.
                if (upload.Key == key || WebUtility.UrlDecode(upload.Key) == key) found.Add(upload);
                else isOthers = true;
            }
            (marker, from) = page.IsTruncated == true && !isOthers && uploads.Count > 0 ? (key, uploads[^1].UploadId) : (null, null);
        }
        while (from is not null);
        return found;
    }

    /// <inheritdoc/>
    public ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => Told($"{at.Key} could not be tagged", async () =>
    {
        try
        {
            if (tags.Count == 0)
                await service.Ask((s3, token) => s3.DeleteObjectTaggingAsync(new() { BucketName = place.Bucket, Key = at.Key, VersionId = at.VersionId }, token), ct);
            else
                await service.Ask(
                    (s3, token) => s3.PutObjectTaggingAsync(
                        new() { BucketName = place.Bucket, Key = at.Key, VersionId = at.VersionId, Tagging = new() { TagSet = TagSet(tags) } }, token),
                    ct);
        }
        catch (AmazonS3Exception e) when (S3Faults.IsMissing(e))
        {
            throw new LocationUnavailableException(name, $"{at.Key} could not be tagged: it is not at {place} of location {name} any more.", e);
        }
        return at with { Tags = tags };
    }, ct);

    /// <inheritdoc/>
    public ValueTask<string?> Delete(string key, CancellationToken ct) => Told($"{key} could not be removed", async () =>
    {
        try
        {
            var answer = await Once(
                () => service.AskOnce((s3, token) => s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = place.Bucket, Key = key }, token), ct),
                async () => await Head(key, null, ct) is null ? new DeleteObjectResponse() : null,
                ct);
            return VersionOf(answer.VersionId);
        }
        catch (AmazonS3Exception e) when (S3Faults.IsMissing(e))
        {
            return null;
        }
    }, ct);

    /// <inheritdoc/>
    /// <remarks>
    /// AWS answers HEAD of a marker by 405. Others say that there is none; but a listing of the key's versions has it. Those of longer
    /// keys come behind.
    /// </remarks>
    public ValueTask<bool> IsMarker(string key, string versionId, CancellationToken ct) => Told($"The versions of {key} could not be looked at", async () =>
    {
        try
        {
            await service.Ask((s3, token) => s3.GetObjectMetadataAsync(new() { BucketName = place.Bucket, Key = key, VersionId = versionId }, token), ct);
            return false;
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
        {
            if (e.StatusCode == HttpStatusCode.MethodNotAllowed) return true;
        }
        string? fromKey = null, fromVersion = null;
        while (true)
        {
            var page = await service.Ask(
                (s3, token) => s3.ListVersionsAsync(
                    new ListVersionsRequest { BucketName = place.Bucket, Prefix = key, KeyMarker = fromKey, VersionIdMarker = fromVersion, Encoding = EncodingType.Url }, token),
                ct);
            foreach (var version in page.Versions ?? [])
            {
                if (Named(version.Key, page.Encoding) != key) return false;
                if (version.VersionId == versionId) return version.IsDeleteMarker == true;
            }
            if (page.IsTruncated != true) return false;
            (fromKey, fromVersion) = (Named(page.NextKeyMarker, page.Encoding), page.NextVersionIdMarker);
        }
    }, ct);

    /// <inheritdoc/>
    public ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct)
    {
        Require(range, at.Size);
        return Told($"{at.Key} could not be read", async () =>
        {
            var request = new GetObjectRequest { BucketName = place.Bucket, Key = at.Key, VersionId = at.VersionId };
            if (at.VersionId is null) request.EtagToMatch = $"\"{at.ETag}\"";
            try
            {
                return (IObjectBody?)await OpenRange(request, range, at.Size, faults.OfReplica, at.Key, ct);
            }
            catch (AmazonS3Exception e) when (S3Faults.IsMissing(e) || e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.MethodNotAllowed)
            {
                return null;
            }
        }, ct);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Replica> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        string? from = null;
        do
        {
            var page = await Told($"{place} could not be listed", () => service.Ask(
                (s3, token) => s3.ListObjectsV2Async(
                    new() { BucketName = place.Bucket, Prefix = prefix, StartAfter = after, ContinuationToken = from, Encoding = EncodingType.Url }, token),
                ct), ct);
            foreach (var found in page.S3Objects ?? [])
                yield return new(Named(found.Key, page.Encoding), found.Size ?? 0, Unquoted(found.ETag), null, found.LastModified ?? default) { IsWhole = false };
            from = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (from is not null);
    }

    /// <inheritdoc/>
    public ValueTask<SourceVersioning> Versioning(CancellationToken ct) => Told($"The versioning of {place} could not be looked at", async () =>
    {
        if (!place.KeepsVersions) return SourceVersioning.None;
        var answer = await service.Ask((s3, token) => s3.GetBucketVersioningAsync(new GetBucketVersioningRequest { BucketName = place.Bucket }, token), ct);
        return answer.VersioningConfig?.Status is not { } status || status == VersionStatus.Off ? SourceVersioning.None
            : status == VersionStatus.Enabled ? SourceVersioning.Enabled
            : SourceVersioning.Suspended;
    }, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<SourceVersion> ListVersions(string prefix, string? after, CancellationToken ct) => ListVersions(prefix, after, null, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> Keys(string? after, int limit, [EnumeratorCancellation] CancellationToken ct)
    {
        string? last = null;
        await foreach (var version in ListVersions("", after, limit, ct))
        {
            if (version.Key == last) continue;
            yield return last = version.Key;
            if (--limit == 0) yield break;
        }
    }

    // Some services tell the delete markers of a page behind its objects, whatever their keys: so a page is put in order.
    private async IAsyncEnumerable<SourceVersion> ListVersions(string prefix, string? after, int? pageSize, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!place.KeepsVersions)
        {
            await foreach (var found in List(prefix, after, ct)) yield return new(found.Key, null, true, found.Size, found.ETag, found.Modified);
            yield break;
        }
        string? fromKey = after, fromVersion = null;
        while (true)
        {
            var page = await Told($"The versions of {place} could not be listed", () => service.Ask(
                (s3, token) => s3.ListVersionsAsync(
                    new ListVersionsRequest { BucketName = place.Bucket, Prefix = prefix, KeyMarker = fromKey, VersionIdMarker = fromVersion, MaxKeys = pageSize, Encoding = EncodingType.Url }, token),
                ct), ct);
            var versions = (page.Versions ?? []).Select(version => new SourceVersion(
                Named(version.Key, page.Encoding), VersionOf(version.VersionId), version.IsLatest == true, version.Size ?? 0, Unquoted(version.ETag), version.LastModified ?? default)
            {
                IsMarker = version.IsDeleteMarker == true,
            });
            foreach (var version in versions.OrderBy(version => version.Key, Utf8Order.Comparer).ThenByDescending(version => version.IsLatest).ThenByDescending(version => version.Modified))
                if (after is null || Utf8Order.Compare(version.Key, after) > 0) yield return version; // Ceph 16 begins with the marker's own key
            if (page.IsTruncated != true) yield break;
            (fromKey, fromVersion) = (Named(page.NextKeyMarker, page.Encoding), page.NextVersionIdMarker);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteVersion(string key, string versionId, CancellationToken ct) => await Told($"A version of {key} could not be removed", async () =>
    {
        try
        {
            await service.Ask((s3, token) => s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = place.Bucket, Key = key, VersionId = versionId }, token), ct);
        }
        catch (AmazonS3Exception e) when (S3Faults.IsMissing(e))
        {
            // It is gone, which was meant.
        }
        return true;
    }, ct);

    private async ValueTask<T> Told<T>(string what, Func<Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (S3Faults.Is(e, ct) && e is not LocationUnavailableException)
        {
            throw faults.OfReplica(e, what);
        }
    }

    /// <summary>
    /// What may not be done twice, as a place that keeps versions would keep both: where nothing is known of a try, it is asked first
    /// whether that was done.
    /// </summary>
    private async Task<T> Once<T>(Func<Task<T>> change, Func<Task<T?>> done, CancellationToken ct) where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await change();
            }
            catch (Exception e) when (attempt < Attempts && S3Faults.Is(e, ct) && S3Faults.IsDoubtful(e))
            {
                await Task.Delay(Pause * attempt, clock, ct);
            }
            if (await done() is { } found) return found;
        }
    }

    /// <summary>HEAD does not say whether it is the object or the bucket that is missing.</summary>
    private async ValueTask RequireBucket(CancellationToken ct)
    {
        var seen = Volatile.Read(ref bucketSeenAt);
        if (seen != 0 && clock.GetElapsedTime(seen) < TimeSpan.FromMinutes(1)) return;
        await service.Ask((s3, token) => s3.ListObjectsV2Async(new() { BucketName = place.Bucket, MaxKeys = 1 }, token), ct);
        Volatile.Write(ref bucketSeenAt, clock.GetTimestamp());
    }

    private async ValueTask<IReadOnlyDictionary<string, string>> TagsOf(string key, GetObjectMetadataResponse head, CancellationToken ct)
    {
        if (head.TagsCount > 0) countsTags = true;
        else if (countsTags) return new Dictionary<string, string>();
        return place.HasTags ? await ReadTags(key, VersionOf(head.VersionId), ct) : new Dictionary<string, string>();
    }

    private async Task<Dictionary<string, string>> ReadTags(string key, string? versionId, CancellationToken ct)
    {
        var answer = await service.Ask((s3, token) => s3.GetObjectTaggingAsync(new() { BucketName = place.Bucket, Key = key, VersionId = versionId }, token), ct);
        return (answer.Tagging ?? []).ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);
    }

    private async ValueTask<Replica> WithTags(ReplicaPlan plan, Replica stored, CancellationToken ct) =>
        plan.Tags.Count > 0 && place.HasTags && !FitHeader(plan.Tags) ? await SetTags(stored, plan.Tags, ct) : stored with { Tags = plan.Tags };

    // Ceph 16 forgets what tags an upload began with.
    private async ValueTask<Replica> WithTagsOfParts(ReplicaPlan plan, Replica stored, CancellationToken ct)
    {
        if (HeaderTags(plan) is null) return await WithTags(plan, stored, ct);
        var kept = await Told($"The tags of {plan.Key} could not be looked at", async () => await ReadTags(plan.Key, stored.VersionId, ct), ct);
        return kept.Count == plan.Tags.Count && plan.Tags.All(tag => kept.GetValueOrDefault(tag.Key) == tag.Value)
            ? stored with { Tags = plan.Tags }
            : await SetTags(stored, plan.Tags, ct);
    }

    private List<Tag>? HeaderTags(ReplicaPlan plan) => plan.Tags.Count > 0 && place.HasTags && FitHeader(plan.Tags) ? TagSet(plan.Tags) : null;

    private Replica Of(ReplicaPlan plan, string etag, string? version) =>
        new(plan.Key, plan.Size, Unquoted(etag), VersionOf(version), clock.GetUtcNow()) { Headers = plan.Headers, Metadata = plan.Metadata };

    private static Replica Of(string key, GetObjectMetadataResponse head)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in head.Metadata.Keys) metadata[Bare(name)] = MailWords.Decode(head.Metadata[name]);
        return new(key, head.ContentLength, Unquoted(head.ETag), VersionOf(head.VersionId), head.LastModified ?? default) { Metadata = metadata, Headers = HeadersOf(head) };
    }

    private static Dictionary<string, string> HeadersOf(GetObjectMetadataResponse head)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Keep("Cache-Control", head.Headers.CacheControl);
        Keep("Content-Disposition", head.Headers.ContentDisposition);
        Keep("Content-Encoding", head.Headers.ContentEncoding);
        Keep("Content-Language", head.Headers["Content-Language"] ?? head.ContentLanguage);
        Keep("Content-Type", head.Headers.ContentType);
        Keep("Expires", head.ExpiresString);
        Keep("x-amz-website-redirect-location", head.WebsiteRedirectLocation);
        return headers;

        void Keep(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) headers[name] = value;
        }
    }

    // Where the ETag is something else (encrypted objects), it is sent once more.
    private static bool IsMd5(string etag, byte[] md5) => etag.Equals(Convert.ToHexString(md5), StringComparison.OrdinalIgnoreCase);

    // Ceph takes "_" in names for "-".
    private static bool Is(Replica found, ReplicaPlan plan) =>
        found.Size == plan.Size && found.Metadata.Count == plan.Metadata.Count
        && plan.Metadata.All(one => (found.Metadata.GetValueOrDefault(one.Key) ?? found.Metadata.GetValueOrDefault(one.Key.Replace('_', '-'))) == one.Value);

    private static void Describe(ReplicaPlan plan, HeadersCollection headers, MetadataCollection metadata)
    {
        foreach (var (name, value) in plan.Headers) headers[name] = value;
        foreach (var (name, value) in plan.Metadata) metadata[name] = MailWords.Encode(value);
    }

    private static List<Tag> TagSet(IReadOnlyDictionary<string, string> tags) => [.. tags.Select(tag => new Tag { Key = tag.Key, Value = tag.Value })];

    private static bool FitHeader(IReadOnlyDictionary<string, string> tags) =>
        tags.Sum(tag => Uri.EscapeDataString(tag.Key).Length + Uri.EscapeDataString(tag.Value).Length + 2) <= LongestTagHeader;

    // A bucket whose versions are suspended says "null", which the next write replaces: there the ETag tells one from another.
    private static string? VersionOf(string? version) => string.IsNullOrEmpty(version) || version == "null" ? null : version;

    private static string Bare(string metadata) =>
        metadata.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase) ? metadata["x-amz-meta-".Length..].ToLower(CultureInfo.InvariantCulture) : metadata;

    private static string Named(string key, EncodingType? encoding) => encoding == EncodingType.Url ? WebUtility.UrlDecode(key) : key;

    private static string Unquoted(string? etag) => (etag ?? "").Trim('"');
}
