using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Management;

public sealed class SettingsTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Route = "/_/management/settings";

    private async Task<string> Value(string name) =>
        JsonSerializer.Deserialize((await server.Send("GET", Route)).Text, SettingJson.Default.SettingsDocument)!.Settings.Single(each => each.Name == name).Value;

    [Fact]
    public async Task A_protocol_is_switched_off_and_on_while_the_server_runs()
    {
        Assert.Equal(200, (await server.Send("PUT", Route + "/enable.s3.api", """{"value":"false"}""")).Status);
        Assert.Equal("false", await Value("enable.s3.api"));
        var refused = await server.Send("GET", "/");
        Assert.Equal((503, "ServiceUnavailable"), (refused.Status, refused.Element("Code")));
        Assert.Contains("enable.s3.api", refused.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await server.Send("DELETE", Route + "/enable.s3.api")).Status);
        Assert.Equal(200, (await server.Send("GET", "/")).Status);
    }

    [Fact]
    public async Task Where_a_value_comes_from_is_told()
    {
        async Task<string> Source() => JsonSerializer.Deserialize((await server.Send("GET", Route)).Text, SettingJson.Default.SettingsDocument)!.Settings.Single(each => each.Name == "usage.flush").Source;
        Assert.Equal("default", await Source());
        await server.Send("PUT", Route + "/usage.flush", """{"value":"10"}""");
        Assert.Equal("set", await Source());
        await server.Send("DELETE", Route + "/usage.flush");
        Assert.Equal("default", await Source());
    }

    [Theory]
    [InlineData("enable.s3.api", """{"value":"no"}""", 400, "InvalidSetting")]
    [InlineData("enable.s3.api", "{}", 400, "MalformedBody")]
    [InlineData("enable.management.api", """{"value":"false"}""", 404, "NoSuchSetting")]
    public async Task What_cannot_be_set_is_told_so(string name, string body, int status, string code)
    {
        var answer = await server.Send("PUT", $"{Route}/{name}", body);
        Assert.Equal(status, answer.Status);
        Assert.StartsWith($$"""{"code":"{{code}}","message":""", answer.Text, StringComparison.Ordinal);
        Assert.Equal("true", await Value("enable.s3.api"));
    }
}
