using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Cli;

/// <summary><c>zenkofn doctor</c> sees what is wrong, says what to do, and ends by that.</summary>
[Trait("Speed", "Slow")]
public sealed class DoctorTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_server_with_HTTPS_is_well_and_what_is_wrong_around_it_is_found()
    {
        await using var server = await ServerProcess.Start(scratch["data"], more: ["--tls", "auto"]);
        var well = await Ask(0, "--data", server.Data);
        Assert.All(well, check => Assert.Equal("ok", check.Value.Outcome));
        foreach (var area in (string[])["data directory", "master.key", "disk space", "server", "clock", "certificate", "version", "tables", "queues", "location disk"]) Assert.Contains(area, well.Keys);
        Assert.Contains("write", well["location disk"].Found, StringComparison.Ordinal);

        // A key of no administrator, and an authority that this machine does not trust.
        var alone = await Operator.RunAny(["account", "create", "somebody@example.com", "--data", server.Data]);
        var key = alone.Succeeded().Out.Split('\n').Where(line => line.Contains(" key ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1].Trim()).ToList();
        await File.WriteAllTextAsync(scratch["keys"], $"[default]\naws_access_key_id = {key[0]}\naws_secret_access_key = {key[1]}\n");
        var others = await Ask(1, "--data", server.Data, "--credentials", scratch["keys"]);
        Assert.Contains("administrator", others["keys"].Next, StringComparison.Ordinal);
        var untrusted = await Ask(2, "--endpoint", server.Endpoint.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "--credentials", scratch["keys"]);
        Assert.Contains("SSL_CERT_FILE", untrusted["certificate"].Next, StringComparison.Ordinal);

        // A location whose clock is behind, and which takes nothing.
        await using var late = await Late();
        var address = late.Urls.Single();
        (await Shell.Run("dotnet", [Repository.Program, "location", "add", "late", "--type", "s3", "--url", address, "--bucket", "bytes", "--access-key", "A", "--data", server.Data], new Dictionary<string, string> { ["ZENKOFN_LOCATION_SECRET_KEY"] = "S" })).Succeeded();
        File.SetUnixFileMode(Path.Combine(server.Data, "master.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var ill = await Ask(2, "--data", server.Data);
        Assert.Equal(("problem", "problem", "ok"), (ill["late: clock"].Outcome, ill["location late"].Outcome, ill["clock"].Outcome));
        Assert.Matches(@"is 0\.(00:59:[3-5]\d|01:00:[0-2]\d) behind", ill["late: clock"].Found);
        Assert.Contains("timedatectl", ill["late: clock"].Next, StringComparison.Ordinal);
        Assert.Contains("chmod 600", ill["master.key"].Next, StringComparison.Ordinal);

        Assert.Equal(0, await server.Terminate());
        var gone = await Ask(2, "--data", server.Data);
        Assert.Contains("zenkofn serve --data", gone["server"].Next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_kill_nothing_listens_and_the_start_is_told()
    {
        await using var server = await ServerProcess.Start(scratch["data"]);
        await server.Kill();
        var checks = await Ask(2, "--data", server.Data);
        Assert.Equal("problem", checks["server"].Outcome);
        Assert.Contains($"--port {new Uri(server.Endpoint).Port}", checks["port"].Next, StringComparison.Ordinal);
        var ran = await Operator.RunAny(["doctor", "--data", server.Data]);
        Assert.Matches(@"(?m)^port +PROBLEM +nothing listens", ran.Out);
        Assert.Matches(@"(?m)^  port: Start the server: zenkofn serve --data ", ran.Out);
    }

    private static async Task<Dictionary<string, (string Outcome, string Found, string? Next)>> Ask(int code, params string[] arguments)
    {
        var ran = await Operator.RunAny(["doctor", .. arguments, "--json"]);
        Assert.True(ran.ExitCode == code, $"{ran.Line}\n{ran.ExitCode}\n{ran.Out}\n{ran.Err}");
        return Operator.Parsed(ran).GetProperty("checks").EnumerateArray().ToDictionary(
            each => each.GetProperty("area").GetString()!,
            each => (each.GetProperty("outcome").GetString()!.ToLowerInvariant(), each.GetProperty("found").GetString()!, each.TryGetProperty("next", out var next) ? next.GetString() : null));
    }

    private static async Task<WebApplication> Late()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(context =>
        {
            context.Response.StatusCode = 403;
            context.Response.Headers.Date = DateTimeOffset.UtcNow.AddHours(-1).ToString("R");
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return app;
    }
}
