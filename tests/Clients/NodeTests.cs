using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>The JavaScript SDKs, by the scripts in <c>node/</c>: each asserts by itself and ends with 0.</summary>
[Trait("Speed", "Slow")]
public sealed class NodeTests(RunningServer server) : IClassFixture<RunningServer>
{
    [ClientTheory(Client.Node), InlineData("aws-sdk.mjs"), InlineData("minio.mjs"), InlineData("aws-sdk-versions.mjs"), InlineData("minio-versions.mjs"), InlineData("backbeat.mjs"), InlineData("utapi.mjs")]
    public async Task Script_runs_through(string script)
    {
        var environment = server.AwsEnvironment;
        environment["BUCKET"] = server.NewBucketName("node");
        (await NodeScript.Run(script, environment)).Succeeded();
    }
}
