using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>What the operations that change a bucket's configuration have in common.</summary>
internal static class SettingChanges
{
    /// <summary>Replaces a setting (null removes it) and answers <paramref name="status"/> without a body.</summary>
    public static async ValueTask<Reply> ChangeSetting<T>(
        this S3Call call, BucketSetting<T> setting, T? value, int status, CancellationToken ct) where T : class
    {
        var changed = await call.Services.Buckets.Change(call.Bucket, setting, _ => value, ct);
        return changed.Refusal is null ? Reply.Empty(status) : Reply.Refused(changed);
    }
}
