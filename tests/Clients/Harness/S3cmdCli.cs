namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>s3cmd, with its configuration in a directory of the test's.</summary>
/// <param name="server">The server.</param>
/// <param name="scratch">Where the configuration goes.</param>
/// <param name="signatureV2">Signs by version 2 rather than 4.</param>
public sealed class S3cmdCli(RunningServer server, Scratch scratch, bool signatureV2 = false)
{
    /// <summary>Runs a command that must succeed.</summary>
    public async Task<Ran> Run(params string[] arguments)
    {
        File.WriteAllText(scratch["s3cfg"], $"""
            [default]
            access_key = {ServerProcess.AccessKey}
            secret_key = {ServerProcess.SecretKey}
            host_base = {server.Authority}
            host_bucket = {server.Authority}
            use_https = False
            bucket_location = us-east-1
            """);
        string[] signature = signatureV2 ? ["--signature-v2"] : [];
        return (await Shell.Run(
            Installed.Find("s3cmd"), ["--config", scratch["s3cfg"], "--no-progress", .. signature, .. arguments])).Succeeded();
    }
}
