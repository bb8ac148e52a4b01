namespace ZenkoFunctions.HostDouble.Tests;

public sealed class StartupTests
{
    private const string Out = """{"type":"http","direction":"out","name":"res"}""";

    private const string Plain = """{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous"},""" + Out + "]}";

    public static TheoryData<string, string, string> BadHosts() => new()
    {
        { "no JSON", "{", "host.json is no valid JSON" },
        { "an array", "[]", "host.json holds Array" },
        { "version", """{"customHandler":{}}""", "write \"version\": \"2.0\"" },
        { "no program", """{"version":"2.0"}""", "defaultExecutablePath\" is missing" },
        { "routes", """{"version":"2.0","customHandler":{"http":{"routes":[{"route":"x"}]}}}""", "cannot be combined with function.json" },
        { "no proxying", """{"version":"2.0","customHandler":{"enableForwardingHttpRequest":true}}""", "set \"customHandler.enableProxyingHttpRequest\" to true" },
        { "no such program", """{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"no-such-program"}}}""", "neither in" },
        { "no execute bit", """{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"host.json"}}}""", "chmod +x" },
        { "batch size", """{"version":"2.0","extensions":{"queues":{"batchSize":33}}}""", "from 1 to 32" },
        { "encoding", """{"version":"2.0","extensions":{"queues":{"messageEncoding":"hex"}}}""", "must be base64 or none" },
        { "polling", """{"version":"2.0","extensions":{"queues":{"maxPollingInterval":"00:00:00.05"}}}""", "at least 00:00:00.1" },
        { "time-out", """{"version":"2.0","functionTimeout":"soon"}""", "\"functionTimeout\" must be" },
        { "arguments", """{"version":"2.0","customHandler":{"description":{"arguments":"x"}}}""", "must be an array of strings" },
    };

    public static TheoryData<string, string, string> BadFunctions() => new()
    {
        { "1st", Plain, "rename the folder" },
        { "Host", Plain, "rename the folder" },
        { "F", "{}", "\"bindings\" is missing" },
        { "F", """{"bindings":[]}""", "it has 0 triggers" },
        { "F", """{"bindings":[{"type":"queueTrigger","name":"a"},{"type":"timerTrigger","name":"b"}]}""", "it has 2 triggers" },
        { "F", """{"bindings":[{"type":"blobTrigger","name":"a"}]}""", "blobTrigger is not emulated" },
        { "F", """{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous"}]}""", "exactly one other binding" },
        { "F", $$"""{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous"},{{Out}},{{Out}}]}""", "exactly one other binding" },
        { "F", $$"""{"bindings":[{"type":"httpTrigger","name":"r"},{{Out}}]}""", "keys are not emulated" },
        { "F", $$"""{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous","route":"Admin/x"},{{Out}}]}""", "the host keeps for itself" },
        { "F", $$"""{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous","route":"runtime"},{{Out}}]}""", "the host keeps for itself" },
        { "F", $$"""{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous","route":"{*PATH}","methods":["get"]},{{Out}}]}""", "a method in common" },
        { "fx_gateway", $$"""{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous"},{{Out}}]}""", "differ only in case" },
        { "F", """{"bindings":[{"type":"queueTrigger","name":"m","queueName":"No_Queue","connection":"Store"}]}""", "\"queueName\" is \"No_Queue\"" },
        { "F", """{"bindings":[{"type":"queueTrigger","name":"m","queueName":"queue","connection":"Other"}]}""", "the setting \"Other\" is missing" },
        { "F", """{"bindings":[{"type":"queueTrigger","queueName":"queue","connection":"Store"}]}""", "the trigger has no \"name\"" },
        { "F", """{"bindings":[{"type":"queueTrigger","name":"m","queueName":"queue","connection":"Store"},{"type":"queue","name":"o"}]}""", "beside the trigger" },
        { "F", """{"bindings":[{"type":"timerTrigger","name":"t","schedule":"00:05:00"}]}""", "write six fields" },
        { "F", """{"bindings":[{"type":"timerTrigger","name":"t","schedule":"0 60 * * * *"}]}""", "the minute \"60\"" },
    };

    [Theory]
    [MemberData(nameof(BadHosts))]
    public async Task A_bad_host_json_is_refused_with_advice(string why, string json, string advice)
    {
        using var app = new EchoApp();
        app.Write("host.json", json);

        var refusal = await Assert.ThrowsAsync<HostStartException>(() => app.Start());

        Assert.True(refusal.Problems.Any(problem => problem.Contains(advice, StringComparison.Ordinal)), $"{why}: {refusal.Message}");
    }

    [Theory]
    [MemberData(nameof(BadFunctions))]
    public async Task A_bad_function_json_is_refused_with_advice(string name, string json, string advice)
    {
        using var app = new EchoApp();
        app.Write(name + "/function.json", json);

        var refusal = await Assert.ThrowsAsync<HostStartException>(() => app.Start(("Store", "UseDevelopmentStorage=true")));

        Assert.Contains(advice, Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"IsEncrypted":true}""", "func settings decrypt")]
    [InlineData("""{"Values":{"a":1}}""", "\"a\" must be a string")]
    [InlineData("""{"Values":{"FUNCTIONS_WORKER_RUNTIME":"dotnet"}}""", "write custom")]
    [InlineData("""{"Values":{"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT":"100MB"}}""", "a number of bytes")]
    public async Task Bad_settings_are_refused_with_advice(string json, string advice)
    {
        using var app = new EchoApp();
        app.Write("local.settings.json", json);

        var refusal = await Assert.ThrowsAsync<HostStartException>(() => app.Start());

        Assert.Contains(advice, Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_functions_is_refused()
    {
        using var app = new EchoApp();
        Directory.Delete(Path.Combine(app.Folder, "Fx_Gateway"), recursive: true);

        Assert.Contains("holds no function", (await Assert.ThrowsAsync<HostStartException>(() => app.Start())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_problems_are_told_at_once()
    {
        using var app = new EchoApp();
        app.Write("host.json", "{}").Write("F/function.json", "{}");

        Assert.Equal(4, (await Assert.ThrowsAsync<HostStartException>(() => app.Start())).Problems.Count);
    }

    [Fact]
    public async Task A_disabled_function_is_not_there()
    {
        using var app = new EchoApp();
        app.Write("Fx_Other/function.json", $$"""{"bindings":[{"type":"httpTrigger","name":"r","authLevel":"anonymous","route":"{*path}"},{{Out}}]}""");

        await using var host = await app.Start(("AzureWebJobs.Fx_Gateway.Disabled", "true"));

        await Wire.Get(host, "/x");
        Assert.Contains(host.Log.Entries, entry => entry.Text.Contains("Executed 'Functions.Fx_Other'", StringComparison.Ordinal));
    }
}
