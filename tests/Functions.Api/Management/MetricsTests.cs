using System.Diagnostics;
using System.Text.RegularExpressions;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Core.Monitoring;

namespace ZenkoFunctions.Api.Tests.Management;

public sealed partial class MetricsTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Path = "/_/metrics";

    [Fact]
    public async Task Every_request_is_counted_by_operation_and_status_with_its_bytes_and_its_time()
    {
        var before = await Read();
        var body = new string('x', 5000);
        Assert.Equal(200, (await server.Send("PUT", "/bkt/measured", body)).Status);
        Assert.Equal(200, (await server.Send("GET", "/bkt/measured")).Status);
        Assert.Equal(206, (await server.Send("GET", "/bkt/measured", "", "Range: bytes=0-99")).Status);
        Assert.Equal(404, (await server.Send("GET", "/bkt/nothing")).Status);
        var page = await server.Send("GET", "/bkt?list-type=2");
        var after = await Until(read => Grown(read, Requests("ListObjectsV2", 200)) == 1);

        Assert.Equal(1, Grown(after, Requests("PutObject", 200)));
        Assert.Equal(1, Grown(after, Requests("GetObject", 200)));
        Assert.Equal(1, Grown(after, Requests("GetObject", 206)));
        Assert.Equal(1, Grown(after, Requests("GetObject", 404)));
        Assert.Equal(5000, Grown(after, "s3_cloudserver_http_request_size_bytes_sum{protocol=\"s3\",action=\"PutObject\"}"));
        Assert.InRange(Grown(after, "s3_cloudserver_http_response_size_bytes_sum{protocol=\"s3\",action=\"GetObject\"}"), 5100 + 100, 5100 + 1000);
        Assert.Equal(page.Body.Length, Grown(after, "s3_cloudserver_http_response_size_bytes_sum{protocol=\"s3\",action=\"ListObjectsV2\"}"));
        Assert.Equal(3, Grown(after, "s3_cloudserver_http_request_duration_seconds_count{protocol=\"s3\",action=\"GetObject\"}"));
        Assert.Equal(3, Grown(after, "s3_cloudserver_http_request_duration_seconds_bucket{protocol=\"s3\",action=\"GetObject\",le=\"60\"}"));
        Assert.True(Grown(after, "s3_cloudserver_http_request_duration_seconds_sum{protocol=\"s3\",action=\"GetObject\"}") > 0);
        // The one that asks.
        Assert.Equal(1, after["s3_cloudserver_http_active_requests"]);
        Assert.True(Grown(after, "s3_cloudserver_http_requests_total{protocol=\"management\",action=\"GetMetrics\",code=\"200\"}") >= 1);

        double Grown(Dictionary<string, double> read, string name) => read.GetValueOrDefault(name) - before.GetValueOrDefault(name);
    }

    [Fact]
    public async Task What_a_client_makes_up_is_counted_as_unknown()
    {
        Assert.Equal(405, (await server.SendUnsigned("BREW", "/bkt/pot")).Status);
        await Until(read => read.GetValueOrDefault(Requests("unknown", 405)) >= 1);
    }

    [Fact]
    public async Task The_runs_of_jobs_are_counted()
    {
        const string Runs = "zenkofn_jobs_total{queue=\"replication-work\",end=\"done\"}";
        Assert.Contains("replication-work", server.Installation.Jobs.Queues);
        var before = (await Read())[Runs];
        Assert.Equal(200, (await server.Send("GET", "/_/backbeat/api/healthcheck")).Status); // sends one
        await Until(read => read[Runs] > before);
    }

    // One of Zenko's names is not as Prometheus would have it.
    [Fact]
    public async Task Prometheus_own_tool_finds_nothing_else_wrong()
    {
        // A label that has to be escaped.
        server.Installation.Answered.Of("s3", "a\\b\"c\nd").Add(200, 1, 1, TimeSpan.FromSeconds(1));
        var text = (await server.Send("GET", Path)).Text;
        Assert.Contains("""action="a\\b\"c\nd",code="200"} 1""", text, StringComparison.Ordinal);
        using var tool = Process.Start(new ProcessStartInfo("promtool", "check metrics") { RedirectStandardInput = true, RedirectStandardError = true })!;
        var said = tool.StandardError.ReadToEndAsync();
        await tool.StandardInput.WriteAsync(text);
        tool.StandardInput.Close();
        await tool.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(
            ["s3_replication_status_changed_total label names should be written in 'snake_case' not 'camelCase'"],
            (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct());
    }

    [Fact]
    public async Task The_names_are_those_that_are_documented()
    {
        var text = (await server.Send("GET", Path)).Text;
        var names = Types().Matches(text).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}").Order(StringComparer.Ordinal).ToList();
        Golden.Check("metrics.txt", string.Join('\n', names) + "\n");
        var page = await File.ReadAllTextAsync(System.IO.Path.Combine(Golden.Root, "docs", "monitoring.md"));
        Assert.DoesNotContain(names.Select(name => name.Split(' ')[0]), name => !page.Contains($"`{name}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(200, "Authorization: Bearer " + ObjectServer.MonitoringToken, "X-Forwarded-For: 192.0.2.1")]
    [InlineData(403, "X-Forwarded-For: 192.0.2.1")]
    [InlineData(403, "Host: rebound.example.com")]
    [InlineData(403, "Authorization: Bearer let-me-watch-too")]
    [InlineData(400, "Authorization: Bearer ")]
    public async Task Programs_on_this_machine_may_read_it_and_who_has_the_token(int status, params string[] headers)
    {
        var answer = await server.SendUnsigned("GET", Path, headers);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? "text/plain; version=0.0.4; charset=utf-8" : "application/json", answer.Header("Content-Type"));
    }

    [Fact]
    public async Task The_token_is_for_watching_alone()
    {
        var answer = await server.SendUnsigned("GET", "/_/management/locations", "Authorization: Bearer " + ObjectServer.MonitoringToken);
        Assert.Equal(400, answer.Status); // no signature that anybody knows
        Assert.DoesNotContain("disk", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_duration_is_in_the_bucket_of_the_least_end_that_it_does_not_pass()
    {
        var histogram = new DurationHistogram([0.1, 1]);
        foreach (var seconds in new[] { 0.05, 0.1, 0.5, 30 }) histogram.Add(TimeSpan.FromSeconds(seconds));
        var read = histogram.Read();
        Assert.Equal([(0.1, 2L), (1, 3L)], read.Buckets);
        Assert.Equal((4, 30.65), (read.Count, read.Seconds));
    }

    private static string Requests(string operation, int status) =>
        $"s3_cloudserver_http_requests_total{{protocol=\"s3\",action=\"{operation}\",code=\"{status}\"}}";

    // An answer is counted when it has been sent: who has it may ask before.
    private async Task<Dictionary<string, double>> Until(Func<Dictionary<string, double>, bool> condition)
    {
        Dictionary<string, double> read = [];
        await Eventually.Holds(async () => condition(read = await Read()), "what is measured");
        return read;
    }

    private async Task<Dictionary<string, double>> Read() => PrometheusReader.Read((await server.Send("GET", Path)).Text);

    [GeneratedRegex("^# TYPE (\\S+) (\\S+)$", RegexOptions.Multiline)]
    private static partial Regex Types();
}
