using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.HostDouble.Echo;

/// <summary>The host's own calls: pings and triggers. The answer to a trigger is named in the message, or in ECHO_ANSWER.</summary>
internal sealed class Calls
{
    private readonly ConcurrentQueue<Received> all = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> holds = [];

    public IEnumerable<Received> All => all;

    public Task Released(string name) => Hold(name).Task;

    public void Release(string name) => Hold(name).TrySetResult();

    public async Task Answer(HttpContext context)
    {
        var received = await Received.Read(context);
        all.Enqueue(received);
        // Where a redirect leads to, the answer is a plain one.
        if (context.Request.Method == "POST") await Trigger(context.Response, received.Target == "/Fx_Elsewhere" ? "" : Wanted(received.Body));
    }

    private async Task Trigger(HttpResponse response, string wanted)
    {
        var parts = wanted.Split(':', 2);
        var value = parts is [_, var more] ? more : "";
        switch (parts[0])
        {
            case "empty":
                return;
            case "status":
                response.StatusCode = int.Parse(value, CultureInfo.InvariantCulture);
                if (response.StatusCode != StatusCodes.Status204NoContent) await Json(response, "{}");
                return;
            case "json":
                await Json(response, value);
                return;
            case "type":
                response.ContentType = value.Length == 0 ? null : value;
                await response.WriteAsync("{}");
                return;
            case "redirect":
                response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                response.Headers.Location = value;
                return;
            case "hold":
                await Released(value);
                break;
        }
        await Json(response, """{"Outputs":{},"Logs":["echoed"],"ReturnValue":null}""");
    }

    private static Task Json(HttpResponse response, string json)
    {
        response.ContentType = "application/json";
        return response.WriteAsync(json);
    }

    private static string Wanted(string body)
    {
        var otherwise = Environment.GetEnvironmentVariable("ECHO_ANSWER") ?? "";
        using var json = JsonDocument.Parse(body);
        var data = json.RootElement.GetProperty("Data").EnumerateObject().First().Value;
        if (data.ValueKind != JsonValueKind.String) return otherwise;
        var message = JsonSerializer.Deserialize<string>(data.GetString()!)!;
        return message.StartsWith("answer ", StringComparison.Ordinal) ? message["answer ".Length..] : otherwise;
    }

    private TaskCompletionSource Hold(string name) =>
        holds.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
