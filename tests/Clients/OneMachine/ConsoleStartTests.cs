using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>The console of a fresh server, of one that has none, and links to it.</summary>
public sealed class ConsoleStartTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Chromium), Trait("Speed", "Slow")]
    public async Task A_person_begins()
    {
        await using var server = await ServerProcess.Start(scratch["data"]);
        (await ConsoleTests.Drive("first-steps", server.Console, server.Endpoint)).Succeeded();
    }

    [Fact]
    public async Task A_link_of_the_command_line_signs_in_once()
    {
        await using var server = await ServerProcess.Start(scratch["data"]);
        var made = (await Shell.Run("dotnet", [Repository.Program, "console", "--data", scratch["data"], "--json"])).Succeeded();
        var link = new Uri(JsonDocument.Parse(made.Out).RootElement.GetProperty("url").GetString()!);
        Assert.StartsWith(server.Console, link.ToString(), StringComparison.Ordinal);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        Assert.Contains("<button", await http.GetStringAsync(link), StringComparison.Ordinal);
        var code = link.Query["?code=".Length..];
        Assert.Equal((303, 200), (await Follow(), (int)(await http.GetAsync(new Uri(link, "buckets"))).StatusCode));
        Assert.Equal(403, await Follow());

        async Task<int> Follow()
        {
            using var form = new HttpRequestMessage(HttpMethod.Post, link) { Content = new FormUrlEncodedContent([KeyValuePair.Create("code", Uri.UnescapeDataString(code))]) };
            form.Headers.Add("Origin", link.GetLeftPart(UriPartial.Authority));
            return (int)(await http.SendAsync(form)).StatusCode;
        }
    }

    [Fact]
    public async Task A_server_without_a_console_has_none_and_makes_no_links()
    {
        await using var server = await ServerProcess.Start(scratch["data"], more: "--no-console");
        Assert.DoesNotContain("console", server.Output, StringComparison.OrdinalIgnoreCase);
        var made = await Shell.Run("dotnet", [Repository.Program, "console", "--data", scratch["data"]]);
        Assert.Equal(1, made.ExitCode);
        Assert.Contains("no console", made.Err, StringComparison.Ordinal);
    }
}
