using System.Diagnostics;

namespace ZenkoFunctions.Infra.Tests;

/// <summary>deploy.sh, with an <c>az</c> that only remembers what it was asked.</summary>
public sealed class DeployTests : IDisposable
{
    private const string Key = "ZENKOFNROOT000000001";

    // The parameters file is gone when the script ends: it is kept as it was.
    private const string Az = """
        #!/usr/bin/env bash
        printf '%s\n' "$*" >>"$CALLS"
        for argument in "$@"; do case $argument in @*/secrets.json) cat "${argument#@}" >"$SECRETS" ;; esac; done
        case "$*" in
          'group exists'*) echo "${GROUP:-true}" ;;
          'ad signed-in-user'*) echo 11111111-2222-3333-4444-555555555555 ;;
          'resource list'*) echo "${VAULT:-}" ;;
          'keyvault secret list'*) [ -z "${BLIND:-}" ] || exit 1; printf 'master-key\nroot-secret-key\nnotify-secret\n' ;;
          'account show --query id'*) echo sub ;;
          *outputs.endpoint.value*) echo https://app.example.com ;;
          *outputs.storageAccountName.value*) echo account ;;
          *outputs.apiAppName.value*) echo api-app ;;
          *outputs.jobsAppName.value*) echo jobs-app ;;
          *outputs.apiPackageContainer.value*) echo api-packages ;;
          *outputs.jobsPackageContainer.value*) echo jobs-packages ;;
          *outputs.vaultName.value*) echo the-vault ;;
          'storage blob upload'*) [ ! -e "$REFUSE" ] || { rm "$REFUSE"; exit 1; } ;;
        esac
        """;

    private readonly string directory = Directory.CreateTempSubdirectory("zenkofn-deploy-").FullName;

    public DeployTests()
    {
        Write("bin/az", Az);
        Write("bin/curl", "#!/bin/sh\nexit 0\n");
        Write("packages/api.zip", "api");
        Write("packages/jobs.zip", "jobs");
    }

    private string Calls => File.Exists(At("calls")) ? File.ReadAllText(At("calls")) : "";

    private string Secrets => File.ReadAllText(At("secrets"));

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task It_deploys_then_uploads_and_starts_the_jobs_before_the_API()
    {
        var ran = await Deploy([]);
        Assert.True(ran.Code == 0, ran.Text);
        string[] steps =
        [
            "deployment group create --resource-group rg --name zenkofunctions-zenkofn", "--container-name jobs-packages --name released-package.zip", "sites/jobs-app/syncfunctiontriggers",
            "functionapp restart --resource-group rg --name jobs-app", "--container-name api-packages --name released-package.zip", "sites/api-app/syncfunctiontriggers",
            "functionapp restart --resource-group rg --name api-app",
        ];
        var at = steps.Select(step => Calls.IndexOf(step, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, at);
        Assert.Equal(at.Order(), at);
        Assert.Contains("--name history/", Calls, StringComparison.Ordinal);
        Assert.Contains("https://app.example.com", ran.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_time_it_makes_secrets_that_nobody_sees()
    {
        var ran = await Deploy([]);
        using var file = System.Text.Json.JsonDocument.Parse(Secrets);
        var parameters = file.RootElement.GetProperty("parameters");
        string Value(string name) => parameters.GetProperty(name).GetProperty("value").GetString()!;
        Assert.Equal(32, Convert.FromBase64String(Value("masterKey")).Length);
        foreach (var secret in new[] { Value("masterKey"), Value("rootSecretKey"), Value("notifySecret") })
        {
            Assert.True(secret.Length >= 32);
            Assert.DoesNotContain(secret, ran.Text + Calls, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_parameter_that_it_gives_is_one_of_the_template()
    {
        await Deploy([]);
        using var file = System.Text.Json.JsonDocument.Parse(Secrets);
        var given = file.RootElement.GetProperty("parameters").EnumerateObject().Select(p => (p.Name, (object?)(p.Value.GetProperty("value") switch
        {
            { ValueKind: System.Text.Json.JsonValueKind.String } text => text.GetString(),
            var truth => truth.GetBoolean(),
        })));
        Bicep.Deployment.Of(Path.Combine(Templates.Directory, "main.bicep"), given);
    }

    [Fact]
    public async Task Secrets_that_the_vault_holds_are_never_made_or_set_again()
    {
        var ran = await Deploy([], ("VAULT", "zenkofn-abc"), ("ZENKOFN_MASTER_KEY", Convert.ToBase64String(new byte[32])));
        Assert.True(ran.Code == 0, ran.Text);
        foreach (var name in new[] { "masterKey", "rootSecretKey", "notifySecret" }) Assert.Contains($$""""{{name}}": { "value": "" }"""", Secrets, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vault_that_cannot_be_seen_into_stops_it_before_anything_is_changed()
    {
        var ran = await Deploy([], ("VAULT", "zenkofn-abc"), ("BLIND", "1"));
        Assert.Equal(1, ran.Code);
        Assert.Contains("Key Vault Secrets Officer", ran.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("create", Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_is_tried_again_until_its_role_holds()
    {
        Write("refuse", "");
        var ran = await Deploy([]);
        Assert.True(ran.Code == 0, ran.Text);
        Assert.Contains("Not yet (1 of 10)", ran.Text, StringComparison.Ordinal);
        Assert.Equal(5, Calls.Split('\n').Count(call => call.StartsWith("storage blob upload", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_dry_run_asks_Azure_nothing_and_prints_every_command()
    {
        var ran = await Deploy(["--dry-run", "--location", "westeurope"]);
        Assert.True(ran.Code == 0, ran.Text);
        Assert.Equal("", Calls);
        foreach (var command in new[] { "az group exists", "az deployment group create", "az storage blob upload", "syncfunctiontriggers", "az functionapp restart" })
            Assert.Contains(command, ran.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--location is", "GROUP", "false")]
    [InlineData("ZENKOFN_MASTER_KEY", "", "", "--no-key-vault")]
    [InlineData("32 bytes", "ZENKOFN_MASTER_KEY", "short")]
    [InlineData("--name must", "", "", "--name", "Too-Long-A-Name")]
    [InlineData("--root-access-key must", "", "", "--root-access-key", "short")]
    [InlineData("There is no file", "", "", "--parameters", "/no/such/file")]
    [InlineData("--package-only", "", "", "--packages", "/no/such/directory")]
    [InlineData("not understood", "", "", "--no-such-option", "1")]
    public async Task What_is_missing_is_said_and_nothing_is_changed(string words, string name, string value, params string[] arguments)
    {
        var ran = await Deploy(arguments, name.Length > 0 ? [(name, value)] : []);
        Assert.Equal(1, ran.Code);
        if (words != "--location is") Assert.Contains(words, ran.Text, StringComparison.Ordinal);
        else Assert.Contains("--location", ran.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("create", Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        var ran = await Deploy(["--help"]);
        Assert.Equal(0, ran.Code);
        var options = File.ReadLines(Script).Select(line => line.Trim()).Where(line => line.StartsWith("--", StringComparison.Ordinal) && line.Contains(") ", StringComparison.Ordinal))
            .Select(line => line.Split(')', ' ')[0]).ToList();
        Assert.True(options.Count > 8);
        Assert.All(options, option => Assert.Contains(option, ran.Text, StringComparison.Ordinal));
    }

    private static string Script => Path.Combine(Templates.Root, "infra", "deploy.sh");

    private async Task<(int Code, string Text)> Deploy(string[] arguments, params (string Name, string Value)[] environment)
    {
        string[] packages = arguments.Contains("--packages") ? [] : ["--packages", At("packages")];
        string[] key = arguments.Contains("--root-access-key") ? [] : ["--root-access-key", Key];
        var start = new ProcessStartInfo("bash", [Script, "--resource-group", "rg", "--no-probe", .. key, .. packages, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in new[] { "ZENKOFN_MASTER_KEY", "ZENKOFN_ROOT_SECRET_KEY", "ZENKOFN_NOTIFY_SECRET" }) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        (start.Environment["CALLS"], start.Environment["SECRETS"], start.Environment["REFUSE"], start.Environment["DEPLOY_PAUSE"]) = (At("calls"), At("secrets"), At("refuse"), "0");
        start.Environment["PATH"] = At("bin") + ":" + Environment.GetEnvironmentVariable("PATH");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await error);
    }

    private string At(string name) => Path.Combine(directory, name);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(At(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
