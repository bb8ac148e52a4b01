using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>What the Functions host does to requests, with a front end before it that tells the path as it was sent, and without: docs/functions.md.</summary>
public sealed class HostTests
{
    private static readonly string[] Always = ["early refusal", "metadata that is not ASCII", "path that begins with //"];
    private static readonly string[] WithoutFrontEnd = ["host", "key a/../b", "key a/./b", "key percent in lower case"];

    [Theory, InlineData(true), InlineData(false)]
    public async Task The_probe_finds_what_is_known_limited_and_broken_only_a_header_that_clients_can_send(bool frontEnd)
    {
        await using var apps = await FunctionApps.Start(options: host => host with { FrontEnd = frontEnd }, settings: ("ZENKOFN_CLIENT_CERTIFICATE_HEADER", "X-ARR-ClientCert"));
        var ran = await Shell.Run(
            "dotnet", [Repository.Program, "probe", apps.Endpoint(), "--upload-mib", "32", "--json"],
            new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey, ["AWS_REGION"] = "us-east-1",
            });
        using var report = JsonDocument.Parse((frontEnd ? ran.Succeeded() : ran.Failed()).Out);
        string[] Found(string verdict) =>
        [
            .. report.RootElement.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("verdict").GetString() == verdict)
                .Select(check => check.GetProperty("check").GetString()!).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(frontEnd ? [] : ["client certificate"], Found("BROKEN"));
        string[] limited = [.. Always, .. frontEnd ? [] : WithoutFrontEnd];
        Assert.Equal(limited.Order(StringComparer.Ordinal), Found("limited"));
    }

    [ClientFact(Client.Boto3)]
    public async Task Signatures_of_awkward_keys_hold_without_a_front_end()
    {
        await using var apps = await FunctionApps.Start();
        (await Shell.Run(Installed.Python!, [Path.Combine(Repository.PythonScripts, "boto3_signatures.py")], new Dictionary<string, string>(Serving.AwsEnvironment)
        {
            ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey, ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["ENDPOINT"] = apps.Endpoint(), ["BUCKET"] = "awkward", ["DOTS"] = "lost", ["PYTHONDONTWRITEBYTECODE"] = "1",
        })).Succeeded();
    }
}
