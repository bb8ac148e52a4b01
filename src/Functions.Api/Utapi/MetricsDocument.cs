using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api.Utapi;

/// <summary>What is told of an entity, whose name is the property of its level.</summary>
internal sealed record MetricsDocument
{
    /// <summary>Zenko's names of operations, where they are not AWS's.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["s3:CreateMultipartUpload"] = "s3:InitiateMultipartUpload",
        ["s3:DeleteObjects"] = "s3:MultiObjectDelete",
        ["s3:GetObjectLockConfiguration"] = "s3:GetBucketObjectLock",
        ["s3:ListMultipartUploads"] = "s3:ListBucketMultipartUploads",
        ["s3:ListObjects"] = "s3:ListBucket",
        ["s3:ListObjectsV2"] = "s3:ListBucket",
        ["s3:ListParts"] = "s3:ListMultipartUploadParts",
        ["s3:PutObjectLockConfiguration"] = "s3:PutBucketObjectLock",
    };

    private static readonly IReadOnlyList<string> OfS3 = [.. S3.Operations.All.Select(operation => Told("s3:" + operation.Spec.Name)).Distinct()];

    [JsonPropertyName("bucketName")]
    public string? Bucket { get; private init; }

    [JsonPropertyName("accountId")]
    public string? Account { get; private init; }

    [JsonPropertyName("userId")]
    public string? User { get; private init; }

    [JsonPropertyName("serviceName")]
    public string? Service { get; private init; }

    /// <summary>Beginning and end, in milliseconds since 1970.</summary>
    [JsonPropertyName("timeRange")]
    public required IReadOnlyList<long> Times { get; init; }

    /// <summary>Bytes at the beginning and at the end.</summary>
    [JsonPropertyName("storageUtilized")]
    public required IReadOnlyList<long> Storage { get; init; }

    [JsonPropertyName("incomingBytes")]
    public required long Incoming { get; init; }

    [JsonPropertyName("outgoingBytes")]
    public required long Outgoing { get; init; }

    /// <summary>Objects at the beginning and at the end.</summary>
    [JsonPropertyName("numberOfObjects")]
    public required IReadOnlyList<long> Objects { get; init; }

    /// <summary>How many operations were done, by name: those of S3 that there were none of, too.</summary>
    [JsonPropertyName("operations")]
    public required SortedDictionary<string, long> Operations { get; init; }

    /// <summary>The document of an entity.</summary>
    public static MetricsDocument Of(MetricsLevel level, string name, DateTimeOffset from, DateTimeOffset to, UsageMetric metric)
    {
        var operations = new SortedDictionary<string, long>(OfS3.ToDictionary(operation => operation, _ => 0L), StringComparer.Ordinal);
        foreach (var (operation, count) in metric.Operations) operations[Told(operation)] = operations.GetValueOrDefault(Told(operation)) + count;
        return new()
        {
            Bucket = level == MetricsLevel.Buckets ? name : null,
            Account = level == MetricsLevel.Accounts ? name : null,
            User = level == MetricsLevel.Users ? name : null,
            Service = level == MetricsLevel.Service ? name : null,
            Times = [from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()],
            Storage = [metric.AtStart.Bytes, metric.AtEnd.Bytes],
            Incoming = metric.Incoming,
            Outgoing = metric.Outgoing,
            Objects = [metric.AtStart.Objects, metric.AtEnd.Objects],
            Operations = operations,
        };
    }

    private static string Told(string operation) => Renamed.GetValueOrDefault(operation, operation);
}

/// <summary>The documents that are told.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MetricsDocument))]
[JsonSerializable(typeof(List<MetricsDocument>))]
internal sealed partial class UtapiJson : JsonSerializerContext;
