using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Settings of buckets and objects as the aws CLI and s3cmd write and read them.</summary>
[Trait("Speed", "Slow")]
public sealed class SettingsTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientTheory(Client.Aws), InlineData("tagging"), InlineData("cors"), InlineData("lifecycle-configuration"), InlineData("logging"), InlineData("notification-configuration")]
    public async Task The_aws_CLI_reads_back_the_settings_of_a_bucket_that_it_wrote(string setting)
    {
        var aws = new AwsCli(server);
        var bucket = server.NewBucketName("aws-set");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync(bucket);
        var (option, document) = setting switch
        {
            "tagging" => ("--tagging", """{"TagSet": [{"Key": "team", "Value": "blau ü"}]}"""),
            "cors" => ("--cors-configuration", """{"CORSRules": [{"ID": "page", "AllowedHeaders": ["*"], "AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"], "MaxAgeSeconds": 5}]}"""),
            "lifecycle-configuration" => ("--lifecycle-configuration", """
                {"Rules": [{"ID": "old", "Filter": {"And": {"Prefix": "tmp/", "Tags": [{"Key": "keep", "Value": "no"}]}}, "Status": "Enabled",
                            "Expiration": {"Days": 30}, "NoncurrentVersionExpiration": {"NoncurrentDays": 7}},
                           {"ID": "parts", "Filter": {"Prefix": ""}, "Status": "Disabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}}]}
                """),
            "logging" => ("--bucket-logging-status", $$"""{"LoggingEnabled": {"TargetPrefix": "log/", "TargetBucket": "{{bucket}}"} }"""),
            _ => ("--notification-configuration", $$"""
                {"QueueConfigurations": [{"Id": "new", "QueueArn": "{{RunningServer.HookArn}}", "Events": ["s3:ObjectCreated:*"],
                                          "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}]} } }]}
                """),
        };
        await aws.Run("s3api", $"put-bucket-{setting}", "--bucket", bucket, option, document);

        using var read = await aws.Json("s3api", $"get-bucket-{setting}", "--bucket", bucket);
        using var written = JsonDocument.Parse(document);
        foreach (var property in written.RootElement.EnumerateObject())
            Assert.True(JsonElement.DeepEquals(property.Value, read.RootElement.GetProperty(property.Name)), $"{read.RootElement}");
    }

    [ClientFact(Client.Aws)]
    public async Task The_aws_CLI_opens_a_bucket_by_policy_and_closes_it_to_the_public()
    {
        var aws = new AwsCli(server);
        var bucket = server.NewBucketName("aws-policy");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync(bucket);
        await aws.RunWithInput("for all"u8.ToArray(), "s3", "cp", "-", $"s3://{bucket}/open/a b");
        await aws.RunWithInput("for me"u8.ToArray(), "s3", "cp", "-", $"s3://{bucket}/mine");
        await aws.Run(["s3api", "put-object-tagging", "--bucket", bucket, "--key", "open/a b", "--tagging", "TagSet=[{Key=k,Value=v}]"]);
        await aws.Run("s3api", "put-bucket-policy", "--bucket", bucket, "--policy", $$"""
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{bucket}}/open/*"}]}
            """);
        Assert.Equal("True", await aws.Query("PolicyStatus.IsPublic", "s3api", "get-bucket-policy-status", "--bucket", bucket));
        Assert.Equal("for all", await Anonymous("200", "open/a%20b"));
        Assert.Contains("<Code>AccessDenied</Code>", await Anonymous("403", "mine"), StringComparison.Ordinal);
        Assert.Contains("<Code>AccessDenied</Code>", await Anonymous("403", "open/a%20b?tagging"), StringComparison.Ordinal);

        await aws.Run("s3api", "put-object-acl", "--bucket", bucket, "--key", "mine", "--acl", "public-read");
        Assert.Equal("for me", await Anonymous("200", "mine"));

        await aws.Run(
            "s3api", "put-public-access-block", "--bucket", bucket, "--public-access-block-configuration",
            "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true");
        await Anonymous("403", "mine");
        await Anonymous("403", "open/a%20b");
        await aws.Refused("AccessDenied", "s3api", "put-object-acl", "--bucket", bucket, "--key", "mine", "--acl", "public-read");
        Assert.Equal("for me", (await aws.Run("s3", "cp", $"s3://{bucket}/mine", "-")).Out);

        async Task<string> Anonymous(string status, string key)
        {
            var ran = (await Shell.Run(Installed.Find("curl"), ["-sS", "-w", "\n%{http_code}", $"{server.Endpoint}/{bucket}/{key}"])).Succeeded();
            var end = ran.Out.LastIndexOf('\n');
            Assert.True(ran.Out[(end + 1)..] == status, $"{ran.Line}\n{ran.Out}");
            return ran.Out[..end];
        }
    }

    [ClientFact(Client.S3cmd)]
    public async Task S3cmd_writes_policies_ACLs_CORS_lifecycles_websites_payers_and_logs()
    {
        var s3cmd = new S3cmdCli(server, scratch);
        var bucket = server.NewBucketName("s3cmd-set");
        var at = $"s3://{bucket}";
        using var http = new HttpClient();
        var address = new Uri($"{server.Endpoint}/{bucket}/a%20b");
        await s3cmd.Run("mb", at);
        await File.WriteAllTextAsync(scratch["file"], "body");
        await s3cmd.Run("put", scratch["file"], $"{at}/a b");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await http.GetAsync(address)).StatusCode);

        await s3cmd.Run("setacl", "--acl-public", $"{at}/a b");
        Assert.Contains("*anon*: READ", await Info("/a b"), StringComparison.Ordinal);
        Assert.Equal("body", await http.GetStringAsync(address));
        await s3cmd.Run("setacl", "--acl-private", $"{at}/a b");
        await s3cmd.Run("setacl", "--acl-grant=read:" + RunningServer.OtherCanonicalId, $"{at}/a b");
        Assert.Contains("alt: READ", await Info("/a b"), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await http.GetAsync(address)).StatusCode);

        await File.WriteAllTextAsync(scratch["policy"], $$"""{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{bucket}}/*"}]}""");
        await s3cmd.Run("setpolicy", scratch["policy"], at);
        Assert.Contains("s3:GetObject", await Info(), StringComparison.Ordinal);
        Assert.Equal("body", await http.GetStringAsync(address));
        await s3cmd.Run("delpolicy", at);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await http.GetAsync(address)).StatusCode);

        await File.WriteAllTextAsync(scratch["cors"], "<CORSConfiguration><CORSRule><ID>page</ID><AllowedOrigin>https://a.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>");
        await s3cmd.Run("setcors", scratch["cors"], at);
        Assert.Contains("https://a.example", await Info(), StringComparison.Ordinal);
        await s3cmd.Run("delcors", at);
        Assert.DoesNotContain("https://a.example", await Info(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(scratch["lifecycle"], "<LifecycleConfiguration><Rule><ID>old</ID><Prefix>tmp/</Prefix><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>");
        await s3cmd.Run("setlifecycle", scratch["lifecycle"], at);
        Assert.Contains("<ID>old</ID>", (await s3cmd.Run("getlifecycle", at)).Out, StringComparison.Ordinal);
        await s3cmd.Run("expire", "--expiry-days=12", "--expiry-prefix=logs/", at);
        Assert.Contains("'logs/' will expire in '12' day(s)", await Info(), StringComparison.Ordinal);
        await s3cmd.Run("dellifecycle", at);
        Assert.Contains("Expiration Rule: none", await Info(), StringComparison.Ordinal);

        await s3cmd.Run("ws-create", "--ws-index=home.html", "--ws-error=oops.html", at);
        Assert.Contains("home.html", (await s3cmd.Run("ws-info", at)).Out, StringComparison.Ordinal);
        await s3cmd.Run("ws-delete", at);
        await s3cmd.Run("payer", "--requester-pays", at);
        Assert.Contains("Payer:     Requester", await Info(), StringComparison.Ordinal);
        await s3cmd.Run("payer", at);
        Assert.Contains("Payer:     BucketOwner", await Info(), StringComparison.Ordinal);
        Assert.Contains("Logging Enabled: True", (await s3cmd.Run("accesslog", $"--access-logging-target-prefix={at}/log/", at)).Out, StringComparison.Ordinal);
        Assert.Contains("Logging Enabled: False", (await s3cmd.Run("accesslog", "--no-access-logging", at)).Out, StringComparison.Ordinal);

        async Task<string> Info(string key = "") => (await s3cmd.Run("info", at + key)).Out;
    }
}
