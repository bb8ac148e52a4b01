using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Management;

/// <summary>What can be set while the server runs.</summary>
internal static class Settings
{
    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct)
    {
        var lines = new List<SettingLine>();
        foreach (var setting in LiveSetting.All) lines.Add(await Told(call, setting, ct));
        return Reply.Json(SettingJson.Default.SettingsDocument, new(lines));
    }

    public static async ValueTask<Reply> Put(ManagementCall call, CancellationToken ct)
    {
        var setting = Named(call);
        if (call.Read(SettingJson.Default.SettingBody).Value is not { } value) throw new S3Exception(ManagementErrors.MalformedBody, "Say the value: {\"value\":\"…\"}.");
        if (!setting.Takes(value)) throw new S3Exception(ManagementErrors.InvalidSetting, $"{setting.Name} is {setting.Form}.");
        await call.Installation.Settings.Set(setting, value, ct);
        return Reply.Json(SettingJson.Default.SettingLine, await Told(call, setting, ct));
    }

    public static async ValueTask<Reply> Delete(ManagementCall call, CancellationToken ct)
    {
        var setting = Named(call);
        await call.Installation.Settings.Set(setting, null, ct);
        return Reply.Json(SettingJson.Default.SettingLine, await Told(call, setting, ct));
    }

    private static LiveSetting Named(ManagementCall call) => LiveSetting.Find(call.Path["name"])
        ?? throw new S3Exception(ManagementErrors.NoSuchSetting, $"There is no setting '{call.Path["name"]}'; GET /_/management/settings lists them.");

    private static async ValueTask<SettingLine> Told(ManagementCall call, LiveSetting setting, CancellationToken ct) =>
        new(setting.Name, await call.Installation.Settings.Read(setting, ct), setting.Default, setting.Form, setting.Summary, (await call.Installation.Settings.SourceOf(setting, ct)).ToString().ToLowerInvariant());
}

/// <summary>The body that sets one.</summary>
public sealed record SettingBody
{
    /// <summary>The value.</summary>
    public string? Value { get; init; }
}

/// <summary>All settings.</summary>
/// <param name="Settings">One each.</param>
public sealed record SettingsDocument(IReadOnlyList<SettingLine> Settings);

/// <summary>A setting, as the management API tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">How it is.</param>
/// <param name="Default">How it would be if nobody had said anything.</param>
/// <param name="Form">What values look like.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Source"><c>default</c>, <c>started</c> for what the server was started with, or <c>set</c> for what was set since.</param>
public sealed record SettingLine(string Name, string Value, string Default, string Form, string Summary, string Source = "");

/// <summary>How these bodies are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SettingsDocument))]
[JsonSerializable(typeof(SettingBody))]
public sealed partial class SettingJson : JsonSerializerContext;
