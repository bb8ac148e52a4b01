using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>curl with <c>--aws-sigv4</c>, in path style and in virtual-host style.</summary>
public sealed class CurlTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
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
    public async Task A_website_shows_its_pages_redirects_and_errors()
    {
        var bucket = server.NewBucketName("curl-site");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync(bucket);
        foreach (var (key, text) in new[] { ("index.html", "<h1>home</h1>"), ("docs/index.html", "<h1>docs</h1>"), ("oops.html", "<h1>not here</h1>"), ("new/page", "moved here") })
            await s3.PutObjectAsync(new() { BucketName = bucket, Key = key, ContentBody = text, ContentType = "text/html" });
        await s3.PutBucketWebsiteAsync(bucket, new()
        {
            IndexDocumentSuffix = "index.html", ErrorDocument = "oops.html",
            RoutingRules = [new() { Condition = new() { KeyPrefixEquals = "old/" }, Redirect = new() { ReplaceKeyPrefixWith = "new/", HttpRedirectCode = "302" } }],
        });
        string[] host = ["-H", $"Host: {bucket}.s3-website.localhost"];
        Assert.Contains("Code: AccessDenied", await Visit("403", host, "/index.html", sends: "Authorization: whatever"), StringComparison.Ordinal);
        await s3.PutBucketPolicyAsync(bucket, $$"""{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{bucket}}/*"}]}""");

        Assert.Equal("<h1>home</h1>", await Visit("200", host, "/"));
        Assert.Equal("<h1>docs</h1>", await Visit("200", host, "/docs/"));
        Assert.Contains("ocation: /docs/", await Visit("302", [.. host, "-D", "-"], "/docs"), StringComparison.Ordinal);
        Assert.Contains("/new/page", await Visit("302", [.. host, "-D", "-"], "/old/page"), StringComparison.Ordinal);
        // Whoever may not list is not told whether there is such a key.
        Assert.Equal("<h1>not here</h1>", await Visit("403", host, "/none"));
        await s3.PutBucketAclAsync(new() { BucketName = bucket, ACL = Amazon.S3.S3CannedACL.PublicRead });
        Assert.Equal("<h1>not here</h1>", await Visit("404", host, "/none"));
        Assert.Equal("<h1>home</h1>", await Visit("200", ["-H", $"Host: {bucket}.s3-website-us-east-1.localhost"], "/?list-type=2"));
    }

    [ClientFact(Client.Curl)]
    public async Task The_healthcheck_needs_no_signature()
    {
        var ran = (await Shell.Run(Installed.Find("curl"), ["-sS", "-f", $"{server.Endpoint}/_/healthcheck"])).Succeeded();
        Assert.NotNull(ran.Out);
    }

    private async Task<string> Visit(string status, string[] options, string path, string? sends = null)
    {
        string[] header = sends is null ? [] : ["-H", sends];
        return After(status, (await Shell.Run(Installed.Find("curl"), ["-sS", "-w", "\n%{http_code}", .. options, .. header, server.Endpoint + path])).Succeeded());
    }

    // S3 demands x-amz-content-sha256, which curl sends by itself only from 8.0 on.
    private static async Task<string> Curl(string status, params string[] arguments)
    {
        var ran = (await Shell.Run(
            Installed.Find("curl"),
            ["-sS", "-w", "\n%{http_code}", "--aws-sigv4", "aws:amz:us-east-1:s3", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--user", $"{ServerProcess.AccessKey}:{ServerProcess.SecretKey}", .. arguments])).Succeeded();
        return After(status, ran);
    }

    /// <summary>What it printed before the status, which must be this one.</summary>
    private static string After(string status, Ran ran)
    {
        var end = ran.Out.LastIndexOf('\n');
        Assert.True(ran.Out[(end + 1)..] == status, $"{ran.Line}\n{ran.Out}");
        return ran.Out[..end];
    }
}
