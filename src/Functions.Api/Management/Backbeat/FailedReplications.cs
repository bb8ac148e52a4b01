using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>Copies that were given up: their list.</summary>
internal static class FailedReplications
{
    /// <summary>A page of a site's. Of buckets of other accounts only administrators are told.</summary>
    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct)
    {
        var marker = 0L;
        if (call.Query["marker"] is { Length: > 0 } text)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                throw new S3Exception(ManagementErrors.InvalidQueryParameter, "marker must be a number");
            marker = (long)number;
        }
        // Zenko takes a request without a site, too, and finds nothing.
        if (call.Query["sitename"] is not { } site) return Write([], null);
        if (site.Length == 0) throw new S3Exception(ManagementErrors.InvalidQueryParameter, "sitename must be a non-empty string");
        if (!FailedList.CanBeSite(site)) return Write([], null);
        var (copies, more) = await call.Installation.FailedCopies.Page(site, marker, ct);
        var there = new bool[copies.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, copies.Count), With(ct), async (i, inner) => there[i] = await IsThere(call, copies[i], inner));
        return Write([.. copies.Where((_, i) => there[i])], more ? copies[^1].Marker : null);
    }

    /// <summary>The sites that a version could not be copied to; without a version, those of all versions of the key.</summary>
    public static async ValueTask<Reply> OfVersion(ManagementCall call, CancellationToken ct)
    {
        var version = call.Query["versionId"] is { Length: > 0 } given ? given : null;
        if (await call.Installation.Buckets.Find(call.Path["bucket"], ct) is not { } bucket || !await MaySee(call, bucket, ct)) return Write([], null);
        var found = new List<FailedCopy>();
        foreach (var copy in await call.Installation.ObjectCopies.Failed(bucket, call.Path["key"], version, ct))
            if (await IsThere(call, copy, ct)) found.Add(copy);
        return Write(found, null);
    }

    /// <summary>Whether the caller may know of what is in a bucket: administrators, and its owner.</summary>
    public static async ValueTask<bool> MaySee(ManagementCall call, Bucket bucket, CancellationToken ct) =>
        call.Caller.Account is { } account && (account.Id == bucket.OwnerId || await call.Installation.Accounts.IsRoot(account, ct));

    /// <summary>Whether the version is still there, for the caller to know of; else nobody needs to be told any more.</summary>
    private static async ValueTask<bool> IsThere(ManagementCall call, FailedCopy copy, CancellationToken ct)
    {
        var bucket = await call.Installation.Buckets.Find(copy.Bucket, ct);
        if (bucket is not null && bucket.Id == copy.BucketId)
        {
            if (!await MaySee(call, bucket, ct)) return false;
            if (await call.Installation.ObjectCopies.Has(bucket, copy.Key, copy.VersionId, ct)) return true;
        }
        await call.Installation.FailedCopies.Remove(copy.BucketId, copy.Key, copy.VersionId, copy.Site, ct);
        return false;
    }

    private static ParallelOptions With(CancellationToken ct) => new() { MaxDegreeOfParallelism = 8, CancellationToken = ct };

    private static Reply Write(IReadOnlyList<FailedCopy> copies, long? next) => BackbeatJson.Object(json =>
    {
        json.WriteBoolean("IsTruncated"u8, next is not null);
        if (next is { } marker) json.WriteNumber("NextMarker"u8, marker);
        json.WriteStartArray("Versions"u8);
        foreach (var copy in copies) Write(json, copy);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, FailedCopy copy)
    {
        json.WriteStartObject();
        json.WriteString("Bucket"u8, copy.Bucket);
        json.WriteString("Key"u8, copy.Key);
        json.WriteString("VersionId"u8, copy.VersionId);
        json.WriteString("StorageClass"u8, copy.Site);
        json.WriteNumber("Size"u8, copy.Size);
        json.WriteString("LastModified"u8, BackbeatJson.Time(copy.Modified));
        json.WriteEndObject();
    }
}
