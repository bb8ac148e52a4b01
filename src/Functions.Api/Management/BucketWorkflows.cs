using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Management;

/// <summary>Where there are rules. The rules themselves are asked of the buckets, which say to whom they tell them.</summary>
internal static class BucketWorkflows
{
    /// <summary>Buckets that one answer lists, and that it looks at for them.</summary>
    private const int Most = 1000, MostSeen = 10_000;

    /// <summary>Those of the caller's account.</summary>
    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct)
    {
        List<BucketWithRules> found = [];
        var after = call.Query["marker"] is { Length: > 0 } marker ? marker : null;
        for (var seen = 0; seen < MostSeen;)
        {
            var page = await call.Installation.Buckets.List(call.Caller.Account!, "", after, Most, ct);
            foreach (var bucket in page.Buckets)
            {
                if (found.Count == Most) return Told(found, after);
                after = bucket.Name;
                seen++;
                var (replication, lifecycle) = (bucket.Get(BucketSettings.Replication)?.Rules.Count ?? 0, bucket.Get(BucketSettings.Lifecycle)?.Rules.Count ?? 0);
                if (replication + lifecycle > 0) found.Add(new(bucket.Name, replication, lifecycle));
            }
            if (page.Next is null) return Told(found, null);
        }
        return Told(found, after);
    }

    private static Reply Told(IReadOnlyList<BucketWithRules> buckets, string? next) => Reply.Json(BucketWorkflowsJson.Default.BucketsWithRules, new(buckets, next));
}

/// <summary>Buckets that have rules.</summary>
/// <param name="Buckets">In order of name; at most a thousand.</param>
/// <param name="Next">Where there may be more: the <c>marker</c> of the request that tells them.</param>
internal sealed record BucketsWithRules(IReadOnlyList<BucketWithRules> Buckets, string? Next);

/// <summary>A bucket that has rules.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Replication">How many say where copies go.</param>
/// <param name="Lifecycle">How many say what becomes of objects in time.</param>
internal sealed record BucketWithRules(string Bucket, int Replication, int Lifecycle);

/// <summary>Answers about rules as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BucketsWithRules))]
internal sealed partial class BucketWorkflowsJson : JsonSerializerContext;
