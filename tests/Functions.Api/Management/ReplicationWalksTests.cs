using System.Text.Json;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>Walks on the wire.</summary>
public sealed class ReplicationWalksTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Api = "/_/management/replication";

    [Fact]
    public async Task A_walk_is_started_told_of_listed_and_cancelled()
    {
        var started = await server.Send("POST", Api + "/verify", """{"bucket":"bkt","site":"site","deep":true}""");
        Assert.Equal((202, "application/json"), (started.Status, started.Header("Content-Type")));
        using var walk = JsonDocument.Parse(started.Text);
        Assert.Equal("verify.site.bkt", walk.RootElement.GetProperty("id").GetString());
        Assert.Equal("verify", walk.RootElement.GetProperty("request").GetProperty("purpose").GetString());
        Assert.Equal(0, walk.RootElement.GetProperty("counts").GetProperty("different").GetInt64());
        Assert.DoesNotContain("claim", started.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await server.Send("GET", Api + "/walks/verify.site.bkt")).Status);
        Assert.Contains("verify.site.bkt", (await server.Send("GET", Api + "/walks?bucket=bkt")).Text, StringComparison.Ordinal);
        Assert.Equal("""{"walks":[]}""", (await server.Send("GET", Api + "/walks?bucket=another")).Text);
        using var cancelled = JsonDocument.Parse((await server.Send("DELETE", Api + "/walks/verify.site.bkt")).Text);
        Assert.Contains(cancelled.RootElement.GetProperty("state").GetString(), new[] { "cancelled", "done" });
    }

    [Fact]
    public async Task What_was_left_behind_is_removed_by_a_walk_that_anybody_may_watch()
    {
        Assert.Equal("InvalidRequest", JsonDocument.Parse((await server.Send("POST", "/_/management/expire", """{"bucket":"bkt"}""")).Text).RootElement.GetProperty("code").GetString());
        await server.Installation.SignInGrants.AddRefresh(new("client"), default);
        var upload = (await server.Send("POST", "/bkt/left?uploads")).Element("UploadId");
        Assert.Equal(200, (await server.Send("PUT", $"/bkt/left?partNumber=1&uploadId={upload}", "part")).Status);
        Assert.Equal(202, (await server.Send("POST", "/_/management/expire")).Status);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            using var walk = JsonDocument.Parse((await server.Send("GET", Api + "/walks/expire.all")).Text);
            if (walk.RootElement.GetProperty("state").GetString() != "running")
            {
                Assert.Equal("done", walk.RootElement.GetProperty("state").GetString());
                Assert.InRange(walk.RootElement.GetProperty("counts").GetProperty("keys").GetInt64(), 1, long.MaxValue);
                break;
            }
            await Task.Delay(50, patience.Token);
        }
        Assert.Contains("<PartNumber>1</PartNumber>", (await server.Send("GET", $"/bkt/left?uploadId={upload}")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/verify", """{"bucket":"bkt"}""", 400, "InvalidRequest")]
    [InlineData("POST", "/verify", """{"bucket":"nothing","site":"site"}""", 404, "NoSuchBucket")]
    [InlineData("POST", "/verify", """{"bucket":"bkt","site":"nowhere"}""", 404, "NoSuchLocation")]
    [InlineData("POST", "/existing", """{"bucket":"bkt"}""", 400, "InvalidRequest")]
    [InlineData("POST", "/existing", "", 400, "MalformedBody")]
    [InlineData("POST", "/existing", """{"bucket":"bkt","sight":"typo"}""", 400, "MalformedBody")]
    [InlineData("POST", "/other", "{}", 404, "RouteNotFound")]
    [InlineData("GET", "/walks/nothing", "", 404, "NoSuchWalk")]
    [InlineData("GET", "/walks/a%2Fb", "", 404, "NoSuchWalk")]
    [InlineData("DELETE", "/walks/nothing", "", 404, "NoSuchWalk")]
    [InlineData("DELETE", "/timers/nothing", "", 404, "NoSuchTimer")]
    [InlineData("PUT", "/timers", """{"bucket":"bkt","site":"site"}""", 400, "InvalidRequest")]
    [InlineData("GET", "/timers?marker=~", "", 400, "InvalidQueryParameter")]
    [InlineData("GET", "/walks?marker=a%2Fb", "", 400, "InvalidQueryParameter")]
    [InlineData("GET", "/reports?marker=bkt", "", 400, "InvalidQueryParameter")]
    [InlineData("GET", "/reports/bkt/site/0", "", 404, "NoSuchReport")]
    public async Task What_makes_no_sense_is_refused_by_its_name(string verb, string path, string body, int status, string code)
    {
        var answer = await server.Send(verb, Api + path, body);
        Assert.Equal(status, answer.Status);
        Assert.StartsWith($$"""{"code":"{{code}}","message":""", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_is_set_listed_and_removed()
    {
        Assert.Equal(200, (await server.Send("PUT", Api + "/timers", """{"bucket":"bkt","site":"other","hours":12}""")).Status);
        Assert.Contains("\"hours\":12", (await server.Send("GET", Api + "/timers")).Text, StringComparison.Ordinal);
        Assert.Equal("{}", (await server.Send("DELETE", Api + "/timers/verify.other.bkt")).Text);
    }

    [Fact]
    public async Task Lists_are_told_page_by_page()
    {
        for (var i = 0; i < 1003; i++)
            Assert.Null((await server.Installation.WalkTimers.Set(new() { Purpose = WalkPurpose.Verify, Bucket = "bkt", Site = "site", Range = new(i, null, null) }, 24, default)).Refusal);
        List<string> all = [];
        List<int> pages = [];
        for (string? marker = ""; marker is not null;)
        {
            using var page = JsonDocument.Parse((await server.Send("GET", $"{Api}/timers{(marker.Length == 0 ? "" : "?marker=" + Uri.EscapeDataString(marker))}")).Text);
            all.AddRange(page.RootElement.GetProperty("timers").EnumerateArray().Select(timer => timer.GetProperty("id").GetString()!));
            pages.Add(page.RootElement.GetProperty("timers").GetArrayLength());
            marker = page.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        Assert.Equal(2, pages.Count);
        Assert.Equal(1000, pages[0]);
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(1003, all.Count(id => id.StartsWith("verify.site.bkt~", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_keys_of_reports_are_a_key_set_without_the_private_part()
    {
        using var keys = JsonDocument.Parse((await server.Send("GET", Api + "/keys")).Text);
        var key = Assert.Single(keys.RootElement.GetProperty("keys").EnumerateArray());
        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key.EnumerateObject().Select(each => each.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("EC", "P-256", 43), (key.GetProperty("kty").GetString(), key.GetProperty("crv").GetString(), key.GetProperty("x").GetString()!.Length));
        Assert.Equal("""{"reports":[]}""", (await server.Send("GET", Api + "/reports?bucket=bkt")).Text);
    }
}
