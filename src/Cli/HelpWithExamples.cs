using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ZenkoFunctions.Cli;

/// <summary>
/// A command's help with text of its own behind it. Below a command that has commands, each of them shows the examples that are its own, or
/// all where none is.
/// </summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction inner = new();
    private readonly Command? owner;
    private readonly string text;

    private HelpWithExamples(string text, Command? owner) => (this.text, this.owner) = (text, owner);

    public override bool ClearsParseErrors => true;

    /// <summary>The option <c>--help</c> that shows it.</summary>
    public static Option Option(string text) => new HelpOption { Action = new HelpWithExamples(text, null) };

    /// <summary>What shows it, for a command and those below it that have none of their own.</summary>
    public static HelpWithExamples Of(Command command, string text) => new(text, command);

    /// <summary>Has it shown by a command and all below it.</summary>
    public static Command WithExamples(Command command, string text)
    {
        foreach (var each in command.Subcommands.Prepend(command)) each.Add(new HelpOption { Action = new HelpWithExamples(text, command), Recursive = false });
        return command;
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(Text(parseResult.CommandResult.Command));
        return code;
    }

    private string Text(Command command)
    {
        if (owner is null || command == owner) return text;
        var lines = text.Split('\n');
        var own = lines.Where(line => line.TrimStart().StartsWith($"zenkofn {owner.Name} {command.Name} ", StringComparison.Ordinal) || line.Trim() == $"zenkofn {owner.Name} {command.Name}").ToList();
        return own.Count == 0 ? text : string.Join('\n', own.Prepend("Examples:"));
    }
}
