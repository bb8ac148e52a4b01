using System.CommandLine;
using ZenkoFunctions.Cli;
using ZenkoFunctions.Cli.Commands;

NativeHeap.Share();
var root = new RootCommand("ZenkoFunctions: one S3 and Azure Blob endpoint over the storage you have.")
{
    Serve.Command(),
    Backup.Command(),
    Collect.Command(),
    Ingest.Command(),
    KmsKey.Command(),
    Lifecycle.Command(),
    LocationCommands.Command(),
    Probe.Command(),
    Register.Command(),
    Replicate.Command(),
    Search.Command(),
    StorageAccountCommands.Command(),
    Usage.Command(),
};
var parsed = root.Parse(args);

// The server's own host answers SIGINT and SIGTERM; a second handler here would cut its graceful stop short.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
var code = await parsed.InvokeAsync(invocation);
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
