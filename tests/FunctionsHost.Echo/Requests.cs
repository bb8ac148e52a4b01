using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.HostDouble.Echo;

/// <summary>Clients' requests. The header x-echo says how to answer; without it the answer is what came, as JSON.</summary>
internal static class Requests
{
    private static int counted;

    public static async Task Answer(HttpContext context, Calls calls)
    {
        var response = context.Response;
        var (word, value) = context.Request.Headers["x-echo"].ToString().Split(':', 2) is [var first, .. var rest]
            ? (first, rest is [var more] ? more : "")
            : ("", "");
        switch (word)
        {
            case "status":
                response.StatusCode = int.Parse(value, CultureInfo.InvariantCulture);
                return;
            case "redirect":
                response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                response.Headers.Location = value;
                return;
            case "headers":
                foreach (var (name, text) in JsonSerializer.Deserialize<Dictionary<string, string>>(value)!) response.Headers[name] = text;
                return;
            case "length":
                response.ContentLength = long.Parse(value, CultureInfo.InvariantCulture);
                return;
            case "early":
                // The body is not read.
                response.StatusCode = StatusCodes.Status403Forbidden;
                await response.WriteAsync("early");
                return;
            case "stream":
                await response.WriteAsync("first\n");
                await response.Body.FlushAsync();
                await calls.Released(value);
                await response.WriteAsync("second\n");
                return;
            case "hold":
                await calls.Released(value);
                break;
            case "release":
                calls.Release(value);
                return;
            case "calls":
                await response.WriteAsJsonAsync(calls.All);
                return;
            case "count":
                await response.WriteAsync((Interlocked.Increment(ref counted)).ToString(CultureInfo.InvariantCulture));
                return;
            case "abort":
                context.Abort();
                return;
            case "exit":
                Environment.Exit(int.Parse(value, CultureInfo.InvariantCulture));
                return;
            case "environment":
                await response.WriteAsJsonAsync(new Dictionary<string, string?>(
                    value.Split(',').Select(name => KeyValuePair.Create(name, Environment.GetEnvironmentVariable(name))))
                {
                    ["directory"] = Environment.CurrentDirectory,
                    ["arguments"] = string.Join('|', Environment.GetCommandLineArgs().Skip(1)),
                });
                return;
        }
        await response.WriteAsJsonAsync(await Received.Read(context));
    }
}
