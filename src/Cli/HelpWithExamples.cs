using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ZenkoFunctions.Cli;

/// <summary>A command's help with text of its own behind it.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction inner = new();
    private readonly string text;

    private HelpWithExamples(string text) => this.text = text;

    public override bool ClearsParseErrors => true;

    /// <summary>The option <c>--help</c> that shows it.</summary>
    public static Option Option(string text) => new HelpOption { Action = new HelpWithExamples(text) };

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(text);
        return code;
    }
}
