using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Tests.State;

/// <summary>Which requests are sent, and what becomes of answers that no emulator gives.</summary>
public sealed class TableRequestTests : IDisposable
{
    private const string Busy = """{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","value":"Later."}}}""";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly Script script = new();
    private readonly HttpClient http;
    private readonly ITable table;

    public TableRequestTests()
    {
        http = new(script);
        var account = StorageAccount.Parse("DefaultEndpointsProtocol=http;AccountName=name;AccountKey=MTIzNA==;EndpointSuffix=example.invalid");
        table = AzureTables.Open(account, new() { Transport = new HttpClientTransport(http) }).Table("objects");
    }

    public void Dispose()
    {
        http.Dispose();
        script.Dispose();
    }

    [Fact]
    public async Task A_scan_goes_on_after_pages_that_are_short_or_empty()
    {
        script.Answer(200, Page(), ("x-ms-continuation-NextPartitionKey", "1!4!cA--"), ("x-ms-continuation-NextRowKey", "1!4!cg+="));
        script.Answer(200, Page("a", "b"), ("x-ms-continuation-NextPartitionKey", "1!4!cQ--"));
        script.Answer(200, Page("c"));
        Assert.Equal(["a", "b", "c"], await Rows(limit: 5));
        Assert.DoesNotContain("NextPartitionKey", script.Queries[0], StringComparison.Ordinal);
        Assert.Contains("&NextPartitionKey=1%214%21cA--&NextRowKey=1%214%21cg%2B%3D", script.Queries[1], StringComparison.Ordinal);
        Assert.EndsWith("&NextPartitionKey=1%214%21cQ--", script.Queries[2], StringComparison.Ordinal);
        Assert.Contains("$top=5&", script.Queries[1], StringComparison.Ordinal);
        Assert.Contains("$top=3&", script.Queries[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b7", new string[0])]
    [InlineData("c7", new[] { "c7" })]
    public async Task A_scan_that_has_spent_its_budget_on_empty_pages_asks_what_row_it_has_come_to(string row, string[] rows)
    {
        script.Answer(200, Page(), ("x-ms-continuation-NextPartitionKey", "1"));
        script.Answer(200, Page(), ("x-ms-continuation-NextPartitionKey", "2"));
        script.Answer(200, Page(row), ("x-ms-continuation-NextPartitionKey", "3"));
        var budget = new ScanBudget(2, TimeSpan.FromMinutes(1), TimeProvider.System);
        var found = new List<string>();
        await foreach (var one in table.Scan(new(new("a", ""), TableKey.End), "c", null, null, budget, None)) found.Add(one.Key.Row);
        Assert.Equal(rows, found);
        Assert.Equal(new TableKey("p", row), budget.EndedAt);
        Assert.EndsWith("&NextPartitionKey=2", script.Queries[2], StringComparison.Ordinal);
        Assert.Contains("$top=1&", script.Queries[2], StringComparison.Ordinal);
        Assert.DoesNotContain("RowKey%20", script.Queries[2].Replace("PartitionKey", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_to_be_skipped_is_read_past_in_a_page_and_jumped_over_at_its_end()
    {
        script.Answer(200, Page("a1", "a2", "b1", "b2"), ("x-ms-continuation-NextPartitionKey", "x"), ("x-ms-continuation-NextRowKey", "y"));
        script.Answer(200, Page("c1"));
        var rows = new List<string>();
        await foreach (var row in table.Scan(KeyRange.Partition("p"), null, null, key => new("p", (char)(key.Row[0] + 1) + ""), None)) rows.Add(row.Key.Row);
        Assert.Equal(["a1", "b1", "c1"], rows);
        Assert.Contains("RowKey%20ge%20'c'", script.Queries[1], StringComparison.Ordinal);
        Assert.DoesNotContain("NextPartitionKey", script.Queries[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_is_tried_again_and_a_busy_service_gives_up_with_nothing_changed()
    {
        script.Answer(503, Busy);
        script.Answer(500, "");
        script.Answer(200, """{"PartitionKey":"p","RowKey":"r","odata.etag":"W/\"1\"","v0":"AQ=="}""");
        Assert.Equal([1], (await table.Get(new("p", "r"), None))!.Value.ToArray());
        for (var i = 0; i < 3; i++) script.Answer(503, Busy);
        var refused = await Assert.ThrowsAsync<AzureTableException>(async () => await table.Apply("p", [Change.Put("r", Condition.Any, default)], None));
        Assert.Equal(503, refused.Status);
        Assert.Equal(0, script.Left);
    }

    [Theory]
    [InlineData(403, "AuthorizationPermissionMismatch", "Storage Table Data Contributor")]
    [InlineData(404, "TableNotFound", "Deploy the template again")]
    public async Task What_cannot_succeed_says_what_to_do(int status, string code, string advice)
    {
        var body = $$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"value":"No."}}}""";
        for (var i = 0; i < 3; i++) script.Answer(status, body);
        foreach (var request in new Func<Task>[]
        {
            async () => await table.Get(new("p", "r"), None), () => Rows(), async () => await table.Apply("p", [Change.Delete("r", Condition.Any)], None),
        })
            Assert.Contains(advice, (await Assert.ThrowsAsync<AzureTableException>(request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stamp_that_no_row_carries_is_refused_without_a_request()
    {
        foreach (var stamp in new[] { "", "stale", "W/\"1\"", "W/\"1\"\r\nx: y\" n" })
            Assert.Equal(Outcome.Refused, await table.Apply("p", [Change.Put("r", Condition.Is(new(stamp)), default)], None));
        Assert.Empty(script.Queries);
    }

    [Fact]
    public void No_commit_takes_effect_after_the_time_that_others_wait_for_it() =>
        Assert.InRange(AzureTableOptions.CommitTimeout, AzureTableOptions.WriteTimeout, Consistency.Shared(TimeSpan.Zero).StoreTimeout);

    [Fact]
    public async Task Answers_that_cannot_be_read_are_not_taken_for_rows()
    {
        foreach (var body in new[] { "", "<html></html>", "{\"value\":5}", "{\"value\":[{}]}", "{\"value\":[" })
        {
            script.Answer(200, body);
            await Assert.ThrowsAsync<AzureTableException>(() => Rows());
        }
    }

    private async Task<List<string>> Rows(int? limit = null)
    {
        var rows = new List<string>();
        await foreach (var row in table.Scan(KeyRange.Partition("p"), null, limit, None)) rows.Add(row.Key.Row);
        return rows;
    }

    private static string Page(params string[] rows) =>
        $$"""{"odata.metadata":"x","value":[{{string.Join(',', rows.Select(row => $$"""{"odata.etag":"W/\"1\"","PartitionKey":"p","RowKey":"{{row}}"}"""))}}]}""";

    /// <summary>A service that reads its answers off a list.</summary>
    private sealed class Script : HttpMessageHandler
    {
        private readonly Queue<HttpResponseMessage> answers = new();

        public List<string> Queries { get; } = [];

        public int Left => answers.Count;

        public void Answer(int status, string body, params (string Name, string Value)[] headers)
        {
            var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
            foreach (var (name, value) in headers) answer.Headers.Add(name, value);
            answers.Enqueue(answer);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Queries.Add(request.RequestUri!.Query);
            return Task.FromResult(answers.Dequeue());
        }
    }
}
