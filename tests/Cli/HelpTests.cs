using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ZenkoFunctions.Cli.Commands;

namespace ZenkoFunctions.Cli.Tests;

/// <summary>What every command says of itself.</summary>
public sealed partial class HelpTests
{
    public static TheoryData<string> Names { get; } = new(Tool.Program.Subcommands.Select(command => command.Name));

    /// <summary><c>UPDATE_GOLDEN=1</c> writes the files anew.</summary>
    [Theory, MemberData(nameof(Names))]
    public void The_help_of_a_command_and_those_below_it_is_as_reviewed(string name) =>
        Golden(name, string.Concat(All(Tool.Program.Subcommands.Single(command => command.Name == name), name).Select(each => $"$ zenkofn {each.Path} --help\n{Help(each.Path)}\n")));

    [Fact]
    public void The_help_of_all_tells_where_server_and_keys_come_from_and_the_exit_codes()
    {
        var help = Help("");
        Golden("zenkofn", help);
        foreach (var word in (string[])["ZENKOFN_ENDPOINT", "AWS_ACCESS_KEY_ID", "root-credentials", "Exit codes:", "130"]) Assert.Contains(word, help, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_option_and_argument_is_described_and_every_command_has_examples() => Assert.All(All(Tool.Program, ""), each =>
    {
        Assert.Matches(@"\S.*[.!]$", each.Command.Description);
        Assert.All(each.Command.Options.Where(option => option is not VersionOption), option => Assert.Matches(@"\S{2}", option.Description));
        Assert.All(each.Command.Arguments, argument => Assert.Matches(@"\S.*\.$", argument.Description));
        if (each.Path.Length > 0) Assert.Contains("Examples:", Help(each.Path), StringComparison.Ordinal);
    });

    [Fact]
    public void Every_example_is_a_line_that_the_program_takes()
    {
        var examples = All(Tool.Program, "").SelectMany(each => Help(each.Path).Split('\n')).Select(line => line.Trim()).Where(line => line.StartsWith("zenkofn ", StringComparison.Ordinal) && !line.Contains('[')).Distinct().ToList();
        Assert.True(examples.Count > 100, $"{examples.Count} examples");
        Assert.All(examples, line => Assert.DoesNotContain(
            Tool.Program.Parse([.. Words(line).Skip(1)]).Errors, error => !error.Message.EndsWith("there is no such file.", StringComparison.Ordinal) && !error.Message.Contains('…')));
    }

    // As a shell cuts it. What follows two blanks, outside of quotes, says what it is for.
    private static IEnumerable<string> Words(string line) =>
        Word().Matches(Comment().Replace(line, "$1")).Select(match => match.Value.Trim('\''));

    private static IEnumerable<(Command Command, string Path)> All(Command command, string path) =>
        command.Subcommands.SelectMany(each => All(each, $"{path} {each.Name}".Trim())).Prepend((command, path));

    private static string Help(string path)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, Tool.Program.Parse([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]).Invoke(new InvocationConfiguration { Output = output }));
        // However wide the terminal is that this runs in, and whoever runs it.
        return string.Join('\n', output.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).Trim().Replace($"  {RootCommand.ExecutableName} ", "  zenkofn ", StringComparison.Ordinal) + "\n";
    }

    private static void Golden(string name, string text, [CallerFilePath] string file = "") =>
        Api.Tests.Golden.CheckFile(Path.Combine(Path.GetDirectoryName(file)!, "Golden", name + ".txt"), text);

    [GeneratedRegex(@"^((?:[^' ]|'[^']*'| (?! ))+) {2,}.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?:[^' ]|'[^']*')+")]
    private static partial Regex Word();
}
