using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Search;

namespace ZenkoFunctions.Api.Management;

/// <summary>The searches that whoever asks keeps for another time. They are theirs alone, and say nothing of what may be found.</summary>
internal static class SavedSearchOperations
{
    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct) =>
        Reply.Json(SearchJson.Default.SearchList, new([.. (await call.Installation.SavedSearches.Of(Owner(call), ct)).Select(SearchLine.Of)]));

    public static async ValueTask<Reply> Put(ManagementCall call, CancellationToken ct)
    {
        var body = call.Read(SearchJson.Default.SearchBody);
        if (body is not { Bucket: { Length: > 0 } bucket, Expression: { } expression } || BucketName.Fault(bucket) is not null)
            throw new S3Exception(ManagementErrors.MalformedBody, "Say where and what: {\"bucket\":\"…\",\"expression\":\"…\"}.");
        var kept = await call.Installation.SavedSearches.Put(Owner(call), new(call.Path["name"], bucket, expression) { Versions = body.Versions }, ct);
        return kept.Refusal is null ? Reply.Json(SearchJson.Default.SearchLine, SearchLine.Of(kept.Value)) : Reply.Refused(S3Errors.InvalidRequest, kept.Detail);
    }

    public static async ValueTask<Reply> Delete(ManagementCall call, CancellationToken ct)
    {
        await call.Installation.SavedSearches.Delete(Owner(call), call.Path["name"], ct);
        return Reply.Empty(204);
    }

    private static SearchOwner Owner(ManagementCall call) => new(call.Caller.Account!.Id, call.Caller.User?.Id);
}

/// <summary>The body that keeps one.</summary>
public sealed record SearchBody
{
    /// <summary>Where.</summary>
    public string? Bucket { get; init; }

    /// <summary>What.</summary>
    public string? Expression { get; init; }

    /// <summary>Whether older versions are found, too.</summary>
    public bool Versions { get; init; }
}

/// <summary>All that somebody keeps.</summary>
/// <param name="Searches">By name.</param>
public sealed record SearchList(IReadOnlyList<SearchLine> Searches);

/// <summary>One that somebody keeps.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bucket">Where.</param>
/// <param name="Expression">What.</param>
/// <param name="Versions">Whether older versions are found, too.</param>
public sealed record SearchLine(string Name, string Bucket, string Expression, bool Versions)
{
    /// <summary>What is told of one.</summary>
    public static SearchLine Of(SavedSearch search) => new(search.Name, search.Bucket, search.Expression, search.Versions);
}

/// <summary>How these bodies are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SearchList))]
[JsonSerializable(typeof(SearchBody))]
public sealed partial class SearchJson : JsonSerializerContext;
