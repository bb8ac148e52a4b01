using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Azure;

/// <summary>
/// The real <c>az</c> against a server with <c>--tls auto</c>: its flow as the documents have it. Each start of az takes a second or two,
/// so that a test does what belongs together.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class AzTests(AzServer server) : IClassFixture<AzServer>
{
    [ClientFact(Client.Az)]
    public async Task A_user_signs_in_by_password_and_the_wrong_one_is_told_why()
    {
        using var az = server.Az();
        await az.Register();
        Assert.Contains("access key", (await az.Try("login", "-u", ServerProcess.AccessKey, "-p", "wrong")).Failed().Err, StringComparison.Ordinal);
        await az.Run("login", "-u", ServerProcess.AccessKey, "-p", ServerProcess.SecretKey);
        Assert.Equal(ServerProcess.AccessKey, (await az.Json("account", "show")).GetProperty("user").GetProperty("name").GetString());
    }

    [ClientFact(Client.Az)]
    public async Task A_device_is_signed_in_by_the_page()
    {
        using var az = server.Az();
        await az.Register();
        using var http = server.Http();
        await az.RunWhile(["login", "--use-device-code"], DeviceCode(), async code =>
        {
            using var form = new FormUrlEncodedContent([new("user_code", code), .. Keys]);
            (await http.PostAsync(new Uri(server.Url + "/_/devicelogin"), form)).EnsureSuccessStatusCode();
        });
        Assert.Equal("user", (await az.Json("account", "show")).GetProperty("user").GetProperty("type").GetString());
    }

    [ClientFact(Client.Az)]
    public async Task A_browser_signs_in()
    {
        using var az = server.Az();
        await az.Register();
        using var http = server.Http();
        using var opened = new Scratch();
        // What az opens as a browser writes the address down; the test is the person before it.
        var browser = opened["browser"];
        await File.WriteAllTextAsync(browser, $"#!/bin/sh\necho \"$1\" > {opened["url.new"]} && mv {opened["url.new"]} {opened["url"]}\n");
        File.SetUnixFileMode(browser, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        az.Environment["BROWSER"] = browser;
        az.Environment["DISPLAY"] = ":0";
        var login = az.Run("login");
        await Eventually.Holds(() => File.Exists(opened["url"]) || login.IsCompleted, "az opens a browser");
        if (login.IsCompleted) await login;
        var url = new Uri((await File.ReadAllTextAsync(opened["url"])).Trim());
        Assert.Contains("<form", await http.GetStringAsync(url), StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent(Keys);
        var answer = await http.PostAsync(url, form);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.StartsWith(HttpUtility.ParseQueryString(url.Query)["redirect_uri"]!, answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        (await http.GetAsync(answer.Headers.Location)).EnsureSuccessStatusCode();
        await login;
        Assert.Equal("user", (await az.Json("account", "show")).GetProperty("user").GetProperty("type").GetString());
    }

    private static IEnumerable<KeyValuePair<string, string>> Keys => [new("access_key", ServerProcess.AccessKey), new("secret_key", ServerProcess.SecretKey)];

    [GeneratedRegex("enter the code ([A-Z]{8})")]
    private static partial Regex DeviceCode();
}

/// <summary>A server that speaks HTTPS by an authority of its own.</summary>
public sealed class AzServer : IAsyncLifetime
{
    private readonly Scratch scratch = new();
    private ServerProcess process = null!;

    /// <summary>Its port.</summary>
    public int Port => new Uri(process.Endpoint).Port;

    /// <summary>https://localhost:port</summary>
    public string Url => $"https://localhost:{Port}";

    internal string Authority => Path.Combine(process.Data, "tls", "ca.pem");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (ClientSkip.Reason(Client.Az) is null) process = await ServerProcess.Start(scratch["data"], more: ["--tls", "auto"]);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (process is not null) await process.DisposeAsync();
        scratch.Dispose();
    }

    /// <summary>An az that knows nothing yet.</summary>
    public AzCli Az() => new(this);

    /// <summary>A browser that trusts the server's authority and follows nothing by itself.</summary>
    public HttpClient Http()
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(Authority);
        return new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck } },
        });
    }
}

/// <summary>az with a configuration of its own.</summary>
public sealed class AzCli : IDisposable
{
    // As resolvers do by RFC 6761, and glibc without systemd does not.
    private const string Resolving = """
        import socket
        _known = socket.getaddrinfo
        def getaddrinfo(host, *more, **named):
            name = host.decode() if isinstance(host, bytes) else host
            return _known("127.0.0.1" if name and name.endswith(".localhost") else host, *more, **named)
        socket.getaddrinfo = getaddrinfo
        """;

    private readonly Scratch scratch = new();
    private readonly AzServer server;

    internal AzCli(AzServer server)
    {
        this.server = server;
        Directory.CreateDirectory(scratch["python"]);
        File.WriteAllText(Path.Combine(scratch["python"], "sitecustomize.py"), Resolving);
        Environment = new()
        {
            ["AZURE_CONFIG_DIR"] = scratch["config"],
            ["REQUESTS_CA_BUNDLE"] = server.Authority,
            ["AZURE_CORE_COLLECT_TELEMETRY"] = "false",
            ["AZURE_CORE_NO_COLOR"] = "true",
            ["PYTHONPATH"] = scratch["python"],
            ["PYTHONDONTWRITEBYTECODE"] = "1",
        };
    }

    /// <summary>Its environment.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>Makes the server known as a cloud, and chooses it.</summary>
    public async Task Register()
    {
        await Run("cloud", "register", "-n", "zenko", "--endpoint-resource-manager", server.Url, "--suffix-storage-endpoint", $"localhost:{server.Port}",
            "--endpoint-active-directory", server.Url + "/adfs");
        await Run("cloud", "set", "-n", "zenko");
    }

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<Ran> Run(params string[] arguments) => (await Try(arguments)).Succeeded();

    /// <summary>Runs a command.</summary>
    public Task<Ran> Try(params string[] arguments) => Shell.Run(Installed.Find("az"), arguments, Environment);

    /// <summary>Runs a command that must succeed; what it answered.</summary>
    public async Task<JsonElement> Json(params string[] arguments) => JsonDocument.Parse((await Run([.. arguments, "--output", "json"])).Out).RootElement;

    /// <summary>Runs a command, and does something with what it says meanwhile.</summary>
    public async Task RunWhile(string[] arguments, Regex says, Func<string, Task> then)
    {
        var said = scratch["said"];
        var running = Shell.Run("/bin/sh", ["-c", "exec \"$0\" \"$@\" 2> \"$SAID\"", Installed.Find("az"), .. arguments], new Dictionary<string, string>(Environment) { ["SAID"] = said });
        string? found = null;
        await Eventually.Holds(() => running.IsCompleted || (File.Exists(said) && (found = says.Match(File.ReadAllText(said)) is { Success: true } match ? match.Groups[1].Value : null) is not null), "az says what to do");
        Assert.True(found is not null, $"az did not say what was expected: {File.ReadAllText(said)}");
        await then(found);
        (await running).Succeeded();
    }

    /// <inheritdoc/>
    public void Dispose() => scratch.Dispose();
}
