using System.Text.Json;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>The Backbeat API on the wire. Programs read its documents word by word.</summary>
public sealed class BackbeatTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Api = "/_/backbeat/api";

    private const string QuietSite = """
        {"backlog":{"description":"Number of incomplete replication operations (count) and number of incomplete bytes transferred (size)","results":{"count":0,"size":0}},
        "completions":{"description":"Number of completed replication operations (count) and number of bytes transferred (size) in the last 86400 seconds","results":{"count":0,"size":0}},
        "failures":{"description":"Number of failed replication operations (count) and bytes (size) in the last 86400 seconds","results":{"count":0,"size":0}},
        "throughput":{"description":"Current throughput for replication operations in ops/sec (count) and bytes/sec (size) in the last 900 seconds","results":{"count":"0.00","size":"0.00"}},
        "pending":{"description":"Number of pending replication operations (count) and bytes (size)","results":{"count":0,"size":0}}}
        """;

    private const string QuietLifecycle = """
        {"backlog":{"description":"Number of incomplete lifecycle operations (count) and number of incomplete bytes transferred (size)","results":{"count":0,"size":0}},
        "completions":{"description":"Number of completed lifecycle operations (count) and number of bytes transferred (size) in the last 86400 seconds","results":{"count":0,"size":0}},
        "failures":{"description":"Number of failed lifecycle operations (count) and bytes (size) in the last 86400 seconds","results":{"count":0,"size":0}},
        "throughput":{"description":"Current throughput for lifecycle operations in ops/sec (count) and bytes/sec (size) in the last 900 seconds","results":{"count":"0.00","size":"0.00"}},
        "pending":{"description":"Number of pending lifecycle operations (count) and bytes (size)","results":{"count":0,"size":0}}}
        """;

    private const string QuietIngestion = """
        {"completions":{"description":"Number of completed ingestion operations (count) in the last 86400 seconds","results":{"count":0}},
        "throughput":{"description":"Current throughput for ingestion operations in ops/sec (count) in the last 900 seconds","results":{"count":"0.00"}},
        "pending":{"description":"Number of pending ingestion operations (count)","results":{"count":0}}}
        """;

    [Theory]
    [InlineData("crr/matched", QuietSite)]
    [InlineData("crr/matched/all", QuietSite)]
    [InlineData("ingestion/matched", QuietIngestion)]
    [InlineData("ingestion/all/all", QuietIngestion)]
    [InlineData("lifecycle/passing", QuietLifecycle)]
    [InlineData("lifecycle/passing/all", QuietLifecycle)]
    public async Task All_metrics_of_a_site_of_which_nothing_was_counted(string path, string expected)
    {
        var answer = await server.Send("GET", $"{Api}/metrics/{path}");
        Assert.Equal((200, "application/json"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal(expected.ReplaceLineEndings(""), answer.Text);
    }

    [Fact]
    public async Task Metrics_tell_what_was_counted_one_by_one_and_of_all_sites_together()
    {
        var (copies, at) = (server.Installation.Copies, DateTimeOffset.UtcNow);
        for (var i = 0; i < 27; i++) copies.Queued("other", 1000, at);
        for (var i = 0; i < 18; i++) copies.Completed("other", 1000, at);
        copies.Failed("other", 1000, at);
        await Is("other/backlog", "backlog", "8", "8000");
        await Is("other/pending", "pending", "8", "8000");
        await Is("other/completions", "completions", "18", "18000");
        await Is("other/failures", "failures", "1", "1000");
        await Is("other/throughput", "throughput", "\"0.02\"", "\"20.00\"");
        // Other tests count at other sites.
        using var all = JsonDocument.Parse((await server.Send("GET", $"{Api}/metrics/crr/all/completions")).Text);
        Assert.True(all.RootElement.GetProperty("completions").GetProperty("results").GetProperty("size").GetInt64() >= 18_000);

        async Task Is(string path, string name, string count, string size)
        {
            var answer = await server.Send("GET", $"{Api}/metrics/crr/{path}");
            using var document = JsonDocument.Parse(answer.Text);
            var metric = Assert.Single(document.RootElement.EnumerateObject());
            var results = metric.Value.GetProperty("results");
            Assert.Equal((name, count, size), (metric.Name, results.GetProperty("count").GetRawText(), results.GetProperty("size").GetRawText()));
        }
    }

    [Theory]
    [InlineData("GET", "/metrics/crr/nowhere")]
    [InlineData("GET", "/metrics/crr/far")] // no location for copies
    [InlineData("GET", "/metrics/crr/site/speed")]
    [InlineData("GET", "/metrics/crr")]
    [InlineData("GET", "/metrics/lifecycle/nowhere")]
    [InlineData("GET", "/metrics/ingestion/site/backlog")]
    [InlineData("GET", "/metrics/crr/site/progress/bkt")]
    [InlineData("GET", "/metrics/crr/site/progress/bkt/k")]
    [InlineData("GET", "/metrics/crr/site/progress/bkt/k?versionId=")]
    [InlineData("GET", "/metrics/crr/all/progress/bkt/k?versionId=v")]
    [InlineData("GET", "/metrics/crr/site/throughput/bkt/k")]
    [InlineData("GET", "/metrics/crr/site/backlog/bkt/k?versionId=v")]
    [InlineData("GET", "/crr/failed/bkt")]
    [InlineData("POST", "/crr/pause/nowhere")]
    [InlineData("POST", "/other/pause")]
    [InlineData("GET", "/crr/status/nowhere")]
    [InlineData("GET", "/healthcheck/deep")]
    [InlineData("GET", "/")]
    public async Task A_path_of_nothing_is_named(string verb, string path)
    {
        var answer = await server.Send(verb, Api + path);
        Assert.Equal((404, "application/json"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal($$"""{"code":"RouteNotFound","message":"path {{Api}}{{path.Split('?')[0]}} does not exist"}""", answer.Text);
    }

    [Theory]
    [InlineData("POST", "/metrics/crr/site", "GET")]
    [InlineData("DELETE", "/crr/failed", "GET, POST")]
    [InlineData("PUT", "/crr/resume/site", "POST, DELETE, GET")]
    public async Task Another_verb_is_refused_and_the_right_ones_are_told(string verb, string path, string allow)
    {
        var answer = await server.Send(verb, Api + path);
        Assert.Equal((405, allow), (answer.Status, answer.Header("Allow")));
        Assert.StartsWith("""{"code":"MethodNotAllowed",""", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_version_that_is_not_there_nothing_has_come()
    {
        var progress = await server.Send("GET", $"{Api}/metrics/crr/site/progress/bkt/some/k%20ey?versionId=abc");
        Assert.Equal(
            """{"description":"Number of bytes to be replicated (pending), number of bytes transferred to the destination (completed), and percentage of the object that has completed replication (progress)","pending":0,"completed":0,"progress":"0%"}""",
            progress.Text);
        var throughput = await server.Send("GET", $"{Api}/metrics/crr/site/throughput/nobucket/k?versionId=abc");
        Assert.Equal("""{"description":"Current throughput for object replication in bytes/sec (throughput)","throughput":"0.00"}""", throughput.Text);
    }

    [Theory]
    [InlineData("marker=x&sitename=site", "marker must be a number")]
    [InlineData("marker=NaN&sitename=site", "marker must be a number")]
    [InlineData("sitename=", "sitename must be a non-empty string")]
    public async Task A_list_of_failures_needs_a_marker_that_is_a_number_and_a_site(string query, string message)
    {
        var answer = await server.Send("GET", $"{Api}/crr/failed?{query}");
        Assert.Equal((400, $$"""{"code":"InvalidQueryParameter","message":"{{message}}"}"""), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?sitename=nowhere")]
    [InlineData("?sitename=no%2Fwhere&marker=3")]
    [InlineData("?sitename=site&marker=1e30")]
    public async Task A_list_of_nothing_is_empty(string query) =>
        Assert.Equal("""{"IsTruncated":false,"Versions":[]}""", (await server.Send("GET", $"{Api}/crr/failed{query}")).Text);

    [Theory]
    [InlineData("", "")]
    [InlineData("not json", "")]
    [InlineData("{}", ": body must be a non-empty array")]
    [InlineData("[]", ": body must be a non-empty array")]
    [InlineData("[1]", ": body must be an array of objects")]
    [InlineData("""[{"Key":"k","StorageClass":"s"}]""", ": Bucket must be a non-empty string")]
    [InlineData("""[{"Bucket":"b","Key":7,"StorageClass":"s"}]""", ": Key must be a non-empty string")]
    [InlineData("""[{"Bucket":"b","Key":"k","StorageClass":""}]""", ": StorageClass must be a non-empty string")]
    public async Task A_retry_of_nothing_says_what_is_wrong(string body, string why)
    {
        var answer = await server.Send("POST", $"{Api}/crr/failed", body);
        Assert.Equal((400, $$"""{"code":"MalformedPOSTRequest","message":"The body of your POST request is not well-formed{{why}}"}"""), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task What_never_failed_is_not_in_the_answer_to_a_retry() =>
        Assert.Equal("[]", (await server.Send("POST", $"{Api}/crr/failed", """[{"Bucket":"bkt","Key":"k","VersionId":"v","StorageClass":"site"},{"Bucket":"nobucket","Key":"k","StorageClass":"site"}]""")).Text);

    [Fact]
    public async Task Failures_are_listed_while_their_version_is_there()
    {
        Assert.Equal(200, (await server.Send("PUT", "/failed-list")).Status);
        Assert.Equal(200, (await server.Send("PUT", "/failed-list?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Status);
        var bucket = (await server.Installation.Buckets.Find("failed-list", default))!;
        var versions = new Dictionary<string, string>();
        foreach (var key in new[] { "a/b c", "gone", "z" })
        {
            versions[key] = (await server.Send("PUT", $"/failed-list/{Uri.EscapeDataString(key)}", "text")).Header("x-amz-version-id")!;
            await server.Installation.FailedCopies.Add(new()
            {
                Site = "site", Bucket = bucket.Name, BucketId = bucket.Id, Key = key, VersionId = versions[key], Size = 4,
                Modified = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
            }, default);
        }
        Assert.Equal(204, (await server.Send("DELETE", $"/failed-list/gone?versionId={versions["gone"]}")).Status);
        var entry = $$"""{"Bucket":"failed-list","Key":"a/b c","VersionId":"{{versions["a/b c"]}}","StorageClass":"site","Size":4,"LastModified":"2026-01-02T03:04:05.678Z"}""";
        var list = (await server.Send("GET", $"{Api}/crr/failed?sitename=site")).Text;
        Assert.StartsWith($$"""{"IsTruncated":false,"Versions":[{{entry}},{"Bucket":"failed-list","Key":"z",""", list, StringComparison.Ordinal);
        Assert.DoesNotContain("gone", list, StringComparison.Ordinal);
        Assert.Equal(
            $$"""{"IsTruncated":false,"Versions":[{{entry}}]}""",
            (await server.Send("GET", $"{Api}/crr/failed/failed-list/a/b%20c?versionId={versions["a/b c"]}")).Text);

        Assert.Equal("""{"IsTruncated":false,"Versions":[]}""", (await server.Send("GET", $"{Api}/crr/failed?sitename=site&bucket=bkt")).Text);
        Assert.StartsWith($$"""{"IsTruncated":false,"Versions":[{{entry}},""", (await server.Send("GET", $"{Api}/crr/failed?sitename=site&bucket=failed-list")).Text, StringComparison.Ordinal);

        // Other accounts are not told of this bucket.
        var other = await Other();
        Assert.Equal("""{"IsTruncated":false,"Versions":[]}""", (await Send(other, "GET", $"{Api}/crr/failed?sitename=site")).Text);
        Assert.Equal("""{"IsTruncated":false,"Versions":[]}""", (await Send(other, "GET", $"{Api}/crr/failed/failed-list/z")).Text);
        Assert.Contains("\"z\"", (await server.Send("GET", $"{Api}/crr/failed?sitename=site")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_given_up_is_pending_again_when_it_is_retried_and_comes_to_be_there()
    {
        await Replicate("retried");
        server.Site.Before = (_, key) => key.StartsWith("retried/", StringComparison.Ordinal) ? throw new ReplicaRefusedException("site", "AccessDenied", "No.") : Task.CompletedTask;
        var version = (await server.Send("PUT", "/retried/k%20ey", "0123456789")).Header("x-amz-version-id")!;
        await Until(() => Status("retried/k%20ey"), "FAILED");
        var failures = $"{Api}/crr/failed/retried/k%20ey?versionId={version}";
        using (var listed = JsonDocument.Parse((await server.Send("GET", failures)).Text))
            Assert.Equal(1, listed.RootElement.GetProperty("Versions").GetArrayLength());
        server.Site.Before = null;

        // Paused, it cannot be done before it was looked at.
        Assert.Equal(200, (await server.Send("POST", $"{Api}/crr/pause/site")).Status);
        var asked = $$"""{"Bucket":"retried","Key":"k ey","VersionId":"{{version}}","StorageClass":"site"}""";
        using (var answer = JsonDocument.Parse((await server.Send("POST", $"{Api}/crr/failed", $"[{asked},{asked}]")).Text))
        {
            var one = Assert.Single(answer.RootElement.EnumerateArray());
            Assert.Equal(
                ["Bucket", "Key", "VersionId", "StorageClass", "Size", "LastModified", "ReplicationStatus"], one.EnumerateObject().Select(member => member.Name));
            Assert.Equal(("k ey", version, 10, "PENDING"), (
                one.GetProperty("Key").GetString(), one.GetProperty("VersionId").GetString(), one.GetProperty("Size").GetInt32(), one.GetProperty("ReplicationStatus").GetString()));
        }
        Assert.Equal("PENDING", await Status("retried/k%20ey"));
        Assert.Equal("""{"IsTruncated":false,"Versions":[]}""", (await server.Send("GET", failures)).Text);
        Assert.Equal("[]", (await server.Send("POST", $"{Api}/crr/failed", $"[{asked}]")).Text);
        Assert.Contains("\"pending\":10,\"completed\":0,\"progress\":\"0%\"", await Progress(), StringComparison.Ordinal);
        Assert.Equal(200, (await server.Send("POST", $"{Api}/crr/resume/site")).Status);
        await Until(() => Status("retried/k%20ey"), "COMPLETED");
        Assert.Contains("\"pending\":0,\"completed\":10,\"progress\":\"100%\"", await Progress(), StringComparison.Ordinal);

        // By force what is there is sent once more.
        var puts = server.Site.Calls.Count(call => call == "Put retried/k ey");
        Assert.Contains("PENDING", (await server.Send("POST", $"{Api}/crr/failed", $"[{asked[..^1]},\"ForceRetry\":true}}]")).Text, StringComparison.Ordinal);
        await Until(() => Status("retried/k%20ey"), "COMPLETED");
        Assert.True(server.Site.Calls.Count(call => call == "Put retried/k ey") >= puts);

        async Task<string> Progress() => (await server.Send("GET", $"{Api}/metrics/crr/site/progress/retried/k%20ey?versionId={version}")).Text;
    }

    [Fact]
    public async Task All_that_was_given_up_of_a_bucket_is_sent_again_by_one_walk_which_ends_whatever_becomes_of_it()
    {
        await Replicate("given-up");
        server.Site.Before = (_, key) => key.StartsWith("given-up/", StringComparison.Ordinal) ? throw new ReplicaRefusedException("site", "AccessDenied", "No.") : Task.CompletedTask;
        for (var i = 0; i < 3; i++) Assert.Equal(200, (await server.Send("PUT", $"/given-up/{i}", "0123456789")).Status);
        for (var i = 0; i < 3; i++) await Until(() => Status($"given-up/{i}"), "FAILED");
        Assert.Contains("\"Reason\":\"AccessDenied: No.", (await server.Send("GET", $"{Api}/crr/failed?sitename=site&bucket=given-up")).Text, StringComparison.Ordinal);

        // The site refuses still: what is given up again is not this walk's.
        Assert.Equal((3, 3), await Walk("""{"bucket":"given-up","site":"site"}"""));
        for (var i = 0; i < 3; i++) await Until(() => Status($"given-up/{i}"), "FAILED");
        server.Site.Before = null;
        Assert.Equal((0, 0), await Walk("""{"bucket":"bkt","site":"site"}"""));
        Assert.Equal("FAILED", await Status("given-up/0"));
        Assert.Equal((3, 3), await Walk("""{"bucket":"given-up"}"""));
        for (var i = 0; i < 3; i++) await Until(() => Status($"given-up/{i}"), "COMPLETED");
        Assert.Equal("""{"IsTruncated":false,"Versions":[]}""", (await server.Send("GET", $"{Api}/crr/failed?sitename=site&bucket=given-up")).Text);

        async Task<(long Seen, long Sent)> Walk(string body)
        {
            var started = await server.Send("POST", "/_/management/replication/retry", body);
            Assert.Equal(202, started.Status);
            using var document = JsonDocument.Parse(started.Text);
            var id = document.RootElement.GetProperty("id").GetString();
            await Until(async () => JsonDocument.Parse((await server.Send("GET", "/_/management/replication/walks/" + id)).Text).RootElement.GetProperty("state").GetString()!, "done");
            using var ended = JsonDocument.Parse((await server.Send("GET", "/_/management/replication/walks/" + id)).Text);
            var counts = ended.RootElement.GetProperty("counts");
            return (counts.GetProperty("versions").GetInt64(), counts.GetProperty("queued").GetInt64());
        }
    }

    [Fact]
    public async Task A_paused_site_gets_nothing_until_it_is_resumed_and_then_everything()
    {
        await Replicate("paused");
        Assert.Equal(200, (await server.Send("POST", $"{Api}/crr/pause/site")).Status);
        for (var i = 0; i < 5; i++) Assert.Equal(200, (await server.Send("PUT", $"/paused/{i}", "text")).Status);
        await Until(async () => (await server.Installation.Parked.Count("crr", "site", 10, default)).ToString(System.Globalization.CultureInfo.InvariantCulture), "5");
        Assert.DoesNotContain(server.Site.Calls, call => call.Contains(" paused/", StringComparison.Ordinal));
        Assert.Equal("PENDING", await Status("paused/0"));
        Assert.Equal(200, (await server.Send("POST", $"{Api}/crr/resume/site")).Status);
        for (var i = 0; i < 5; i++) await Until(() => Status($"paused/{i}"), "COMPLETED");
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_of_a_hundred()
    {
        var bucket = (await server.Installation.Buckets.Find("bkt", default))!;
        for (var i = 0; i < 150; i++)
        {
            Assert.Equal(200, (await server.Send("PUT", $"/bkt/often{i}", "")).Status);
            await server.Installation.FailedCopies.Add(new()
            {
                Site = "matched", Bucket = "bkt", BucketId = bucket.Id, Key = $"often{i}", VersionId = "null", Size = i, Modified = DateTimeOffset.UnixEpoch,
            }, default);
        }
        using var first = JsonDocument.Parse((await server.Send("GET", $"{Api}/crr/failed?sitename=matched")).Text);
        Assert.True(first.RootElement.GetProperty("IsTruncated").GetBoolean());
        Assert.Equal(100, first.RootElement.GetProperty("Versions").GetArrayLength());
        var marker = first.RootElement.GetProperty("NextMarker").GetInt64();
        using var second = JsonDocument.Parse((await server.Send("GET", $"{Api}/crr/failed?sitename=matched&marker={marker}")).Text);
        Assert.False(second.RootElement.TryGetProperty("NextMarker", out _));
        Assert.Equal(50, second.RootElement.GetProperty("Versions").GetArrayLength());
    }

    [Theory]
    [InlineData("crr", false)]
    [InlineData("ingestion", false)]
    [InlineData("lifecycle", true)]
    public async Task Sites_are_paused_and_resumed_one_by_one_and_together(string service, bool isOfAnyLocation)
    {
        var sites = server.Installation.Buckets.Locations.BuiltIn.Where(location => isOfAnyLocation || location.Value is IReplicas)
            .Select(location => location.Key).Order(StringComparer.Ordinal).ToList();
        await Is("status", "", string.Join(',', sites.Select(site => $"\"{site}\":\"enabled\"")));
        await Done("POST", "/pause/other");
        await Done("POST", "/pause/other");
        await Is("status", "/other", "\"other\":\"disabled\"");
        await Is("status", "/site", "\"site\":\"enabled\"");
        await Is("resume", "/other", "\"other\":\"none\"");
        await Done("POST", "/resume/other/schedule", """{"hours":6}""");
        using (var scheduled = JsonDocument.Parse((await server.Send("GET", $"{Api}/{service}/resume/all")).Text))
        {
            var text = scheduled.RootElement.GetProperty("other").GetString()!;
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", text);
            Assert.InRange((DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UtcNow).TotalHours, 5.9, 6);
            Assert.Equal("none", scheduled.RootElement.GetProperty("site").GetString());
        }
        await Done("DELETE", "/resume/other");
        await Is("resume", "/other", "\"other\":\"none\"");
        await Done("POST", "/resume/other/schedule");
        await Done("DELETE", "/resume/other/schedule");
        await Done("POST", "/resume/other");
        await Is("status", "/other", "\"other\":\"enabled\"");
        await Done("POST", "/pause");
        await Is("status", "/all", string.Join(',', sites.Select(site => $"\"{site}\":\"disabled\"")));
        await Done("POST", "/resume/all");
        await Is("status", "", string.Join(',', sites.Select(site => $"\"{site}\":\"enabled\"")));

        async Task Done(string verb, string path, string body = "")
        {
            var answer = await server.Send(verb, $"{Api}/{service}{path}", body);
            Assert.Equal((200, "{}"), (answer.Status, answer.Text));
        }

        async Task Is(string what, string site, string members) =>
            Assert.Equal("{" + members + "}", (await server.Send("GET", $"{Api}/{service}/{what}{site}")).Text);
    }

    [Theory]
    [InlineData("""{"hours":0}""", "hours must be an integer greater than 0")]
    [InlineData("""{"hours":-1}""", "hours must be an integer greater than 0")]
    [InlineData("""{"hours":1.5}""", "hours must be an integer greater than 0")]
    [InlineData("""{"hours":"6"}""", "hours must be an integer greater than 0")]
    [InlineData("""{"hours":999999999}""", "hours must be at most 87600")]
    [InlineData("[]", "The body of your POST request is not well-formed")]
    [InlineData("six", "The body of your POST request is not well-formed")]
    public async Task Hours_of_a_schedule_are_whole_and_at_least_one(string body, string message)
    {
        var answer = await server.Send("POST", $"{Api}/crr/resume/site/schedule", body);
        Assert.Equal((400, $$"""{"code":"MalformedPOSTRequest","message":"{{message}}"}"""), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("POST", "/crr/pause/site", "PauseSites")]
    [InlineData("POST", "/crr/resume/site", "ResumeSites")]
    [InlineData("POST", "/crr/resume/site/schedule", "ScheduleResume")]
    [InlineData("DELETE", "/crr/resume/site", "CancelResume")]
    [InlineData("POST", "/crr/failed", "RetryReplications")]
    [InlineData("POST", "/configuration/workflows", "ApplyWorkflows")]
    public async Task What_changes_anything_is_for_administrators(string verb, string path, string name)
    {
        var answer = await Send(await Other(), verb, Api + path);
        Assert.Equal(403, answer.Status);
        Assert.StartsWith($$"""{"code":"AccessDenied","message":"{{name}} is for administrators""", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/metrics/crr/all")]
    [InlineData("/crr/status")]
    [InlineData("/crr/resume")]
    [InlineData("/healthcheck")]
    [InlineData("/monitoring/metrics")]
    public async Task Every_account_may_look_and_nobody_unsigned(string path)
    {
        Assert.Equal(200, (await Send(await Other(), "GET", Api + path)).Status);
        Assert.Equal(403, (await server.SendUnsigned("GET", Api + path)).Status);
    }

    [Fact]
    public async Task The_health_of_tables_and_queues_is_told_under_the_names_that_clients_know()
    {
        using var health = JsonDocument.Parse((await server.Send("GET", $"{Api}/healthcheck")).Text);
        Assert.Equal(
            """{"name":"replication-work","partitions":[{"id":0,"leader":0,"replicas":[0],"isrs":[0]}]}""",
            health.RootElement.GetProperty("topics").GetProperty("replication-work").GetRawText());
        Assert.Equal(
            """{"isrHealth":"ok","zookeeper":{"status":"ok","details":{"name":"SYNC_CONNECTED","code":3}},"kafkaProducer":{"status":"ok"}}""",
            health.RootElement.GetProperty("internalConnections").GetRawText());
    }

    [Theory]
    [InlineData(Api + "/monitoring/metrics")]
    [InlineData("/_/monitoring/metrics")]
    public async Task Prometheus_understands_what_is_counted(string path)
    {
        var at = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(30);
        server.Installation.Copies.Queued("site", 5000, at);
        server.Installation.Copies.Queued("site", 500, at);
        server.Installation.Copies.Completed("site", 5000, at);
        var answer = await server.Send("GET", path);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Header("Content-Type"));
        var samples = PrometheusReader.Read(answer.Text);
        Assert.True(samples["s3_replication_queued_objects_total{location=\"site\"}"] >= 2);
        Assert.True(samples["s3_replication_queued_bytes_total{location=\"site\"}"] >= 5500);
        Assert.True(samples["s3_replication_status_changed_total{location=\"site\",replicationStatus=\"COMPLETED\"}"] >= 1);
        Assert.True(samples["s3_replication_latency_seconds_bucket{location=\"site\",le=\"+Inf\"}"] >= 1);
        Assert.InRange(samples["zenkofn_replication_lag_p99_seconds{location=\"site\"}"], 20, 60);
        Assert.InRange(samples["zenkofn_replication_oldest_pending_seconds{location=\"site\"}"], 29, 120);
        Assert.Equal(0, samples["zenkofn_site_paused{location=\"far\",service=\"lifecycle\"}"]);
        Assert.Equal(0, samples["zenkofn_replication_pending_objects{location=\"matched\"}"]);
    }

    [Fact]
    public async Task Rules_of_a_configuration_become_those_of_its_buckets_and_go_with_it()
    {
        foreach (var bucket in new[] { "flow-a", "flow-b", "flow-c" })
        {
            Assert.Equal(200, (await server.Send("PUT", "/" + bucket)).Status);
            Assert.Equal(200, (await server.Send("PUT", $"/{bucket}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Status);
        }
        await Apply("""{"version":1,"locations":{"x":{}},"replicationStreams":[{"streamId":"s1","name":"one","version":1,"enabled":true,"source":{"bucketName":"flow-a","prefix":"p/","location":"disk"},"destination":{"locations":[{"name":"site"},{"name":"other"}],"preferredReadLocation":"other"}},{"streamId":"s2","enabled":false,"source":{"bucketName":"flow-a","prefix":"q/"},"destination":{"locations":[{"name":"site"}]}},{"streamId":"s3","enabled":true,"source":{"bucketName":"flow-b","prefix":null},"destination":{"locations":[{"name":"site"}]}}],"workflows":{}}""");
        var rules = await server.Send("GET", "/flow-a?replication");
        Assert.Equal(["s1", "s2"], rules.Elements("ID"));
        Assert.Equal(["Enabled", "Disabled"], rules.Elements("Status"));
        Assert.Equal(["site,other:preferred_read", "site"], rules.Elements("StorageClass"));
        Assert.Equal(["p/", "q/"], rules.Elements("Prefix"));
        Assert.Equal(200, (await server.Send("GET", "/flow-b?replication")).Status);

        await Apply("""{"replicationStreams":[{"streamId":"s4","enabled":true,"source":{"bucketName":"flow-c"},"destination":{"locations":[{"name":"site"}]}}]}""");
        Assert.Equal(404, (await server.Send("GET", "/flow-a?replication")).Status);
        Assert.Equal(404, (await server.Send("GET", "/flow-b?replication")).Status);
        Assert.Equal(["s4"], (await server.Send("GET", "/flow-c?replication")).Elements("ID"));

        // What somebody has put since is theirs.
        Assert.Equal(200, (await server.Send("PUT", "/flow-c?replication",
            "<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/mine</Role><Rule><ID>mine</ID><Prefix/><Status>Enabled</Status><Destination><StorageClass>site</StorageClass></Destination></Rule></ReplicationConfiguration>")).Status);
        await Apply("{}");
        Assert.Equal(["mine"], (await server.Send("GET", "/flow-c?replication")).Elements("ID"));

        async Task Apply(string overlay)
        {
            var answer = await server.Send("POST", $"{Api}/configuration/workflows", overlay);
            Assert.Equal((200, "{}"), (answer.Status, answer.Text));
        }
    }

    [Theory]
    [InlineData("no json", 400, "MalformedBody")]
    [InlineData("""{"replicationStreams":[{"enabled":true}]}""", 400, "needs source.bucketName")]
    [InlineData("""{"replicationStreams":[{"source":{"bucketName":"nobucket"}}]}""", 400, "There is no bucket nobucket")]
    [InlineData("""{"replicationStreams":[{"source":{"bucketName":"bkt"}}]}""", 400, "needs versioning")]
    [InlineData("""{"replicationStreams":[{"streamId":"s","source":{"bucketName":"flow-d"}}]}""", 400, "needs destination.locations")]
    [InlineData("""{"replicationStreams":[{"streamId":"s","source":{"bucketName":"flow-d"},"destination":{"locations":[{"name":"nowhere"}]}}]}""", 400, "cannot be its rules")]
    [InlineData("""{"replicationStreams":[{"streamId":"s","source":{"bucketName":"flow-d"},"destination":{"locations":[{"name":"site"}],"preferredReadLocation":"other"}}]}""", 400, "prefers to read from other")]
    [InlineData("""{"workflows":{"a":{"b":{}}}}""", 501, "PutBucketLifecycleConfiguration")]
    public async Task A_configuration_that_cannot_be_applied_changes_nothing(string overlay, int status, string said)
    {
        await server.Send("PUT", "/flow-d");
        await server.Send("PUT", "/flow-d?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        var answer = await server.Send("POST", $"{Api}/configuration/workflows", overlay);
        Assert.Equal(status, answer.Status);
        Assert.Contains(said, answer.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await server.Send("GET", "/flow-d?replication")).Status);
    }

    [Fact]
    public async Task A_stream_of_a_bucket_whose_bytes_leave_it_has_to_say_where_they_are_read()
    {
        Assert.Equal(200, (await server.Send(
            "PUT", "/flow-passing", "<CreateBucketConfiguration><LocationConstraint>passing</LocationConstraint></CreateBucketConfiguration>")).Status);
        await server.Send("PUT", "/flow-passing?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        var refused = await server.Send("POST", $"{Api}/configuration/workflows", Overlay(""));
        Assert.Equal(400, refused.Status);
        Assert.Contains("location is transient: the StorageClass", refused.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await server.Send("GET", "/flow-passing?replication")).Status);
        Assert.Equal(200, (await server.Send("POST", $"{Api}/configuration/workflows", Overlay(""" ,"preferredReadLocation":"other" """))).Status);

        static string Overlay(string preferred) => $$$"""
            {"replicationStreams":[{"streamId":"s","enabled":true,"source":{"bucketName":"flow-passing"},"destination":{"locations":[{"name":"site"},{"name":"other"}]{{{preferred}}}}}]}
            """;
    }

    /// <summary>A bucket with versions that go to the site.</summary>
    private async Task Replicate(string bucket)
    {
        Assert.Equal(200, (await server.Send("PUT", "/" + bucket)).Status);
        Assert.Equal(200, (await server.Send("PUT", $"/{bucket}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Status);
        Assert.Equal(200, (await server.Send("PUT", $"/{bucket}?replication",
            "<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/mine</Role><Rule><ID>one</ID><Prefix/><Status>Enabled</Status><Destination><StorageClass>site</StorageClass></Destination></Rule></ReplicationConfiguration>")).Status);
    }

    private async Task<string> Status(string path) => (await server.Send("HEAD", "/" + path)).Header("x-amz-replication-status") ?? "none";

    /// <summary>Waits until something is told, at most half a minute.</summary>
    private static async Task Until(Func<Task<string>> look, string expected)
    {
        var told = "";
        for (var end = DateTime.UtcNow.AddMinutes(2); told != expected && DateTime.UtcNow < end; await Task.Delay(20)) told = await look();
        Assert.Equal(expected, told);
    }

    /// <summary>The key of an account that is not the root.</summary>
    private async Task<AccessKey> Other()
    {
        var accounts = server.Installation.Accounts;
        var account = await accounts.FindByName("other", default) ?? (await accounts.CreateAccount("other", "other@example.com", null, null, default)).Value;
        return (await accounts.CreateKey(account, null, null, null, default)).Value;
    }

    private Task<Answer> Send(AccessKey key, string verb, string target) => server.Send(
        new Signer(key.Id, key.Secret, "us-east-1", DateTimeOffset.UtcNow).Sign(server.Request(verb, target, [])));
}
