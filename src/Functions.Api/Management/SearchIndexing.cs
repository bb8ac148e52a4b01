using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Search;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Api.Management;

/// <summary>The fields that the searches of a bucket find without looking at every object.</summary>
internal static class SearchIndexing
{
    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct) =>
        Told(call, await call.Installation.SearchIndexes.Find(call.Path["bucket"], ct));

    public static async ValueTask<Reply> Put(ManagementCall call, CancellationToken ct)
    {
        var body = call.Read(SearchIndexJson.Default.SearchIndexBody);
        if (body.Fields?.Contains(null!) == true) throw new S3Exception(ManagementErrors.MalformedBody, "A field must have a name.");
        var name = call.Path["bucket"];
        var fields = body.Fields;
        if (fields is null)
        {
            var now = await call.Installation.SearchIndexes.Find(name, ct);
            if (now.Refusal is not null) return Told(call, now);
            fields = [.. (now.Value.Index?.Fields ?? []).Select(field => field.Name)];
        }
        return Told(call, await call.Installation.SearchIndexes.Set(name, fields, body.Rebuild, ct));
    }

    public static async ValueTask<Reply> Delete(ManagementCall call, CancellationToken ct) =>
        Told(call, await call.Installation.SearchIndexes.Set(call.Path["bucket"], [], false, ct));

    private static Reply Told(ManagementCall call, Result<SearchIndexStatus> status) => status.Refusal is { } refusal
        ? Reply.Refused(refusal is Refusal.NoSuchBucket ? S3Errors.NoSuchBucket : refusal is Refusal.Conflict ? ManagementErrors.OperationAborted : S3Errors.InvalidRequest, status.Detail)
        : Reply.Json(SearchIndexJson.Default.SearchIndexDocument, SearchIndexDocument.Of(call.Path["bucket"], status.Value));
}

/// <summary>The body that sets the fields.</summary>
public sealed record SearchIndexBody
{
    /// <summary>All that are to be indexed; null for those that are.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Whether all are built again, not only those that are new.</summary>
    public bool Rebuild { get; init; }
}

/// <summary>A search index, as the management API tells of it.</summary>
/// <param name="Bucket">Its bucket.</param>
/// <param name="Fields">Its fields, by name.</param>
/// <param name="Walk">The last walk that built it; null where there never was one.</param>
public sealed record SearchIndexDocument(string Bucket, IReadOnlyList<SearchIndexLine> Fields, WalkDocument? Walk)
{
    /// <summary>What is told of an index.</summary>
    public static SearchIndexDocument Of(string bucket, SearchIndexStatus status) => new(
        bucket, [.. (status.Index?.Fields ?? []).Select(field => new SearchIndexLine(field.Name, field.IsReady ? "ready" : "building", field.Since))],
        status.Walk is { } walk ? WalkDocument.Of(walk) : null);
}

/// <summary>A field of an index.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">building, or ready: searches use it.</param>
/// <param name="Since">When it was declared.</param>
public sealed record SearchIndexLine(string Name, string State, DateTimeOffset Since);

/// <summary>The documents of search indexes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    Converters = [typeof(UtcTimes)], UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SearchIndexBody))]
[JsonSerializable(typeof(SearchIndexDocument))]
public sealed partial class SearchIndexJson : JsonSerializerContext;
