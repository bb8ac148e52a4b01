using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>curl with <c>--aws-sigv4</c>, in path style and in virtual-host style.</summary>
[Collection(ServerCollection.Name)]
public sealed class CurlTests(RunningServer server) : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Curl)]
    public async Task Puts_gets_ranges_lists_and_deletes()
    {
        var bucket = $"{server.Endpoint}/{server.NewBucketName("curl")}";
        File.WriteAllText(scratch["file"], "0123456789");
        await Curl("200", "-X", "PUT", bucket);
        await Curl("200", "-T", scratch["file"], "-H", "x-amz-meta-colour: blue", $"{bucket}/dir/key");
        Assert.Equal("0123456789", await Curl("200", $"{bucket}/dir/key"));
        Assert.Equal("345", await Curl("206", "-r", "3-5", $"{bucket}/dir/key"));
        Assert.Contains("x-amz-meta-colour: blue", await Curl("200", "-I", $"{bucket}/dir/key"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<Key>dir/key</Key>", await Curl("200", $"{bucket}?list-type=2&prefix=dir"), StringComparison.Ordinal);
        Assert.Contains("<Code>NoSuchKey</Code>", await Curl("404", $"{bucket}/none"), StringComparison.Ordinal);
        Assert.Contains("<Code>BucketNotEmpty</Code>", await Curl("409", "-X", "DELETE", bucket), StringComparison.Ordinal);
        await Curl("204", "-X", "DELETE", $"{bucket}/dir/key");
        await Curl("204", "-X", "DELETE", bucket);
    }

    [ClientFact(Client.Curl)]
    public async Task A_bucket_can_be_the_first_label_of_the_host()
    {
        var bucket = server.NewBucketName("curl");
        var address = $"http://{bucket}.s3.localhost:{new Uri(server.Endpoint).Port}";
        string[] here = ["--resolve", $"{new Uri(address).Authority}:127.0.0.1"];
        File.WriteAllText(scratch["file"], "by host");
        await Curl("200", [.. here, "-X", "PUT", $"{address}/"]);
        await Curl("200", [.. here, "-T", scratch["file"], $"{address}/key"]);
        Assert.Equal("by host", await Curl("200", [.. here, $"{address}/key"]));
        Assert.Equal("by host", await Curl("200", $"{server.Endpoint}/{bucket}/key"));
        Assert.Contains("<Name>" + bucket, await Curl("200", [.. here, $"{address}/?list-type=2"]), StringComparison.Ordinal);
    }

    [ClientFact(Client.Curl)]
    public async Task The_healthcheck_needs_no_signature()
    {
        var ran = (await Shell.Run(Installed.Find("curl"), ["-sS", "-f", $"{server.Endpoint}/_/healthcheck"])).Succeeded();
        Assert.NotNull(ran.Out);
    }

    // S3 demands x-amz-content-sha256, which curl sends by itself only from 8.0 on.
    private static async Task<string> Curl(string status, params string[] arguments)
    {
        var ran = (await Shell.Run(
            Installed.Find("curl"),
            ["-sS", "-w", "\n%{http_code}", "--aws-sigv4", "aws:amz:us-east-1:s3", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--user", $"{ServerProcess.AccessKey}:{ServerProcess.SecretKey}", .. arguments])).Succeeded();
        var end = ran.Out.LastIndexOf('\n');
        Assert.True(ran.Out[(end + 1)..] == status, $"{ran.Line}\n{ran.Out}");
        return ran.Out[..end];
    }
}
