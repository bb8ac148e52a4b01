using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace ZenkoFunctions.HostDouble;

/// <summary>How a trigger call ended.</summary>
/// <param name="Id">The invocation's id.</param>
/// <param name="Succeeded">Whether the message counts as done.</param>
/// <param name="Detail">Why not.</param>
public sealed record InvocationResult(Guid Id, bool Succeeded, string Detail);

/// <summary>Trigger calls, and what the host makes of the handler's answers.</summary>
internal sealed class Invocations(App app, HandlerProcess handler, Faults faults, HostOptions options, HostLog log) : IDisposable
{
    // Unlike proxied requests these follow redirects.
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = app.Host.FunctionTimeout == Timeout.InfiniteTimeSpan
            ? Timeout.InfiniteTimeSpan
            : app.Host.FunctionTimeout + TimeSpan.FromMinutes(1),
    };

    /// <summary>Answers that would hang a real host; empty in a healthy app.</summary>
    public ConcurrentQueue<string> Violations { get; } = [];

    /// <summary>Calls a function and judges the answer; never throws but for the token.</summary>
    public async Task<InvocationResult> Call(
        Function function, string parameter, string data, IReadOnlyList<(string Name, string Json)> metadata, string reason,
        DateTimeOffset now, CancellationToken cancellation)
    {
        var id = Guid.NewGuid();
        var began = Stopwatch.GetTimestamp();
        log.Information("host", $"Executing 'Functions.{function.Name}' (Reason='{reason}', Id={id})");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(app.Host.FunctionTimeout);
        string? failure;
        try
        {
            using var request = Envelope.Request(
                new Uri(handler.Address + function.Name), Envelope.Write(parameter, data, metadata, function.Name, id, now), id);
            using var answer = await client.SendAsync(request, limit.Token);
            failure = faults.TakeLostCall(function.Name) ? Killed() : await Judge(function, answer, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            failure = $"it ran longer than functionTimeout ({app.Host.FunctionTimeout})";
            handler.Restart($"{function.Name} {failure}.");
        }
        catch (HttpRequestException e)
        {
            failure = e.Message;
        }
        var took = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (failure is null) log.Information("host", $"Executed 'Functions.{function.Name}' (Succeeded, Id={id}, Duration={took}ms)");
        else log.Error("host", $"Executed 'Functions.{function.Name}' (Failed, Id={id}, Duration={took}ms): {failure}");
        return new(id, failure is null, failure ?? "");
    }

    public void Dispose() => client.Dispose();

    /// <summary>Null for success.</summary>
    private async Task<string?> Judge(Function function, HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!answer.IsSuccessStatusCode) return $"the handler answered {(int)answer.StatusCode}";
        var body = await answer.Content.ReadAsStringAsync(cancellation);
        var type = answer.Content.Headers.ContentType?.MediaType;
        if (string.IsNullOrWhiteSpace(body)) return await Empty(function, $"{(int)answer.StatusCode} with an empty body", cancellation);
        if (type is not ("application/json" or "text/json"))
            return $"the handler answered with the content type {type ?? "(none)"}: answer application/json";
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind switch
            {
                JsonValueKind.Object => Read(function, json.RootElement),
                JsonValueKind.Null => await Empty(function, "null", cancellation),
                var kind => $"the handler answered {kind}: answer {{\"Outputs\":{{}},\"Logs\":[],\"ReturnValue\":null}}",
            };
        }
        catch (JsonException e)
        {
            return $"the handler's answer is no valid JSON: {e.Message}";
        }
    }

    private string? Read(Function function, JsonElement answer)
    {
        if (JsonFile.Property(answer, "Outputs") is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) } outputs)
            return $"\"Outputs\" is {outputs.ValueKind}, not an object";
        if (JsonFile.Property(answer, "Logs") is not { ValueKind: not JsonValueKind.Null } logs) return null;
        if (logs.ValueKind != JsonValueKind.Array) return $"\"Logs\" is {logs.ValueKind}, not an array";
        foreach (var line in logs.EnumerateArray()) log.Information(function.Name, line.ToString());
        return null;
    }

    private async Task<string?> Empty(Function function, string what, CancellationToken cancellation)
    {
        var trap = $"{function.Name} was answered {what}. The real host never notices such an answer: the invocation hangs until " +
            "functionTimeout, then the whole handler is restarted. Answer 200, application/json, {\"Outputs\":{},\"Logs\":[],\"ReturnValue\":null}.";
        log.Error("host", trap);
        if (options.EmptyAnswer == EmptyAnswer.Hang) await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        Violations.Enqueue(trap);
        return trap;
    }

    private string Killed()
    {
        handler.Kill();
        return "injected: the handler was killed before its answer was read";
    }
}
