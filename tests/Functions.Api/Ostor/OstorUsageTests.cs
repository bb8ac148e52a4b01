using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>ostor-usage: what it tells is exactly what was done.</summary>
public sealed partial class OstorUsageTests(OstorServer server) : IClassFixture<OstorServer>
{
    private const string Usage = "/?ostor-usage";

    [Fact]
    public async Task A_known_mix_of_requests_gives_exactly_its_numbers_and_stays_until_it_is_deleted()
    {
        Assert.Equal("""{"nr_items":0,"truncated":false,"items":[]}""", (await server.Send("GET", Usage)).Text);
        var traffic = new CountedTraffic(server);
        await traffic.Begin();
        var start = server.Clock.GetUtcNow().ToUnixTimeSeconds() / 1800 * 1800;
        await traffic.Send("counted");
        await server.Installation.Statistics.Flush(default);
        Assert.Empty(await Names());
        // Of the next period, which is not over when the first is looked at.
        server.Clock.Move(TimeSpan.FromSeconds(1821));
        Assert.Equal(200, (await server.SendAs(traffic.Key, "GET", "/counted?versioning")).Status);
        await server.Installation.Statistics.Flush(default);

        var name = Assert.Single(await Names());
        var parts = Form().Match(name);
        Assert.True(parts.Success, name);
        Assert.Equal(start, DateTimeOffset.Parse(parts.Groups["start"].Value, CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        var answer = await server.Send("GET", $"{Usage}&obj={Uri.EscapeDataString(name)}");
        Assert.StartsWith($$"""{"fmt_version":1,"service_id":{{parts.Groups["id"].Value}},"start_ts":{{start}},"period":1800,"nr_items":{{traffic.Items.Count}},"items":[{"key":{"bucket":"","epoch":0,"user_id":""", answer.Text, StringComparison.Ordinal);
        Assert.Equal(traffic.Items, [.. OstorServer.Json(answer).GetProperty("items").EnumerateArray().Select(Item)]);
        var bucket = (await server.Get("/?ostor-buckets&emailAddress=counted@example.com")).GetProperty("Buckets")[0];
        Assert.Contains(
            OstorServer.Json(answer).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key")),
            key => key.GetProperty("bucket").GetString() == "counted" && key.GetProperty("epoch").GetInt64() == bucket.GetProperty("epoch").GetInt64() && key.GetProperty("user_id").GetString() == bucket.GetProperty("owner_id").GetString());
        // As it is written in a URL by hand.
        Assert.Equal(answer.Text, (await server.Send("GET", $"{Usage}&obj={name}")).Text);

        await Bad(name);
        var deleted = await server.Send("DELETE", $"{Usage}&obj={name}");
        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        Assert.Equal((404, "NoSuchUsageObject"), Outcome(await server.Send("GET", $"{Usage}&obj={name}")));
        Assert.Equal((404, "NoSuchUsageObject"), Outcome(await server.Send("DELETE", $"{Usage}&obj={name}")));
        Assert.Empty(await Names());
        server.Clock.Move(TimeSpan.FromSeconds(1800));
        Assert.Single(await Names());
    }

    private async Task Bad(string name)
    {
        var other = name.Replace("s3-usage-8", "s3-usage-7", StringComparison.Ordinal);
        var before = await State();
        foreach (var (verb, query, status) in new[]
        {
            ("GET", "&obj", 400), ("GET", "&obj=x", 400), ("GET", $"&obj={name}x", 400), ("GET", $"&obj={name}&obj={name}", 400), ("GET", $"&obj={name}&id=1", 400),
            ("GET", "&id=1", 400), ("GET", $"&obj={name[..^4]}%2B1800", 400), ("GET", $"&obj={name.Replace('T', ' ')}", 400), ("GET", $"&obj={name.Replace("-20", "-99999999920", StringComparison.Ordinal)}", 400),
            ("GET", $"&obj={name}0", 404), ("GET", $"&obj={name[..^4]}01800", 404), ("GET", $"&obj={other}", 404), ("GET", "&obj=s3-usage-8000000000000065-2017-02-01T16:31:54.000Z-1800", 404),
            ("GET", "&obj=s3-usage-8000000000000065-0001-01-01T00:00:00.000Z-1", 404), ("GET", "&obj=../objects", 400), ("GET", $"&obj={new string('9', 2000)}", 400),
            ("DELETE", "", 400), ("DELETE", "&obj=x", 400), ("DELETE", $"&obj={other}", 404), ("DELETE", $"&obj={name}0", 404), ("PUT", $"&obj={name}", 405), ("POST", "", 405),
        })
        {
            var answer = await server.Send(verb, Usage + query);
            Assert.True(status == answer.Status, $"{verb} {query}: {answer.Status} {answer.Text}");
            Assert.NotNull(answer.Code);
        }
        Assert.Equal(403, (await server.SendAs(server.Ordinary, "DELETE", $"{Usage}&obj={name}")).Status);
        Assert.Equal(before, await State());
    }

    private async Task<string> State()
    {
        var state = await server.State();
        foreach (var name in await Names()) state += (await server.Send("GET", $"{Usage}&obj={name}")).Text;
        return state;
    }

    private async Task<IReadOnlyList<string>> Names()
    {
        var list = await server.Get(Usage);
        var names = list.GetProperty("items").EnumerateArray().Select(name => name.GetString()!).ToList();
        Assert.Equal((names.Count, false), (list.GetProperty("nr_items").GetInt32(), list.GetProperty("truncated").GetBoolean()));
        return names;
    }

    private static (string, string, string) Item(JsonElement item)
    {
        var (key, ops, traffic) = (item.GetProperty("key"), item.GetProperty("counters").GetProperty("ops"), item.GetProperty("counters").GetProperty("net_io"));
        Assert.Equal("", key.GetProperty("tag").GetString());
        Assert.Equal(["put", "get", "list", "other"], ops.EnumerateObject().Select(each => each.Name));
        Assert.Equal(["uploaded", "downloaded"], traffic.EnumerateObject().Select(each => each.Name));
        return (key.GetProperty("bucket").GetString()!, key.GetProperty("user_id").GetString()!,
            string.Join(' ', ops.EnumerateObject().Concat(traffic.EnumerateObject()).Select(each => each.Value.GetInt64())));
    }

    private static (int, string?) Outcome(Operations.Answer answer) => (answer.Status, answer.Code);

    [GeneratedRegex("^s3-usage-(?<id>[0-9]{16})-(?<start>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:(00|30):00\\.000Z)-1800$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
