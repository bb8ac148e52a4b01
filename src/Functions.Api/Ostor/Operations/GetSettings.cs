using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Tells the settings of ostor that have a meaning here: what they govern is not there, and so they are off.</summary>
public sealed class GetSettings : OstorOperation
{
    /// <summary>By name.</summary>
    internal static readonly SortedDictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["cfg.autosplit.enabled"] = "0",
        ["ostor.default_cors.enabled"] = "0",
    };

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GetSettings", "ostor-settings", "GET");

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(OstorCall call, CancellationToken ct) =>
        new(Reply.Json(OstorJson.Default.SortedDictionaryStringString, Values));
}
