using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Sets a setting: to what it is. Another value is told not to be implemented.</summary>
public sealed class PutSetting : OstorOperation
{
    private static readonly string[] Others = ["OS.max_count", "OS.max_size", "cfg.autosplit.max_active"];

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("PutSetting", "ostor-settings", "PUT") { Required = ["name", "value"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var (name, value) = (call["name"]!, call["value"]!);
        return new(GetSettings.Values.TryGetValue(name, out var now) && now == value ? Reply.Empty()
            : now is not null || Others.Contains(name) ? Reply.Refused(S3Errors.NotImplemented, $"This server does not implement {name}={value}.")
            : throw S3.Parsing.Invalid.Argument("name", name, "There is no such setting."));
    }
}
