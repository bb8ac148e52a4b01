using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>What the operations of quotas share: what they are of, where they are kept, and in what unit they are told.</summary>
internal static class OstorQuotas
{
    private const decimal Gigabyte = 1L << 30;

    /// <summary>What a quota is of.</summary>
    public static readonly IReadOnlyList<string> Target = ["emailAddress", "id", "bucket", "default"];

    /// <summary>The quota in bytes; null where none was set. And what it is of: <c>user</c> or <c>bucket</c>.</summary>
    public static async ValueTask<(long? Bytes, string Type)> Quota(this OstorCall call, CancellationToken ct)
    {
        if (call.Default() is { } setting) return (await call.Installation.Settings.Number(setting, ct) is > 0 and var bytes ? bytes : null, call["default"]!);
        return call["bucket"] is null
            ? ((await call.Account(ct)).Quota, "user")
            : ((await call.Bucket(ct)).Get(BucketSettings.Quota)?.Bytes, "bucket");
    }

    /// <summary>Sets the quota; null for none.</summary>
    public static async ValueTask<Reply> ChangeQuota(this OstorCall call, long? bytes, CancellationToken ct)
    {
        var buckets = call.Installation.Buckets;
        if (call.Default() is { } setting)
        {
            await call.Installation.Settings.Set(setting, bytes?.ToString(CultureInfo.InvariantCulture), ct);
            return Reply.Empty(call.Spec.Status);
        }
        if (call["bucket"] is null)
        {
            var account = await call.Account(ct);
            if (bytes is not null) await buckets.CountAll(account, ct);
            return call.Answer(await call.Accounts.ChangeQuota(account.Id, bytes, ct));
        }
        var quota = bytes is { } most ? new QuotaSetting(most) : null;
        return call.Answer(await buckets.Change<QuotaSetting>(await call.Bucket(ct), BucketSettings.Quota, _ => quota, ct));
    }

    /// <summary>A quota in bytes; throws InvalidArgument.</summary>
    public static long Bytes(string gigabytes) =>
        long.TryParse(gigabytes, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is > 0 and <= long.MaxValue / (1L << 30)
            ? size << 30
            : throw S3.Parsing.Invalid.Argument("quota-size", gigabytes, "A quota is a positive whole number of GB.");

    /// <summary>A quota as it is told: in GB, whole ones as they were given.</summary>
    public static Reply Told(long? bytes, string type) => bytes is null
        ? Reply.Refused(S3Errors.NoSuchQuota, $"The {type} has no quota.")
        : Reply.Json(OstorJson.Default.QuotaDocument, new("1", type, (bytes.Value / Gigabyte).ToString("0.#########", CultureInfo.InvariantCulture)));

    /// <summary>The setting that holds for those without a quota of their own; null where it is not asked for. Throws InvalidArgument.</summary>
    private static LiveSetting? Default(this OstorCall call) => call["default"] switch
    {
        null => null,
        "user" => LiveSetting.UserQuota,
        "bucket" => LiveSetting.BucketQuota,
        { } other => throw S3.Parsing.Invalid.Argument("default", other, "It must be user or bucket."),
    };
}
