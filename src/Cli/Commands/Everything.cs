using System.CommandLine;
using System.CommandLine.Help;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn</c>: all of its commands.</summary>
internal static class Everything
{
    /// <summary>The command with its own.</summary>
    public static RootCommand Command()
    {
        var root = new RootCommand("ZenkoFunctions: one S3 and Azure Blob endpoint over the storage you have.")
        {
            Serve.Command(), Doctor.Command(),
            AccountCommands.Command(), UserCommands.Command(), KeyCommands.Command(), PolicyCommands.Command(), StorageAccountCommands.Command(),
            BucketCommands.Command(), QuotaCommands.Command(), LimitCommands.Command(), Usage.Command(), Search.Command(),
            LocationCommands.Command(), Replicate.Command(), Ingest.Command(), Lifecycle.Command(), Collect.Command(),
            SettingCommands.Command(), ConsoleLinkCommand.Command(), Register.Command(), KmsKey.Command(), Backup.Command(), Probe.Command(), S3Admin.Command(),
        };
        // In place of the one that it has by itself; its commands have their own, or this one's text.
        root.Options.OfType<HelpOption>().Single().Action = HelpWithExamples.Of(root, $"{RemoteOptions.Sources}{Environment.NewLine}{Environment.NewLine}{ExitCode.Table}");
        return root;
    }
}
