using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>The JavaScript SDKs, by the scripts in <c>node/</c>: each asserts by itself and ends with 0.</summary>
[Trait("Speed", "Slow")]
public sealed class NodeTests(RunningServer server) : IClassFixture<RunningServer>
{
    [ClientTheory(Client.Node), InlineData("aws-sdk.mjs"), InlineData("minio.mjs"), InlineData("aws-sdk-versions.mjs"), InlineData("minio-versions.mjs"), InlineData("backbeat.mjs")]
    public async Task Script_runs_through(string script)
    {
        // Fetched once a checkout.
        if (!Directory.Exists(Path.Combine(Repository.NodeScripts, "node_modules", "aws4")))
            (await Shell.Run(Installed.Find("npm"), ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], directory: Repository.NodeScripts, limit: TimeSpan.FromMinutes(5))).Succeeded();
        var environment = server.AwsEnvironment;
        environment["BUCKET"] = server.NewBucketName("node");
        (await Shell.Run(Installed.Find("node"), [Path.Combine(Repository.NodeScripts, script)], environment)).Succeeded();
    }
}
