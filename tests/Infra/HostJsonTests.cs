using System.Text.Json;

namespace ZenkoFunctions.Infra.Tests;

/// <summary>The one host.json of both apps says what the gateway and the jobs rely on.</summary>
public sealed class HostJsonTests
{
    [Theory]
    [InlineData("version", "\"2.0\"")]
    [InlineData("functionTimeout", "\"00:30:00\"")]
    [InlineData("extensions.http.routePrefix", "\"\"")]
    [InlineData("extensions.http.maxConcurrentRequests", "-1")]
    [InlineData("extensions.http.maxOutstandingRequests", "-1")]
    [InlineData("extensions.http.dynamicThrottlesEnabled", "false")]
    [InlineData("extensions.queues.messageEncoding", "\"base64\"")]
    [InlineData("extensions.queues.maxDequeueCount", "5")]
    [InlineData("extensions.queues.visibilityTimeout", "\"00:00:30\"")]
    [InlineData("customHandler.enableProxyingHttpRequest", "true")]
    [InlineData("customHandler.description.defaultExecutablePath", "\"%ZENKOFN_HANDLER%\"")]
    public void It_says(string path, string value) =>
        Assert.Equal(value, path.Split('.').Aggregate(Root(), (of, name) => of.GetProperty(name)).GetRawText());

    [Theory]
    // Loses chunked bodies, Content-MD5 and parts of queries.
    [InlineData("customHandler.enableForwardingHttpRequest")]
    // Cannot be combined with function.json files, which queues and timers need.
    [InlineData("customHandler.http")]
    [InlineData("configurationProfile")]
    public void It_does_not_say(string path)
    {
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(Root(), (of, name) => of.GetProperty(name));
        Assert.False(parent.TryGetProperty(names[^1], out _));
    }

    private static JsonElement Root()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Templates.Root, "host.json")));
        return document.RootElement.Clone();
    }
}
