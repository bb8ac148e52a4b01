using System.CommandLine;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.HostDouble;

var folder = new Argument<string>("app folder") { Description = "The folder that holds host.json, */function.json and local.settings.json." };
var port = new Option<int>("--port")
{
    Description = "The port on 127.0.0.1; 0 takes a free one.",
    HelpName = "N",
    DefaultValueFactory = _ => 7071,
};
var setting = new Option<string[]>("--setting")
{
    Description = "An app setting, stronger than local.settings.json; may be repeated.",
    HelpName = "NAME=VALUE",
    Arity = ArgumentArity.ZeroOrMore,
    DefaultValueFactory = _ => [],
};
setting.Validators.Add(result =>
{
    foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=') < 1))
        result.AddError($"--setting {token.Value}: write NAME=VALUE.");
});
var frontEnd = new Option<bool>("--front-end")
{
    Description = "Add what App Service's front end adds: DISGUISED-HOST, X-Forwarded-Proto: https, X-WAWS-Unencoded-URL, ...; 502 after 230 s of silence.",
};
var swallow = new Option<bool>("--swallow-options") { Description = "Answer OPTIONS with 204 before it reaches the host." };
var limit = new Option<long?>("--body-limit")
{
    Description = "The largest request body; else FUNCTIONS_REQUEST_BODY_SIZE_LIMIT, else 104857600.",
    HelpName = "bytes",
};
limit.Validators.Add(result =>
{
    if (result.GetValueOrDefault<long?>() is <= 0) result.AddError("--body-limit: write a number of bytes above 0.");
});
var state = new Option<string?>("--state")
{
    Description = "A folder that keeps when timers last ran, so that missed ones run at the next start; else that is forgotten.",
    HelpName = "folder",
};
var hang = new Option<bool>("--hang-on-empty")
{
    Description = "On an empty answer to a trigger call hang until functionTimeout, as the real host does, instead of failing with an explanation.",
};
var root = new RootCommand(
    "A double of the Azure Functions host for custom handlers: it hosts any app folder on 127.0.0.1 with the real host's routing, proxying, " +
    "limits, queue and timer triggers. Queues are those of the connection string, such as AzureWebJobsStorage=UseDevelopmentStorage=true " +
    "with Azurite running. Ctrl-C stops it. Exit codes: 0 stopped, 1 the app did not start or its handler failed for good, 2 wrong arguments.")
{
    folder, port, setting, frontEnd, swallow, limit, state, hang,
};
root.SetAction(Run);
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
return parsed.Errors.Count > 0 ? 2 : code;

async Task<int> Run(ParseResult given, CancellationToken cancellation)
{
    try
    {
        var host = await FunctionsHost.Start(new()
        {
            AppFolder = given.GetValue(folder)!,
            Port = given.GetValue(port),
            Settings = given.GetValue(setting)!.Select(pair => pair.Split('=', 2)).GroupBy(pair => pair[0])
                .ToDictionary(group => group.Key, group => group.Last()[1]),
            FrontEnd = given.GetValue(frontEnd),
            SwallowOptions = given.GetValue(swallow),
            BodyLimit = given.GetValue(limit),
            StateFolder = given.GetValue(state),
            EmptyAnswer = given.GetValue(hang) ? EmptyAnswer.Hang : EmptyAnswer.Refuse,
            OnLog = entry => (entry.Level >= LogLevel.Warning ? Console.Error : Console.Out).WriteLine(entry),
        });
        Console.WriteLine($"The functions host serves {given.GetValue(folder)} at {host.Address} (handler: process {host.Handler.ProcessId}).");
        await Task.WhenAny(host.Handler.Stopped, Task.Delay(Timeout.InfiniteTimeSpan, cancellation));
        var failed = host.Handler.Stopped.IsCompleted;
        _ = host.TakeViolations();
        await host.DisposeAsync();
        return failed ? 1 : 0;
    }
    catch (HostStartException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
    catch (IOException e)
    {
        await Console.Error.WriteLineAsync($"{e.Message} Choose another --port, or 0 for a free one.");
        return 1;
    }
}
