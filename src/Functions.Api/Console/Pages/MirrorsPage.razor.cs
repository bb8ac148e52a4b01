using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A bucket that mirrors a location.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Location">What it mirrors.</param>
/// <param name="State">How it is, in a word.</param>
/// <param name="Tone">How that looks.</param>
/// <param name="Trouble">What stands in the way, or is waited for; null for nothing.</param>
/// <param name="At">When it was last compared; null for never.</param>
/// <param name="Taken">Versions that the last comparison took over.</param>
/// <param name="Waiting">Versions of its location that are to be taken over still.</param>
public sealed record MirrorLine(string Bucket, string Location, string State, string? Tone, string? Trouble, DateTimeOffset? At, long Taken, double Waiting);

/// <summary>What the list of mirrors shows.</summary>
/// <param name="Lines">The mirrors.</param>
/// <param name="Sources">How many locations could be mirrored.</param>
public sealed record MirrorsModel(IReadOnlyList<MirrorLine> Lines, int Sources);

public partial class MirrorsPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var sources = (await call.Api.Json(LocationForm.Root, "", LocationsJson.Default.LocationList, ct)).Locations.Where(each => each.Details.BucketMatch == true).ToList();
        var walks = (await WalkTold.All(call, ct)).Where(walk => walk.Purpose == "ingest").ToLookup(walk => walk.Bucket);
        List<MirrorLine> lines = [];
        foreach (var source in sources)
        {
            var path = Uri.EscapeDataString(source.Name);
            var used = await call.Api.Json($"{LocationForm.Root}/{path}/use", "", LocationsJson.Default.LocationUsers, ct);
            if (!used.Buckets.Any(each => each.Mirror)) continue;
            var isPaused = (await ReplicationPage.Sites(call, ct, "ingestion")).Any(site => site.Name == source.Name && site.IsPaused);
            var counts = JsonNode.Parse((await call.Api.Do("GET", $"{ReplicationPage.Api}/metrics/ingestion/{path}/pending", "", ct)).Body.Span);
            var waiting = counts!["pending"]!["results"]!["count"]!.GetValue<double>();
            foreach (var bucket in used.Buckets.Where(each => each.Mirror))
            {
                var walk = walks[bucket.Bucket].FirstOrDefault();
                var (state, tone) = isPaused ? ("Paused", "warn") : walk?.State switch
                {
                    null => ("Not compared yet", null), "running" => ("Being compared", null), "failed" => ("Does not get on", "bad"), "cancelled" => ("Ended early", "warn"), _ => ("Up to date", "good"),
                };
                lines.Add(new(bucket.Bucket, source.Name, state, tone, walk?.Trouble ?? walk?.Waiting, walk?.At, walk?.Of("different") ?? 0, waiting));
            }
        }
        return await call.Page<MirrorsPage>(new MirrorsModel([.. lines.OrderBy(line => line.Bucket, StringComparer.Ordinal)], sources.Count));
    }

    internal static async ValueTask<Reply> Compare(ConsoleCall call, CancellationToken ct)
    {
        await call.Api.Do("POST", "/_/management/ingest", "", ct, LocationForm.Body(new JsonObject { ["bucket"] = call.Form["bucket"] }));
        return call.Go("mirrors", ("began", call.Form["bucket"]));
    }
}
