using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>boto3, by the scripts in <c>scripts/</c>: each asserts by itself and ends with 0.</summary>
[Trait("Speed", "Slow")]
public sealed class Boto3Tests(RunningServer server) : IClassFixture<RunningServer>
{
    [ClientTheory(Client.Boto3)]
    [InlineData("boto3_objects.py")]
    [InlineData("boto3_multipart.py")]
    [InlineData("boto3_signatures.py")]
    [InlineData("boto3_errors.py")]
    [InlineData("boto3_iam.py")]
    [InlineData("boto3_versions.py")]
    [InlineData("boto3_locks.py")]
    [InlineData("boto3_accounts.py")]
    [InlineData("boto3_replication.py")]
    [InlineData("boto3_search.py")]
    public Task Script_runs_through(string script) => Run(script);

    [ClientFact(Client.Curl)]
    public Task Forms_that_boto3_signs_are_taken_from_curl() => Run("boto3_forms.py");

    private async Task Run(string script)
    {
        var python = Installed.Python ?? throw new InvalidOperationException("boto3 is not installed.");
        var environment = server.AwsEnvironment;
        environment["BUCKET"] = server.NewBucketName("boto3");
        environment["PYTHONDONTWRITEBYTECODE"] = "1";
        (await Shell.Run(python, [Path.Combine(Repository.PythonScripts, script)], environment)).Succeeded();
    }
}
