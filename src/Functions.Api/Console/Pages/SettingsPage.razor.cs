using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the server tells of itself.</summary>
public sealed record InstanceTold(string Version, string Host, string Platform);

/// <summary>What the settings show.</summary>
/// <param name="Groups">Settings that belong together; null where they may not be seen.</param>
/// <param name="Instance">The server; null where that may not be seen.</param>
/// <param name="Failed">The setting that was not saved; null for none.</param>
/// <param name="Typed">What it was to be.</param>
/// <param name="Problem">Why it was not.</param>
public sealed record SettingsModel(IReadOnlyList<(string Title, IReadOnlyList<SettingLine> Settings)>? Groups, InstanceTold? Instance, string? Failed, string? Typed, FormProblem? Problem);

public partial class SettingsPage
{
    private const string Path = "/_/management/settings", OwnSwitch = "enable.console.api", Rest = "More";

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, null, ct);

    internal static async ValueTask<Reply> Change(ConsoleCall call, CancellationToken ct)
    {
        var (name, value) = (call.Form["name"] ?? "", call.Form["value"] ?? "");
        var isReset = call.Form["do"] == "reset";
        // Whoever saws off the branch they sit on is asked first.
        if (!isReset && name == OwnSwitch && value == "false") return call.Go("settings/console");
        var (path, body) = ($"{Path}/{Uri.EscapeDataString(name)}", JsonSerializer.SerializeToUtf8Bytes(new() { Value = value }, SettingJson.Default.SettingBody));
        var answer = isReset ? await call.Api.Send("DELETE", path, "", ct) : await call.Api.Send("PUT", path, "", ct, body);
        return answer.Refusal is not { } refused ? call.Go("settings", (isReset ? "reset" : "saved", name)) : await Show(call, refused, ct);
    }

    internal static ValueTask<Reply> AskSwitchOff(ConsoleCall call, CancellationToken ct) => Question(call).Ask(call);

    internal static async ValueTask<Reply> SwitchOff(ConsoleCall call, CancellationToken ct)
    {
        if (!Question(call).IsTypedIn(call)) return await Question(call).Mistyped(call);
        var answer = await call.Api.Send("PUT", $"{Path}/{OwnSwitch}", "", ct, JsonSerializer.SerializeToUtf8Bytes(new() { Value = "false" }, SettingJson.Default.SettingBody));
        return answer.Refusal is not { } refused ? call.Go("settings") : await Question(call).Again(call, refused);
    }

    internal static bool IsSwitch(SettingLine setting) => setting.Default is "true" or "false";

    private static Confirmation Question(ConsoleCall call) => new(
        "Configuration", "Switch the console off", OwnSwitch,
        "becomes false: no page of this console is answered any more, to anybody. It is turned on again from a command line, by: zenkofn settings reset enable.console.api",
        "Switch the console off", call.Link("settings"), [("Configuration", call.Link("settings"))]) { Typed = "Type the setting’s name to confirm" };

    private static async ValueTask<Reply> Show(ConsoleCall call, ConsoleException? why, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", Path, "", ct);
        if (answer.Status == 403) return await call.Page<SettingsPage>(new SettingsModel(null, null, null, null, null), why?.Status ?? 200);
        var groups = answer.OrThrow().Json(SettingJson.Default.SettingsDocument).Settings.GroupBy(GroupOf).OrderBy(group => group.Key == Rest).Select(group => (group.Key, (IReadOnlyList<SettingLine>)[.. group])).ToList();
        var report = await call.Api.Send("GET", "/_/report", "", ct);
        return await call.Page<SettingsPage>(
            new SettingsModel(groups, report.Code is null ? InstanceOf(report) : null, why is null ? null : call.Form["name"], call.Form["value"], FormProblem.Of(why)), why?.Status ?? 200);
    }

    private static string GroupOf(SettingLine setting) => setting.Name.Split('.')[0] switch
    {
        "enable" => "What is answered",
        "quota" => "Quotas",
        "usage" => "Usage",
        _ => Rest,
    };

    private static InstanceTold InstanceOf(ApiAnswer answer)
    {
        using var report = JsonDocument.Parse(answer.Body);
        var (root, system) = (report.RootElement, report.RootElement.GetProperty("systemStats"));
        return new(root.GetProperty("serverVersion").GetString() ?? "", system.GetProperty("hostname").GetString() ?? "", system.GetProperty("platform").GetString() ?? "");
    }
}
