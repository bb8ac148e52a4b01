using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>Copies that were given up: their list, and how they are sent again.</summary>
internal static class FailedReplications
{
    /// <summary>Pages that are looked through for those of one bucket.</summary>
    private const int MostPages = 50;

    /// <summary>A page of a site's, with <c>?bucket=</c> of one bucket. Of buckets of other accounts only administrators are told.</summary>
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
        var bucket = call.Query["bucket"] is { Length: > 0 } only ? only : null;
        for (var looked = 1; ; looked++)
        {
            var (copies, more) = await call.Installation.FailedCopies.Page(site, marker, ct);
            var there = new bool[copies.Count];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, copies.Count), With(ct), async (i, inner) => there[i] = (bucket is null || copies[i].Bucket == bucket) && await IsThere(call, copies[i], inner));
            IReadOnlyList<FailedReplication> told = [.. copies.Where((_, i) => there[i])];
            // Of one bucket there may be none among many; pages of all are as Zenko's.
            if (!more || bucket is null || told.Count > 0 || looked == MostPages) return Write(told, more ? copies[^1].Marker : null);
            marker = copies[^1].Marker;
        }
    }

    /// <summary>The sites that a version could not be copied to; without a version, those of all versions of the key.</summary>
    public static async ValueTask<Reply> OfVersion(ManagementCall call, CancellationToken ct)
    {
        var version = call.Query["versionId"] is { Length: > 0 } given ? given : null;
        if (await call.Installation.Buckets.Find(call.Path["bucket"], ct) is not { } bucket || !await MaySee(call, bucket, ct)) return Write([], null);
        var found = new List<FailedReplication>();
        foreach (var copy in await call.Installation.ObjectCopies.Failed(bucket, call.Path["key"], version, ct))
            if (await IsThere(call, copy, ct)) found.Add(copy);
        return Write(found, null);
    }

    /// <summary>Sends again what the body names: its status is PENDING first, then it is queued.</summary>
    public static async ValueTask<Reply> Retry(ManagementCall call, CancellationToken ct)
    {
        var asked = RetryRequest.Read(call.Body);
        var answers = new FailedReplication?[asked.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, asked.Count), With(ct), async (i, inner) =>
        {
            var one = asked[i];
            if (await call.Installation.Buckets.Find(one.Bucket, inner) is { } bucket)
                answers[i] = await call.Installation.ObjectCopies.Retry(bucket, one.Key, one.VersionId, one.Site, one.Force, inner);
        });
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            foreach (var copy in answers)
                if (copy is not null) Write(json, copy, "PENDING");
            json.WriteEndArray();
        }
        return Reply.Document(bytes.WrittenSpan.ToArray(), "application/json");
    }

    /// <summary>Whether the caller may know of what is in a bucket: administrators, and its owner.</summary>
    public static async ValueTask<bool> MaySee(ManagementCall call, Bucket bucket, CancellationToken ct) =>
        call.Caller.Account is { } account && (account.Id == bucket.OwnerId || await call.Installation.Accounts.IsRoot(account, ct));

    /// <summary>Whether the version is still there, for the caller to know of; else nobody needs to be told any more.</summary>
    private static async ValueTask<bool> IsThere(ManagementCall call, FailedReplication copy, CancellationToken ct)
    {
        var bucket = await call.Installation.Buckets.Find(copy.Bucket, ct);
        if (bucket is not null && bucket.Id == copy.BucketId)
        {
            if (!await MaySee(call, bucket, ct)) return false;
            if (await call.Installation.ObjectCopies.Has(bucket, copy.Key, copy.VersionId, ct)) return true;
        }
        await call.Installation.FailedCopies.Remove(copy, ct);
        return false;
    }

    private static ParallelOptions With(CancellationToken ct) => new() { MaxDegreeOfParallelism = 8, CancellationToken = ct };

    private static Reply Write(IReadOnlyList<FailedReplication> copies, long? next) => BackbeatJson.Object(json =>
    {
        json.WriteBoolean("IsTruncated"u8, next is not null);
        if (next is { } marker) json.WriteNumber("NextMarker"u8, marker);
        json.WriteStartArray("Versions"u8);
        foreach (var copy in copies) Write(json, copy, null);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, FailedReplication copy, string? status)
    {
        json.WriteStartObject();
        json.WriteString("Bucket"u8, copy.Bucket);
        json.WriteString("Key"u8, copy.Key);
        json.WriteString("VersionId"u8, copy.VersionId);
        json.WriteString("StorageClass"u8, copy.Site);
        json.WriteNumber("Size"u8, copy.Size);
        json.WriteString("LastModified"u8, BackbeatJson.Time(copy.Modified));
        if (status is not null) json.WriteString("ReplicationStatus"u8, status);
        // Ours: Zenko keeps no reason.
        else if (copy.Reason is { } reason) json.WriteString("Reason"u8, reason);
        json.WriteEndObject();
    }
}

/// <summary>A copy that is to be sent again.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key.</param>
/// <param name="VersionId">The version; null for the current one.</param>
/// <param name="Site">The location.</param>
/// <param name="Force">Even where it is not known to have been given up.</param>
internal sealed record RetryRequest(string Bucket, string Key, string? VersionId, string Site, bool Force)
{
    private static readonly string[] Required = ["Bucket", "Key", "StorageClass"];

    /// <summary>Those that a body names, each once.</summary>
    public static IReadOnlyList<RetryRequest> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() == 0)
                throw Malformed("body must be a non-empty array");
            var found = new Dictionary<(string, string, string?, string), RetryRequest>();
            foreach (var item in array.EnumerateArray())
            {
                var one = Read(item);
                var name = (one.Bucket, one.Key, one.VersionId, one.Site);
                found[name] = found.TryGetValue(name, out var before) ? one with { Force = one.Force || before.Force } : one;
            }
            return [.. found.Values];
        }
        catch (JsonException)
        {
            throw Malformed(null);
        }
    }

    private static RetryRequest Read(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object) throw Malformed("body must be an array of objects");
        foreach (var name in Required)
            if (Text(item, name) is null) throw Malformed($"{name} must be a non-empty string");
        return new(
            Text(item, "Bucket")!, Text(item, "Key")!, Text(item, "VersionId"), Text(item, "StorageClass")!,
            item.TryGetProperty("ForceRetry", out var force) && force.ValueKind == JsonValueKind.True);
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static S3Exception Malformed(string? why) => new(
        ManagementErrors.MalformedPOSTRequest, ManagementErrors.MalformedPOSTRequest.Message + (why is null ? "" : ": " + why));
}
