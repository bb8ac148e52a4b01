using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed partial class BucketLoggingTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static string Status(string target, string prefix = "log/", string format = "") =>
        $"<BucketLoggingStatus><LoggingEnabled><TargetBucket>{target}</TargetBucket><TargetPrefix>{prefix}</TargetPrefix>{format}</LoggingEnabled></BucketLoggingStatus>";

    private static string Partitioned(string source) =>
        $"<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>{source}</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>";

    private Task<Answer> Put(string bucket, string document) => server.Send(
        "PUT", $"/{bucket}?logging", document, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))));

    private async Task Buckets(params string[] names)
    {
        foreach (var name in names) await server.Send("PUT", "/" + name);
    }

    /// <summary>The log objects of a bucket: keys and lines.</summary>
    private async Task<(IReadOnlyList<string> Keys, string[] Lines)> Delivered(string target)
    {
        await server.AccessLog.Flush(default);
        var keys = (await server.Send("GET", $"/{target}?list-type=2")).Elements("Key");
        var text = new StringBuilder();
        foreach (var key in keys) text.Append((await server.Send("GET", $"/{target}/{key}")).Text);
        return (keys, text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<TargetObjectKeyFormat><SimplePrefix></SimplePrefix></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    [InlineData("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>DeliveryTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>")]
    public async Task A_log_is_configured_told_and_ended(string format)
    {
        await Buckets("logged-crud", "logs-crud");
        Assert.Null((await server.Send("GET", "/logged-crud?logging")).Element("LoggingEnabled"));

        Assert.Equal(200, (await Put("logged-crud", Status("logs-crud", "p/", format))).Status);

        Assert.Contains(
            $"<LoggingEnabled><TargetBucket>logs-crud</TargetBucket><TargetPrefix>p/</TargetPrefix>{format}</LoggingEnabled>",
            (await server.Send("GET", "/logged-crud?logging")).Text, StringComparison.Ordinal);
        // Without a digest, as s3cmd sends it.
        Assert.Equal(200, (await server.Send("PUT", "/logged-crud?logging", "<BucketLoggingStatus/>")).Status);
        Assert.Null((await server.Send("GET", "/logged-crud?logging")).Element("LoggingEnabled"));
    }

    [Theory]
    [InlineData("%5B%0Aforged%20line")]
    [InlineData("a%C2%85b%E2%80%A8c")]
    public async Task Nobody_writes_a_line_of_their_own_into_a_log(string versionId)
    {
        var (source, target) = ($"logged-forged-{versionId.Length}", $"logs-forged-{versionId.Length}");
        await Buckets(source, target);
        await Put(source, Status(target));

        await server.SendUnsigned("GET", $"/{source}/k?versionId={versionId}");

        var (_, lines) = await Delivered(target);
        Assert.All(lines, line => Assert.StartsWith(lines[0][..80], line, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Any(c => char.IsControl(c) || (char.IsWhiteSpace(c) && c != ' ')));
    }

    public static TheoryData<string, int, string> Refused() => new()
    {
        { Status("logs-missing"), 400, "InvalidTargetBucketForLogging" },
        { Status("logs-strict", new string('p', 801)), 400, "InvalidArgument" },
        { Status("logs-strict", "p", Partitioned("Someday")), 400, "MalformedXML" },
        { Status("logs-strict", "p", "<TargetObjectKeyFormat/>"), 400, "MalformedXML" },
        { Status("logs-strict", "p", "<TargetGrants/>"), 501, "NotImplemented" },
        { "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>", 400, "MalformedXML" },
        { "<LoggingEnabled/>", 400, "MalformedXML" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_not_allowed_leaves_the_log_as_it_was(string document, int status, string code)
    {
        await Buckets("logged-strict", "logs-strict");
        await Put("logged-strict", Status("logs-strict", "kept/"));

        var refused = await Put("logged-strict", document);

        Assert.Equal((status, code), (refused.Status, refused.Code));
        Assert.Equal("kept/", (await server.Send("GET", "/logged-strict?logging")).Element("TargetPrefix"));
    }

    [Fact]
    public async Task Requests_are_delivered_as_lines_of_AWSs_form()
    {
        await Buckets("logged-lines", "logs-lines");
        await Put("logged-lines", Status("logs-lines"));

        await server.Send("PUT", "/logged-lines/a%20b", "four", "User-Agent: a \"test\"");
        await server.Send("GET", "/logged-lines/a%20b?versionId=null");
        await server.Send("GET", "/logged-lines/missing");
        await server.Send("GET", "/logged-lines?lifecycle");
        await server.SendUnsigned("GET", "/logged-lines");

        var (keys, lines) = await Delivered("logs-lines");
        Assert.Matches(@"^log/\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9A-F]{16}$", keys.Single());
        var fields = lines.Select(line => Fields().Matches(line).Select(match => match.Value).ToArray()).ToArray();
        Assert.All(fields, line => Assert.Equal(26, line.Length));
        Assert.All(fields, line => Assert.Equal("logged-lines", line[1]));
        // The first is the request that configured the log: it was under way when the log began.
        Assert.Equal(
            ["REST.PUT.OBJECT", "REST.GET.OBJECT", "REST.GET.OBJECT", "REST.GET.LIFECYCLE", "REST.GET.BUCKET"],
            fields.Select(line => line[6]).Where(name => name != "REST.PUT.LOGGING"));
        var put = fields.Single(line => line[6] == "REST.PUT.OBJECT");
        Assert.Equal(["a%20b", "\"PUT /logged-lines/a%20b HTTP/1.1\"", "200", "-", "-", "4"], put[7..13]);
        Assert.Equal("\"a %22test%22\"", put[16]);
        Assert.Equal(["SigV4", "-", "AuthHeader"], put[19..22]);
        Assert.Equal(["404", "NoSuchKey"], fields.Single(line => line[7] == "missing")[9..11]);
        Assert.Equal(["403", "AccessDenied"], fields.Single(line => line[6] == "REST.GET.BUCKET")[9..11]);
    }

    [Fact]
    public async Task Of_many_keys_that_are_deleted_each_has_a_line()
    {
        await Buckets("logged-batch", "logs-batch");
        await server.Send("PUT", "/logged-batch/a%20b", "four");
        await Put("logged-batch", Status("logs-batch"));
        const string keys = "<Delete><Object><Key>a b</Key></Object><Object><Key>never</Key></Object><Object><Key>a</Key><VersionId>bad</VersionId><ETag/></Object></Delete>";
        Assert.Equal(200, (await server.Send(
            "POST", "/logged-batch?delete", keys, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(keys))))).Status);

        var (_, lines) = await Delivered("logs-batch");
        var fields = lines.Select(line => Fields().Matches(line).Select(match => match.Value).ToArray()).ToArray();
        Assert.All(fields, line => Assert.Equal(26, line.Length));
        var whole = fields.Single(line => line[6] == "REST.POST.MULTI_OBJECT_DELETE");
        var batch = fields.Where(line => line[6] == "BATCH.DELETE.OBJECT").ToArray();
        Assert.All(batch, line => Assert.Equal(whole[..6], line[..6]));
        Assert.Equal(["a%20b", "-", "204", "-", "-", "4", "-", "-", "-", "-", "-", "-", "SigV4"], batch[0][7..20]);
        Assert.Equal(["never", "-", "204", "-", "-", "-"], batch[1][7..13]);
        Assert.Equal(["a", "-", "400", "InvalidArgument"], batch[2][7..11]);
        Assert.Equal("bad", batch[2][17]);
    }

    [Theory]
    [InlineData("EventTime", "00-00-00")]
    [InlineData("DeliveryTime", "..-..-..")]
    public async Task Keys_may_be_partitioned_by_account_region_bucket_and_day(string source, string time)
    {
        var (logged, logs) = ("logged-" + source.ToLowerInvariant(), "logs-" + source.ToLowerInvariant());
        await Buckets(logged, logs);
        await Put(logged, Status(logs, "p-", Partitioned(source)));
        await server.Send("GET", "/" + logged);

        var (keys, _) = await Delivered(logs);

        Assert.All(keys, key => Assert.Matches($@"^p-\d{{12}}/us-east-1/{logged}/(\d{{4}})/(\d\d)/(\d\d)/\1-\2-\3-{time}-[0-9A-F]{{16}}$", key));
        Assert.NotEmpty(keys);
    }

    [Fact]
    public async Task A_log_whose_target_is_gone_is_lost_and_nothing_else()
    {
        await Buckets("logged-lost", "logs-lost");
        await Put("logged-lost", Status("logs-lost"));
        await server.Send("DELETE", "/logs-lost");

        await server.AccessLog.Flush(default);

        Assert.Equal(200, (await server.Send("GET", "/logged-lost")).Status);
    }

    [GeneratedRegex("""\[[^\]]*\]|"[^"]*"|\S+""")]
    private static partial Regex Fields();
}
