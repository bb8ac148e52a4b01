using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Tells the settings of ostor that have a meaning here. Buckets are not split by themselves, and so that is off.</summary>
public sealed class GetSettings : OstorOperation
{
    /// <summary>Those that cannot be changed, by name.</summary>
    internal static readonly SortedDictionary<string, string> Fixed = new(StringComparer.Ordinal) { ["cfg.autosplit.enabled"] = "0" };

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GetSettings", "ostor-settings", "GET");

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var cors = await call.Installation.Settings.IsOn(LiveSetting.DefaultCors, ct);
        return Reply.Json(
            OstorJson.Default.SortedDictionaryStringString, new SortedDictionary<string, string>(Fixed, StringComparer.Ordinal) { [LiveSetting.DefaultCors.Name] = cors ? "1" : "0" });
    }
}
