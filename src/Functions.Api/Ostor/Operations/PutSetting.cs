using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Sets a setting; those that can have but one value here to that one: another is told not to be implemented.</summary>
public sealed class PutSetting : OstorOperation
{
    private static readonly string[] Others = ["OS.max_count", "OS.max_size", "cfg.autosplit.max_active"];

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("PutSetting", "ostor-settings", "PUT") { Required = ["name", "value"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var (name, value) = (call["name"]!, call["value"]!);
        if (name == LiveSetting.DefaultCors.Name)
        {
            var isOn = value switch { "0" => "false", "1" => "true", _ => throw S3.Parsing.Invalid.Argument("value", value, "It must be 0 or 1.") };
            await call.Installation.Settings.Set(LiveSetting.DefaultCors, isOn, ct);
            return Reply.Empty();
        }
        return GetSettings.Fixed.TryGetValue(name, out var now) && now == value ? Reply.Empty()
            : now is not null || Others.Contains(name) ? Reply.Refused(S3Errors.NotImplemented, $"This server does not implement {name}={value}.")
            : throw S3.Parsing.Invalid.Argument("name", name, "There is no such setting.");
    }
}
