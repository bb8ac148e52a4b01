using System.CommandLine;
using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn settings</c>: what is changed while a server runs.</summary>
internal static class SettingCommands
{
    private const string Settings = "/_/management/settings";

    private const string Examples = """
        Examples:
          zenkofn settings list
          zenkofn settings set enable.iam.api false    from now on, in all instances
          zenkofn settings reset enable.iam.api        as the server was started, or the default
        """;

    private static readonly Argument<string> Name = new("name") { Description = "The setting's name." };
    private static readonly Argument<string> Value = new("value") { Description = "Its value; list tells what it takes." };

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("settings", "Settings that are changed while the server runs. For administrators.")
    {
        new Command("list", "Lists the settings, and how they are.").Asking(List),
        new Command("set", "Changes a setting.") { Name, Value }.Asking(Set),
        new Command("reset", "Takes a change back.") { Name }.Asking(Reset),
    }, Examples);

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var all = await server.Ask("GET", Settings, SettingJson.Default.SettingsDocument, ct);
        return await Output.Write(parsed, all, SettingJson.Default.SettingsDocument, () => Text(all.Settings));
    }

    private static async Task<int> Set(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new() { Value = parsed.GetRequiredValue(Value) }, SettingJson.Default.SettingBody);
        return await Tell(parsed, await server.Ask("PUT", PathOf(parsed), SettingJson.Default.SettingLine, ct, body));
    }

    private static async Task<int> Reset(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Tell(parsed, await server.Ask("DELETE", PathOf(parsed), SettingJson.Default.SettingLine, ct));

    private static string PathOf(ParseResult parsed) => $"{Settings}/{RemoteServer.Segment(parsed.GetRequiredValue(Name))}";

    private static Task<int> Tell(ParseResult parsed, SettingLine setting) => Output.Write(parsed, setting, SettingJson.Default.SettingLine, () => Text([setting]));

    private static string Text(IReadOnlyList<SettingLine> settings) =>
        Table.Text(["NAME", "VALUE", "DEFAULT", "TAKES", "WHAT IT DOES"], [.. settings.Select(each => (string[])[each.Name, each.Value, each.Default, each.Form, each.Summary])]);
}
