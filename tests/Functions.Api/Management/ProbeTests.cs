using System.Text.Json;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Api.Tests.Management;

public sealed class ProbeTests(TwoClouds clouds) : IClassFixture<TwoClouds>
{
    [Theory]
    [InlineData("/_/live")]
    [InlineData("/_/ready")]
    public async Task Nobody_signs_a_probe(string path)
    {
        Assert.Equal((200, "{}"), await Ask("GET", path));
        Assert.Equal((200, ""), await Ask("HEAD", path));
        Assert.Equal(403, (await Ask("POST", path)).Status);

        async Task<(int Status, string)> Ask(string verb, string target)
        {
            var answer = await clouds.Near.SendUnsigned(verb, target, "X-Forwarded-For: 192.0.2.1");
            return (answer.Status, answer.Text);
        }
    }

    [Theory]
    [InlineData("live")]
    [InlineData("ready")]
    public async Task A_bucket_may_be_called_as_a_probe_is_elsewhere(string bucket)
    {
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/" + bucket)).Status);
        Assert.Equal("AccessDenied", (await clouds.Near.SendUnsigned("GET", "/" + bucket)).Code);
        Assert.Equal(bucket, (await clouds.Near.Send("GET", "/" + bucket)).Element("Name"));
    }

    [Fact]
    public async Task A_location_that_does_not_answer_is_told_and_the_server_is_ready_without_it()
    {
        Assert.Equal(201, (await clouds.Add("cloud")).Status);
        var (status, health) = await Deep();
        Assert.Equal((200, 200, "OK"), (status, health.GetProperty("cloud").GetProperty("code").GetInt32(), health.GetProperty("cloud").GetProperty("message").GetString()));
        Assert.InRange(health.GetProperty("disk").GetProperty("milliseconds").GetDouble(), 0, 5000);
        Assert.Equal(200, health.GetProperty("internal").GetProperty("tables").GetProperty("code").GetInt32());
        Assert.Equal(200, health.GetProperty("internal").GetProperty("queues").GetProperty("code").GetInt32());

        // One that nobody has asked yet, so that no answer is remembered.
        Assert.Equal(201, (await clouds.Add("away")).Status);
        clouds.Network.Always(new Fault.Answer(503));
        try
        {
            (status, health) = await Deep();
            Assert.Equal((200, 503), (status, health.GetProperty("away").GetProperty("code").GetInt32()));
            Assert.Equal(200, health.GetProperty("disk").GetProperty("code").GetInt32());
            Assert.Equal(200, (await clouds.Near.SendUnsigned("GET", "/_/ready")).Status);
        }
        finally
        {
            clouds.Network.Always(null);
        }
    }

    [Fact]
    public async Task The_report_says_what_there_is()
    {
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/reported")).Status);
        using var report = JsonDocument.Parse((await clouds.Near.Send("GET", "/_/report")).Text);
        var root = report.RootElement;
        Assert.True(root.GetProperty("itemCounts").GetProperty("buckets").GetInt64() >= 1);
        Assert.True(root.GetProperty("capabilities").GetProperty("locationTypeCephRadosGW").GetBoolean());
        Assert.False(root.GetProperty("capabilities").GetProperty("locationTypeNFS").GetBoolean());
        Assert.True(root.GetProperty("config").GetProperty("locations").GetProperty("disk").GetProperty("isBuiltin").GetBoolean());
        Assert.Equal("enabled", root.GetProperty("repStatus").GetProperty("states").GetProperty("disk").GetString());
        Assert.NotEqual("", root.GetProperty("serverVersion").GetString());
    }

    [Theory]
    [InlineData("/_/report")]
    [InlineData("/_/healthcheck/deep")]
    public async Task Strangers_are_told_nothing(string path) =>
        Assert.Equal(403, (await clouds.Near.SendUnsigned("GET", path, "X-Forwarded-For: 192.0.2.1")).Status);

    private async Task<(int, JsonElement)> Deep()
    {
        var answer = await clouds.Near.SendUnsigned("GET", "/_/healthcheck/deep");
        return (answer.Status, JsonDocument.Parse(answer.Text).RootElement);
    }
}
