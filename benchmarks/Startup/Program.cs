using System.Globalization;
using System.Net;
using ZenkoFunctions.Benchmarks.Startup;

// startup serve                          a minimal Kestrel app on FUNCTIONS_CUSTOMHANDLER_PORT, what the other is compared with
// startup measure ROUNDS HANDLER         both in turns; HANDLER is the published custom handler, its settings are in the environment
switch (args)
{
    case ["serve"]:
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(
            IPAddress.Loopback, int.Parse(Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT")!, CultureInfo.InvariantCulture)));
        var app = builder.Build();
        app.Run(http => http.Response.WriteAsync("hello"));
        await app.RunAsync();
        return 0;
    case ["measure", var rounds, var handler]:
        return Measurement.Run(int.Parse(rounds, CultureInfo.InvariantCulture), handler);
    default:
        await Console.Error.WriteLineAsync("usage: startup serve | startup measure ROUNDS HANDLER");
        return 2;
}
