using System.Text.Json;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A copy that was given up.</summary>
public sealed record FailedLine(string Bucket, string Key, string VersionId, long Size, DateTimeOffset? Modified, string? Reason)
{
    /// <summary>By which a form names it.</summary>
    public string Pick => ConsoleApi.Query(("bucket", Bucket), ("key", Key), ("version", VersionId))[1..];
}

/// <summary>What a page of copies shows that were given up.</summary>
/// <param name="Site">Where they were to go.</param>
/// <param name="Bucket">The only bucket; null for all.</param>
/// <param name="Lines">The copies.</param>
/// <param name="Next">The marker of the next page; null where there is none.</param>
public sealed record FailedCopiesModel(string Site, string? Bucket, IReadOnlyList<FailedLine> Lines, string? Next);

public partial class FailedCopiesPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) =>
        call.Query("site") is { } site ? await call.Page<FailedCopiesPage>(await Read(call, site, ct)) : call.Go("replication");

    internal static async ValueTask<Reply> Retry(ConsoleCall call, CancellationToken ct)
    {
        if (call.Query("site") is not { } site) return call.Go("replication");
        var bucket = call.Query("bucket");
        if (call.Form["all"] is not null)
        {
            var body = new JsonObject { ["site"] = site };
            if (bucket is not null) body["bucket"] = bucket;
            return call.Go(ConsolePath.Task(WalkTold.Of(await call.Api.Do("POST", WalkTold.Api + "/retry", "", ct, LocationForm.Body(body))).Id), ("began", "1"));
        }
        var listed = (await Read(call, site, ct)).Lines;
        // By what they are, not by where they stood: there may be others by now.
        IReadOnlyList<FailedLine> chosen = [.. listed.Where(line => call.Form["one"] is { } one ? one == line.Pick : call.Form.Values.Contains(line.Pick))];
        if (chosen.Count == 0) return call.Go("replication/failed", ("site", site), ("bucket", bucket), ("marker", call.Query("marker")));
        var again = new JsonArray([.. chosen.Select(line => (JsonNode)new JsonObject { ["Bucket"] = line.Bucket, ["Key"] = line.Key, ["VersionId"] = line.VersionId, ["StorageClass"] = site })]);
        using var queued = JsonDocument.Parse((await call.Api.Do("POST", ReplicationPage.Api + "/crr/failed", "", ct, LocationForm.Body(again))).Body);
        return call.Go("replication/failed", ("site", site), ("bucket", bucket), ("sent", $"{queued.RootElement.GetArrayLength()} of {chosen.Count}"));
    }

    /// <summary>A page of those of a site.</summary>
    internal static async ValueTask<FailedCopiesModel> Read(ConsoleCall call, string site, CancellationToken ct)
    {
        using var listed = JsonDocument.Parse((await call.Api.Do("GET", ReplicationPage.Api + "/crr/failed", ConsoleApi.Query(("sitename", site), ("bucket", call.Query("bucket")), ("marker", call.Query("marker"))), ct)).Body);
        var lines = listed.RootElement.GetProperty("Versions").EnumerateArray().Select(each => new FailedLine(
            each.GetProperty("Bucket").GetString()!, each.GetProperty("Key").GetString()!, each.GetProperty("VersionId").GetString()!, each.GetProperty("Size").GetInt64(), Text.ReadTime(each.GetProperty("LastModified").GetString()),
            each.TryGetProperty("Reason", out var reason) ? reason.GetString() : null));
        return new(site, call.Query("bucket"), [.. lines], listed.RootElement.TryGetProperty("NextMarker", out var next) ? next.GetRawText() : null);
    }
}
