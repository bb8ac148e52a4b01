using System.Net;
using System.Text.Json;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Tests.Console;

/// <summary>Usage, health, and what the dashboard draws over time.</summary>
public sealed class InstallationPagesTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    [Fact]
    public async Task The_dashboard_draws_what_was_counted()
    {
        var root = await server.SignedIn(server.Root);
        Assert.Contains("each minute adds to these charts", (await root.Get("")).Text, StringComparison.Ordinal);
        await root.Get("buckets/nowhere");
        // Writes what was counted; the minute is over by the time that it is drawn.
        await server.Installation.History.DisposeAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var range in (string[])["", "?range=day", "?range=month", "?range=%3Cimg%3E"])
        {
            var page = (await root.Get(range)).Text;
            Assert.Contains("<title>Requests a minute</title>", page, StringComparison.Ordinal);
            Assert.Contains("<polyline class=\"l0\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        }
        Assert.Contains("<title>Errors a minute</title>", (await root.Get("")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Over time", (await (await server.SignedIn(server.Other)).Get("")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_is_told_by_bucket_account_and_location_with_traffic_where_that_is_counted()
    {
        var root = await server.SignedIn(server.Root);
        await root.Get("new-bucket");
        await root.Post("new-bucket", "name", "usage-one");
        await server.Put("usage-one", "key", new('x', 3000), "text/plain");
        var buckets = (await root.Get("usage")).Text;
        Assert.Contains(">usage-one</a>", buckets, StringComparison.Ordinal);
        Assert.Contains("2.9 KiB", buckets, StringComparison.Ordinal);
        Assert.Contains("are not counted", buckets, StringComparison.Ordinal);
        Assert.DoesNotContain("usage-one", (await root.Get("usage?q=another")).Text, StringComparison.Ordinal);
        Assert.Contains("account?id=" + server.Root.Account.Id, WebUtility.HtmlDecode((await root.Get("usage?of=account")).Text), StringComparison.Ordinal);
        Assert.Contains("2.9 KiB", (await root.Get("usage?of=location&by=name")).Text, StringComparison.Ordinal);
        await server.Installation.Settings.Set(LiveSetting.UsageCollect, "true", default);
        await server.Installation.Statistics.Refresh(default);
        foreach (var of in (string[])["bucket", "account"]) Assert.Contains("In, last day", (await root.Get("usage?of=" + of)).Text, StringComparison.Ordinal);
        Assert.Contains("is for administrators", (await (await server.SignedIn(server.Other)).Get("usage")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_shown_and_examined()
    {
        var (root, other) = (await server.SignedIn(server.Root), await server.SignedIn(server.Other));
        var page = (await root.Get("health")).Text;
        foreach (var part in (string[])["tables", "queues", "Answers"]) Assert.Contains(part, page, StringComparison.Ordinal);
        var examined = await root.Post("health");
        Assert.Equal(200, examined.Status);
        Assert.Contains("location " + server.Installation.Buckets.Locations.DefaultName, examined.Text, StringComparison.Ordinal);
        await other.Get("users");
        Assert.Contains("Health is for administrators", (await other.Get("health")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await other.Post("health")).Status);
    }
}
