using System.Globalization;

namespace ZenkoFunctions.HostDouble;

/// <summary>extensions.queues of host.json, with the host's defaults.</summary>
internal sealed record QueueOptions(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval, bool Base64);

/// <summary>customHandler of host.json.</summary>
internal sealed record HandlerOptions(
    string Executable, string WorkingDirectory, IReadOnlyList<string> Arguments, int? Port, TimeSpan InitializationTimeout);

/// <summary>What of host.json the double obeys.</summary>
internal sealed record HostJson(HandlerOptions Handler, QueueOptions Queues, string RoutePrefix, TimeSpan FunctionTimeout)
{
    /// <summary>Reads and checks; each check that fails adds one problem.</summary>
    public static HostJson? Read(string folder, List<string> problems)
    {
        if (JsonFile.Read(Path.Combine(folder, "host.json"), "host.json", problems) is not { } json) return null;
        if (json.Text("version") != "2.0") json.Problem("write \"version\": \"2.0\".");
        return new(ReadHandler(json), ReadQueues(json), (json.Text("extensions:http:routePrefix") ?? "api").Trim('/'), ReadTimeout(json));
    }

    private static HandlerOptions ReadHandler(JsonFile json)
    {
        const string executable = "customHandler:description:defaultExecutablePath";
        if (string.IsNullOrWhiteSpace(json.Text(executable)))
            json.Problem("\"customHandler.description.defaultExecutablePath\" is missing: name the handler's program.");
        if (json.At("customHandler:http:routes") is not null)
            json.Problem("\"customHandler.http.routes\" cannot be combined with function.json files (the host refuses both): " +
                "remove the routes.");
        if (!json.Flag("customHandler:enableProxyingHttpRequest", false))
            json.Problem("set \"customHandler.enableProxyingHttpRequest\" to true: this double reproduces proxying only, and " +
                "the older ways lose chunked bodies and Content-MD5.");
        var port = json.Number("customHandler:port", 0, 0, 65535);
        return new(
            json.Text(executable) ?? "",
            json.Text("customHandler:description:workingDirectory") ?? "",
            json.Texts(json.At("customHandler:description:arguments"), "customHandler.description.arguments"),
            port == 0 ? null : port,
            json.Time("customHandler:initializationTimeout", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1)));
    }

    private static QueueOptions ReadQueues(JsonFile json)
    {
        const string at = "extensions:queues:";
        var batch = json.Number(at + "batchSize", 16, 1, 32);
        var encoding = json.Text(at + "messageEncoding") ?? "base64";
        if (!encoding.Equals("base64", StringComparison.OrdinalIgnoreCase) && !encoding.Equals("none", StringComparison.OrdinalIgnoreCase))
            json.Problem("\"extensions.queues.messageEncoding\" must be base64 or none.");
        return new(
            batch,
            json.Number(at + "newBatchThreshold", batch / 2 * Environment.ProcessorCount, 0, int.MaxValue),
            json.Number(at + "maxDequeueCount", 5, 1, int.MaxValue),
            json.Time(at + "visibilityTimeout", TimeSpan.Zero, TimeSpan.Zero),
            json.Time(at + "maxPollingInterval", TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(100)),
            encoding.Equals("base64", StringComparison.OrdinalIgnoreCase));
    }

    private static TimeSpan ReadTimeout(JsonFile json)
    {
        if (json.Text("functionTimeout") is not { } text) return TimeSpan.FromMinutes(30);
        if (text == "-1") return Timeout.InfiniteTimeSpan;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero) return time;
        json.Problem("\"functionTimeout\" must be a time such as \"00:30:00\", or \"-1\" for none.");
        return TimeSpan.FromMinutes(30);
    }
}
