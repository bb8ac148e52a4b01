using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.HostDouble.Echo;

// A custom handler that says what it got, and misbehaves on demand.
// ECHO_EXIT: exit at once with that code. ECHO_SILENT: never listen. ECHO_SMALL: keep Kestrel's own body limit.
if (Environment.GetEnvironmentVariable("ECHO_EXIT") is { } code)
{
    Console.Error.WriteLine("told to exit");
    return int.Parse(code, CultureInfo.InvariantCulture);
}
if (Environment.GetEnvironmentVariable("ECHO_SILENT") is not null) await Task.Delay(Timeout.InfiniteTimeSpan);

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, int.Parse(Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT")!, CultureInfo.InvariantCulture));
    kestrel.AddServerHeader = false;
    kestrel.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
    if (Environment.GetEnvironmentVariable("ECHO_SMALL") is null) kestrel.Limits.MaxRequestBodySize = null;
});
var web = builder.Build();
var calls = new Calls();
web.Run(context => context.Request.Headers.ContainsKey("X-Forwarded-Host") ? Requests.Answer(context, calls) : calls.Answer(context));
Console.WriteLine("echo handler: listening");
Console.Error.WriteLine("warning: this is a test handler");
Console.Error.WriteLine("echo handler: an error line");
await web.RunAsync();
return 0;
