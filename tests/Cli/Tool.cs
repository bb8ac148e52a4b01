using System.CommandLine;
using ZenkoFunctions.Cli.Commands;

namespace ZenkoFunctions.Cli.Tests;

/// <summary>The program's commands, made once as in the program.</summary>
internal static class Tool
{
    /// <summary>All of them.</summary>
    public static RootCommand Program { get; } = Everything.Command();
}
