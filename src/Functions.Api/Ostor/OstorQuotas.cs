using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>What the operations of quotas share: what they are of, and in what unit they are told.</summary>
internal static class OstorQuotas
{
    private const decimal Gigabyte = 1L << 30;

    /// <summary>What a quota is of.</summary>
    public static readonly IReadOnlyList<string> Target = ["emailAddress", "id", "bucket", "default"];

    /// <summary>The bucket; NotImplemented for other quotas.</summary>
    public static async ValueTask<Bucket> Bucket(this OstorCall call, bool isServed, CancellationToken ct)
    {
        if (call["default"] is { } kind)
            throw kind is "user" or "bucket" ? NotServed("default quotas") : S3.Parsing.Invalid.Argument("default", kind, "It must be user or bucket.");
        return isServed ? await call.Bucket(ct) : throw NotServed("quotas of users");
    }

    /// <summary>A quota in bytes; throws InvalidArgument.</summary>
    public static long Bytes(string gigabytes) =>
        long.TryParse(gigabytes, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is > 0 and <= long.MaxValue / (1L << 30)
            ? size << 30
            : throw S3.Parsing.Invalid.Argument("quota-size", gigabytes, "A quota is a positive whole number of GB.");

    /// <summary>A quota as it is told: in GB, whole ones as they were given.</summary>
    public static Reply Told(string type, QuotaSetting? quota) => quota is null
        ? Reply.Refused(S3Errors.NoSuchQuota, $"The {type} has no quota.")
        : Reply.Json(OstorJson.Default.QuotaDocument, new("1", type, (quota.Bytes / Gigabyte).ToString("0.#########", CultureInfo.InvariantCulture)));

    /// <summary>An empty answer, or the refusal as an exception.</summary>
    public static Reply Answer(this OstorCall call, Result<Bucket> changed) =>
        changed.Refusal is null ? Reply.Empty(call.Spec.Status) : throw OstorCall.Refused(changed);

    private static S3Exception NotServed(string what) => new(S3Errors.NotImplemented, $"This server does not implement {what}.");
}
