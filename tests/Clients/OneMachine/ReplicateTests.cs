using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary><c>zenkofn replicate</c> against a running server, with a second server as the site.</summary>
[Trait("Speed", "Slow")]
public sealed class ReplicateTests : IAsyncLifetime
{
    private readonly Scratch scratch = new();
    private ServerProcess source = null!;
    private ServerProcess site = null!;
    private AmazonS3Client here = null!;
    private AmazonS3Client there = null!;

    public async Task InitializeAsync()
    {
        (source, site) = (await ServerProcess.Start(scratch["source"]), await ServerProcess.Start(scratch["site"]));
        (here, there) = (Sdk.Client(source.Endpoint), Sdk.Client(site.Endpoint));
        await MakeSite();
        (await Zenkofn(
            "location", "add", "paris", "--type", "s3", "--access-key", ServerProcess.AccessKey, "--bucket", "copies", "--url", site.Endpoint)).Succeeded();
    }

    public async Task DisposeAsync()
    {
        here.Dispose();
        there.Dispose();
        await source.DisposeAsync();
        await site.DisposeAsync();
        scratch.Dispose();
    }

    private static Dictionary<string, string> Environment => new()
    {
        ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey, ["AWS_REGION"] = "us-east-1",
        ["ZENKOFN_LOCATION_SECRET_KEY"] = ServerProcess.SecretKey,
    };

    private Task<Ran> Zenkofn(params string[] arguments) => Shell.Run("dotnet", [Repository.Program, .. arguments, "--endpoint", source.Endpoint], Environment);

    private async Task Replicated(string bucket, string site = "paris")
    {
        await here.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        await here.PutBucketReplicationAsync(new()
        {
            BucketName = bucket,
            Configuration = new()
            {
                Role = "arn:aws:iam::000000000000:role/replication",
                Rules =
                [
                    new()
                    {
                        Id = "all", Status = ReplicationRuleStatus.Enabled, Filter = new() { Prefix = "" }, Priority = 1,
                        DeleteMarkerReplication = new() { Status = DeleteMarkerReplicationStatus.Enabled },
                        Destination = new() { BucketArn = "arn:aws:s3:::" + bucket, StorageClass = new(site) },
                    },
                ],
            },
        });
    }

    private async Task MakeSite()
    {
        await there.PutBucketAsync("copies");
        await there.PutBucketVersioningAsync(new() { BucketName = "copies", VersioningConfig = new() { Status = VersionStatus.Enabled } });
    }

    private async Task<bool> AllArrived(string bucket) =>
        JsonNode.Parse((await Zenkofn("replicate", "--verify", bucket, "--site", "paris", "--report-only", "--json")).Out)!["counts"] is { } counts
        && (long)counts["pending"]! == 0 && (long)counts["different"]! == 0;

    [Fact]
    public async Task What_was_there_before_is_copied_and_proven_and_what_is_lost_is_found_and_sent_again()
    {
        await here.PutBucketAsync("photos");
        for (var i = 0; i < 30; i++)
        {
            await here.PutObjectAsync(new PutObjectRequest
            {
                BucketName = "photos", Key = string.Create(CultureInfo.InvariantCulture, $"dir/{i:00}"), ContentBody = $"object {i}", TagSet = [new Tag { Key = "n", Value = "v" }],
            });
        }
        await Replicated("photos");
        Assert.Contains("No walk", (await Zenkofn("replicate", "--status", "photos")).Succeeded().Out, StringComparison.Ordinal);

        var queued = (await Zenkofn("replicate", "--existing", "photos", "--wait")).Succeeded();
        Assert.Contains("existing.all.photos: done. 30 versions, 30 queued.", queued.Out, StringComparison.Ordinal);
        Assert.Contains("arrived.all.photos: done. 30 versions, 30 arrived, 0 given up.", queued.Out, StringComparison.Ordinal);
        Assert.Equal(30, (await there.ListObjectsV2Async(new() { BucketName = "copies", Prefix = "photos/" })).KeyCount);

        var proof = (await Zenkofn("replicate", "--verify", "photos", "--site", "paris", "--deep", "--report", scratch["proof.json"])).Succeeded();
        Assert.Contains("30 same, 0 different, 0 pending", proof.Out, StringComparison.Ordinal);
        Assert.Contains("The copy was complete.", (await Zenkofn("replicate", "--check-report", scratch["proof.json"])).Succeeded().Out, StringComparison.Ordinal);

        // Somebody meddles with the copies.
        await there.DeleteObjectAsync("copies", "photos/dir/03");
        await there.PutObjectAsync(new PutObjectRequest { BucketName = "copies", Key = "photos/dir/04", ContentBody = "mine" });
        await there.PutObjectAsync(new PutObjectRequest { BucketName = "copies", Key = "photos/new", ContentBody = "mine" });
        await there.DeleteObjectTaggingAsync(new() { BucketName = "copies", Key = "photos/dir/05" });
        var found = await Zenkofn("replicate", "--verify", "photos", "--site", "paris", "--report", scratch["differences.json"]);
        Assert.Equal(4, found.ExitCode);
        Assert.Contains("Differences: extra 1, missing 1, size 1, tags 1", found.Out, StringComparison.Ordinal);
        Assert.Contains("missing  dir/03", found.Out, StringComparison.Ordinal);
        Assert.Contains("extra  photos/new", found.Out, StringComparison.Ordinal);
        Assert.Contains("3 are sent again", found.Out, StringComparison.Ordinal);

        await there.DeleteObjectAsync("copies", "photos/new");
        await Eventually.Holds(() => AllArrived("photos"), "what was lost is sent again");
        using (var again = await there.GetObjectAsync("copies", "photos/dir/04")) Assert.Equal("object 4", await new StreamReader(again.ResponseStream).ReadToEndAsync());
        Assert.Single((await there.GetObjectTaggingAsync(new() { BucketName = "copies", Key = "photos/dir/05" })).Tagging);

        var status = (await Zenkofn("replicate", "--status", "photos")).Succeeded().Out;
        Assert.Contains("existing.all.photos", status, StringComparison.Ordinal);
        Assert.Contains("COMPLETE", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_is_checked_without_a_server_and_a_changed_one_is_found()
    {
        await here.PutBucketAsync("papers");
        await Replicated("papers");
        (await Zenkofn("replicate", "--verify", "papers", "--site", "paris", "--report", scratch["proof.json"])).Succeeded();
        var keys = (await Shell.Run(
            "curl", ["-sS", "--fail-with-body", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", $"{ServerProcess.AccessKey}:{ServerProcess.SecretKey}", $"{source.Endpoint}/_/management/replication/keys"])).Succeeded();
        await File.WriteAllTextAsync(scratch["keys.json"], keys.Out);
        await File.WriteAllTextAsync(scratch["key.json"], JsonNode.Parse(keys.Out)!["keys"]![0]!.ToJsonString());
        await source.Kill();
        foreach (var key in new[] { "keys.json", "key.json" })
            Assert.Contains("is what was signed", (await Zenkofn("replicate", "--check-report", scratch["proof.json"], "--key", scratch[key])).Succeeded().Out, StringComparison.Ordinal);

        await File.WriteAllTextAsync(scratch["changed.json"], (await File.ReadAllTextAsync(scratch["proof.json"])).Replace("\"versions\": 0", "\"versions\": 9", StringComparison.Ordinal));
        var changed = (await Zenkofn("replicate", "--check-report", scratch["changed.json"], "--key", scratch["keys.json"])).Failed();
        Assert.Contains("is not what was signed", changed.Err, StringComparison.Ordinal);
        Assert.Contains("no JSON Web Key", (await Zenkofn("replicate", "--check-report", scratch["proof.json"], "--key", scratch["source/root-credentials"])).Failed().Err, StringComparison.Ordinal);
        Assert.Contains("There is no file", (await Zenkofn("replicate", "--check-report", scratch["none"], "--key", scratch["key.json"])).Failed().Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_killed_goes_on_where_it_was()
    {
        await here.PutBucketAsync("many");
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), async (i, ct) => await here.PutObjectAsync(
            new PutObjectRequest { BucketName = "many", Key = string.Create(CultureInfo.InvariantCulture, $"{i:000}"), ContentBody = "body" }, ct));
        await Replicated("many");
        (await Zenkofn("replicate", "--existing", "many")).Succeeded();
        await source.Kill();
        await source.DisposeAsync();
        source = await ServerProcess.Start(scratch["source"]);
        here.Dispose();
        here = Sdk.Client(source.Endpoint);
        Assert.Contains("done", (await Zenkofn("replicate", "--existing", "many", "--wait")).Succeeded().Out, StringComparison.Ordinal);
        await Eventually.Holds(() => AllArrived("many"), "all copies arrive", TimeSpan.FromMinutes(2));
        Assert.Equal(300, (await there.ListObjectsV2Async(new() { BucketName = "copies", Prefix = "many/" })).KeyCount);
    }

    [Fact]
    public async Task A_directory_can_be_a_site_and_has_plain_files()
    {
        (await Zenkofn("location", "add", "usb", "--type", "file", "--path", scratch["usb"])).Succeeded();
        Assert.Contains("It can be listed", (await Zenkofn("location", "check", "usb")).Succeeded().Out, StringComparison.Ordinal);
        await here.PutBucketAsync("papers");
        await Replicated("papers", "usb");
        var large = new byte[21 << 20];
        new Random(1).NextBytes(large);
        await here.PutObjectAsync(new PutObjectRequest { BucketName = "papers", Key = "2026/large.bin", InputStream = new MemoryStream(large) });
        var letter = new PutObjectRequest { BucketName = "papers", Key = "2026/a letter.txt", ContentBody = "Dear all", ContentType = "text/plain", TagSet = [new Tag { Key = "n", Value = "v" }] };
        letter.Metadata["who"] = "me";
        await here.PutObjectAsync(letter);
        await here.PutObjectAsync(new PutObjectRequest { BucketName = "papers", Key = "2026", ContentBody = "beside its directory" });
        await here.PutObjectAsync(new PutObjectRequest { BucketName = "papers", Key = "gone", ContentBody = "x" });
        await here.DeleteObjectAsync("papers", "gone");
        (await Zenkofn("replicate", "--existing", "papers", "--site", "usb", "--wait", "--timeout", "300")).Succeeded();
        Assert.Contains("0 different, 0 pending", (await Zenkofn("replicate", "--verify", "papers", "--site", "usb", "--deep")).Succeeded().Out, StringComparison.Ordinal);
        var papers = Path.Combine(scratch["usb"], "replicas", "papers");
        Assert.Equal("Dear all", await File.ReadAllTextAsync(Directory.GetFiles(papers, "a letter.txt", SearchOption.AllDirectories).Single()));
        Assert.Equal(large, await File.ReadAllBytesAsync(Directory.GetFiles(papers, "large.bin", SearchOption.AllDirectories).Single()));
        Assert.Equal(3, Directory.GetFiles(papers, "*", SearchOption.AllDirectories).Length);

        // Somebody meddles with a file.
        await File.WriteAllTextAsync(Directory.GetFiles(papers, "a letter.txt", SearchOption.AllDirectories).Single(), "Dear All");
        var found = await Zenkofn("replicate", "--verify", "papers", "--site", "usb");
        Assert.Equal(4, found.ExitCode);
        Assert.Contains("etag  2026/a letter.txt", found.Out, StringComparison.Ordinal);
        await Eventually.Holds(async () => await File.ReadAllTextAsync(Directory.GetFiles(papers, "a letter.txt", SearchOption.AllDirectories).Single()) == "Dear all", "it is sent again");
    }

    [Fact]
    public async Task Waiting_ends_when_its_time_is_over_and_tells_of_copies_that_were_given_up()
    {
        foreach (var bucket in new[] { "refused", "late" })
        {
            await here.PutBucketAsync(bucket);
            await here.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "key", ContentBody = "body" });
            await Replicated(bucket);
        }
        await there.DeleteBucketAsync("copies");
        var refused = await Zenkofn("replicate", "--existing", "refused", "--wait", "--timeout", "300");
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("failed  key", refused.Out, StringComparison.Ordinal);
        Assert.Contains("replicate --retry --bucket refused sends them again", refused.Err, StringComparison.Ordinal);

        await MakeSite();
        Assert.Contains("1 copies that were given up, 1 sent again", (await Zenkofn("replicate", "--retry", "--bucket", "refused", "--wait")).Succeeded().Out, StringComparison.Ordinal);
        await Eventually.Holds(() => AllArrived("refused"), "it has arrived");

        await site.Kill();
        var late = await Zenkofn("replicate", "--existing", "late", "--wait", "--timeout", "8");
        Assert.Equal(5, late.ExitCode);
        Assert.Contains("longer than --timeout", late.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_stops_watching_leaves_the_walk_running_and_is_told_how_to_look_again()
    {
        await here.PutBucketAsync("watched");
        await Replicated("watched");
        await here.PutObjectAsync(new() { BucketName = "watched", Key = "key", ContentBody = "body" });
        await Eventually.Holds(() => AllArrived("watched"), "the copy arrives");
        // It cannot end before its site is back.
        await site.DisposeAsync();
        var ran = await Shell.Interrupt(
            "waits:", "dotnet", [Repository.Program, "replicate", "--verify", "watched", "--site", "paris", "--endpoint", source.Endpoint], Environment);
        Assert.Equal(130, ran.ExitCode);
        Assert.Contains("The walk verify.paris.watched goes on. Watch it: zenkofn replicate --status watched --wait.", ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ran.Err, StringComparison.Ordinal);

        site = await ServerProcess.Start(scratch["site"], more: ["--port", new Uri(site.Endpoint).Port.ToString(CultureInfo.InvariantCulture)]);
        Assert.Contains("1 same, 0 different", (await Zenkofn("replicate", "--status", "watched", "--wait")).Succeeded().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_is_set_shown_and_ended()
    {
        await here.PutBucketAsync("timed");
        await Replicated("timed");
        Assert.Contains("every 24 hours", (await Zenkofn("replicate", "--verify", "timed", "--site", "paris", "--every", "24")).Succeeded().Out, StringComparison.Ordinal);
        using var status = JsonDocument.Parse((await Zenkofn("replicate", "--status", "timed", "--json")).Succeeded().Out);
        Assert.Equal(24, status.RootElement.GetProperty("timers")[0].GetProperty("hours").GetInt32());
        (await Zenkofn("replicate", "--verify", "timed", "--site", "paris", "--every", "0")).Succeeded();
        Assert.Contains("There is no timer", (await Zenkofn("replicate", "--verify", "timed", "--site", "paris", "--every", "0")).Failed().Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "Say one of --existing", "replicate")]
    [InlineData(2, "--verify needs --site", "replicate", "--verify", "b")]
    [InlineData(2, "--timeout goes with --wait", "replicate", "--existing", "b", "--timeout", "5")]
    [InlineData(2, "--timeout: it must be 1 to", "replicate", "--existing", "b", "--wait", "--timeout", "0")]
    [InlineData(2, "--deep goes with --verify only", "replicate", "--existing", "b", "--deep")]
    [InlineData(1, "There is no bucket", "replicate", "--existing", "nothing-here")]
    [InlineData(1, "There is no walk", "replicate", "--cancel", "verify.paris.nothing")]
    public async Task What_makes_no_sense_is_refused_with_what_to_do(int code, string says, params string[] arguments)
    {
        var ran = await Zenkofn(arguments);
        Assert.Equal(code, ran.ExitCode);
        Assert.Contains(says, ran.Err, StringComparison.Ordinal);
    }
}
