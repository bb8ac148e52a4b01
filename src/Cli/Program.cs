using System.CommandLine;
using ZenkoFunctions.Cli;
using ZenkoFunctions.Cli.Commands;

NativeHeap.Share();
var parsed = Everything.Command().Parse(args);

// The server's own host answers SIGINT and SIGTERM; a second handler here would cut its graceful stop short.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
var code = await parsed.InvokeAsync(invocation);
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
