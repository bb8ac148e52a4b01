using System.Net;
using System.Text.RegularExpressions;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Console;

/// <summary>Locations, workflows and tasks: whose they are, and what is not told.</summary>
public sealed class MovementTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private const string Markup = "<img src=x onerror=alert(1)>\"'&<svg onload=alert(1)>";

    private async Task<Browser> WithBucket(AccessKey key, string bucket)
    {
        var browser = await server.SignedIn(key);
        await browser.Get("new-bucket");
        Assert.Equal(303, (await browser.Post("new-bucket", "name", bucket)).Status);
        return browser;
    }

    private async Task<LifecycleSetting?> Lifecycle(string bucket) => (await server.Installation.Buckets.Find(bucket, default))!.Get(BucketSettings.Lifecycle);

    [Theory]
    [InlineData("new-location")]
    [InlineData("new-location?type=s3")]
    [InlineData("locations/far")]
    [InlineData("locations/far/edit")]
    [InlineData("locations/far/remove")]
    [InlineData("mirrors")]
    [InlineData("tasks")]
    [InlineData("tasks/retry.far")]
    [InlineData("timers")]
    [InlineData("reports")]
    [InlineData("reports/b/far/1")]
    [InlineData("reports/b/far/1/json")]
    public async Task What_is_the_installations_is_not_shown_to_others(string page)
    {
        var other = await server.SignedIn(server.Other);
        var answer = await other.Get(page);
        Assert.Equal(403, answer.Status);
        Assert.Contains("You may not do this", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_start_pause_and_change_nothing_of_it()
    {
        var other = await server.SignedIn(server.Other);
        await other.Get("workflows");
        Assert.Equal(403, (await other.Post("new-location?type=s3", "do", "add", "name", "theirs")).Status);
        Assert.Equal(403, (await other.Post("locations/far", "do", "pause", "service", "crr")).Status);
        Assert.Equal(403, (await other.Post("locations/far", "do", "check")).Status);
        Assert.Equal(403, (await other.Post("locations/far/remove", "name", "far")).Status);
        Assert.Equal(403, (await other.Post("new-task?purpose=collect")).Status);
        Assert.Equal(403, (await other.Post("new-task?purpose=lifecycle", "hours", "24")).Status);
        Assert.Equal(403, (await other.Post("tasks/collect.all", "do", "cancel")).Status);
        Assert.Equal(403, (await other.Post("timers", "id", "recount.all")).Status);
        Assert.Equal(403, (await other.Post("replication/failed?site=far", "all", "1")).Status);
        await foreach (var walk in server.Installation.Walks.All(null, default)) Assert.NotEqual("collect.all", walk.Id);
        Assert.Equal(2, (await server.Installation.Buckets.Locations.Names(default)).Count);
    }

    [Fact]
    public async Task A_secret_goes_in_and_never_comes_out()
    {
        const string Secret = "a-very-secret-key";
        var browser = await server.SignedIn(server.Root);
        string[] fields = ["name", "sealed", "endpoint", "http://127.0.0.1:9", "bucketName", "bucket", "accessKey", "KEY", "secretKey", Secret, "sizeLimitGB", "7"];
        await browser.Get("new-location?type=s3");
        var check = await browser.Post("new-location?type=s3", [.. fields, "do", "check"]);
        Assert.Contains("It does not work yet", check.Text, StringComparison.Ordinal);
        var refused = await browser.Post("new-location?type=s3", [.. fields, "do", "add", "concurrency", "1000"]);
        Assert.Equal(400, refused.Status);
        Assert.Contains("concurrency must be 1 to 64", refused.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"http://127.0.0.1:9\"", refused.Text, StringComparison.Ordinal);
        Assert.Equal(303, (await browser.Post("new-location?type=s3", [.. fields, "do", "add"])).Status);
        // Nothing said of the secret keeps it; what is left out otherwise goes.
        Assert.Equal(303, (await browser.Post("locations/sealed/edit", "do", "save", "endpoint", "http://127.0.0.1:9", "bucketName", "bucket", "accessKey", "OTHER")).Status);
        var kept = (await server.Installation.Locations.Get("sealed", default))!;
        Assert.Equal((true, "OTHER", null), (kept.Details.HasSecretKey, kept.Details.AccessKey, kept.SizeLimitGb));
        foreach (var text in new[] { check.Text, refused.Text, (await browser.Get("locations/sealed")).Text, (await browser.Get("locations/sealed/edit")).Text, (await browser.Get("locations")).Text })
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.Equal(400, (await browser.Post("locations/sealed/remove", "name", "far")).Status);
        Assert.Equal(303, (await browser.Post("locations/sealed/remove", "name", "sealed")).Status);
        Assert.Null(await server.Installation.Locations.Get("sealed", default));
    }

    [Fact]
    public async Task Rules_of_hostile_names_are_text_and_keep_what_no_form_knows()
    {
        var browser = await WithBucket(server.Root, "ruled");
        var bucket = (await server.Installation.Buckets.Find("ruled", default))!;
        var rule = new LifecycleRule
        {
            Id = Markup, Status = "Enabled", Filter = new() { And = new() { Prefix = $" {Markup}\n", Tags = [new() { Key = "a=b", Value = "c d" }], ObjectSizeLessThan = 5 } },
            Expiration = new() { Days = 9 }, Transitions = [new() { Days = 1, StorageClass = "far" }, new() { Days = 2, StorageClass = "GLACIER" }],
        };
        await server.Installation.Buckets.Change<LifecycleSetting>(bucket, BucketSettings.Lifecycle, _ => new LifecycleSetting { Rules = [rule] }, default);
        var edit = $"workflows/lifecycle?bucket=ruled&rule={Uri.EscapeDataString(Markup)}";
        foreach (var page in new[]
        {
            "workflows?bucket=ruled", "workflows", edit, $"workflows/delete?bucket=ruled&kind=lifecycle&rule={Uri.EscapeDataString(Markup)}", $"workflows?bucket={Uri.EscapeDataString(Markup)}",
            $"workflows/replication?bucket={Uri.EscapeDataString(Markup)}", $"new-task?purpose=verify&bucket={Uri.EscapeDataString(Markup)}", $"tasks?bucket={Uri.EscapeDataString(Markup)}", $"tasks/{Uri.EscapeDataString(Markup)}",
            $"reports?bucket={Uri.EscapeDataString(Markup)}", $"locations/{Uri.EscapeDataString(Markup)}", $"new-location?type={Uri.EscapeDataString(Markup)}", $"timers?set={Uri.EscapeDataString(Markup)}",
        })
        {
            var text = (await browser.Get(page)).Text;
            Assert.DoesNotContain("<img", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<svg onload", text, StringComparison.OrdinalIgnoreCase);
        }
        var form = (await browser.Get(edit)).Text;
        var saved = await browser.Post(edit, [.. Fields(form), "do", "save", "old-days", "3"]);
        Assert.True(saved.Status == 303, saved.Text);
        var after = Assert.Single((await Lifecycle("ruled"))!.Rules);
        Assert.Equal((Markup, $" {Markup}\n", "a=b", "c d", 5L, 9, 3), (after.Id, after.Filter!.And!.Prefix, after.Filter.And.Tags[0].Key, after.Filter.And.Tags[0].Value, after.Filter.And.ObjectSizeLessThan, after.Expiration!.Days, after.NoncurrentExpiration!.NoncurrentDays));
        Assert.Equal([("far", 1), ("GLACIER", 2)], after.Transitions.Select(each => (each.StorageClass, each.Days!.Value)));

        // The page is older than the rule now.
        var stale = await browser.Post(edit, [.. Fields(form), "do", "save", "old-days", "4"]);
        Assert.Equal(409, stale.Status);
        Assert.Contains("Somebody changed this workflow meanwhile", stale.Text, StringComparison.Ordinal);
        Assert.Equal(3, (await Lifecycle("ruled"))!.Rules[0].NoncurrentExpiration!.NoncurrentDays);
    }

    [Fact]
    public async Task Workflows_are_told_and_changed_as_policies_of_the_bucket_say()
    {
        var root = await WithBucket(server.Root, "guarded");
        Assert.Equal(303, (await root.Post("workflows/lifecycle?for=delete", "do", "save", "bucket", "guarded", "prefix", "logs/", "days", "30", "enabled", "1")).Status);
        var list = (await root.Get("workflows?bucket=guarded")).Text;
        Assert.Contains("Objects under logs/ are deleted 30 days after they were written.", list, StringComparison.Ordinal);
        var (id, was) = (Field(list, "rule"), Field(list, "was"));

        var other = await server.SignedIn(server.Other);
        Assert.DoesNotContain("guarded", (await other.Get("workflows")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await other.Get("workflows?bucket=guarded")).Status);
        Assert.Equal(403, (await other.Get($"workflows/delete?bucket=guarded&kind=lifecycle&rule={id}")).Status);
        Assert.Equal(403, (await other.Post("workflows/lifecycle?for=delete", "do", "save", "bucket", "guarded", "days", "1", "enabled", "1")).Status);
        Assert.Equal(403, (await other.Post("workflows", "bucket", "guarded", "kind", "lifecycle", "rule", id, "was", was, "do", "off")).Status);

        var reader = await server.SignedIn(await server.User("rule-reader", """["s3:GetLifecycleConfiguration","s3:GetReplicationConfiguration"]""", "\"arn:aws:s3:::guarded\""));
        Assert.Contains("zenko:ListWorkflows", (await reader.Get("workflows")).Text, StringComparison.Ordinal);
        Assert.Contains("Objects under logs/", (await reader.Get("workflows?bucket=guarded")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await reader.Post("workflows", "bucket", "guarded", "kind", "lifecycle", "rule", id, "was", was, "do", "off")).Status);
        Assert.Equal(403, (await reader.Post($"workflows/delete?bucket=guarded&kind=lifecycle&rule={id}", "was", was)).Status);
        Assert.Equal("Enabled", Assert.Single((await Lifecycle("guarded"))!.Rules).Status);

        Assert.Equal(400, (await root.Post("workflows/lifecycle?for=delete", "do", "save", "bucket", "guarded")).Status);
        Assert.Equal(400, (await root.Post("workflows/lifecycle?for=delete", "do", "save", "bucket", "guarded", "days", "1", "tags", "no tag")).Status);
        Assert.Equal(303, (await root.Post("workflows", "bucket", "guarded", "kind", "lifecycle", "rule", id, "was", was, "do", "off")).Status);
        Assert.Equal("Disabled", Assert.Single((await Lifecycle("guarded"))!.Rules).Status);
        Assert.Equal(409, (await root.Post($"workflows/delete?bucket=guarded&kind=lifecycle&rule={id}", "was", was)).Status);
        was = Field((await root.Get($"workflows/delete?bucket=guarded&kind=lifecycle&rule={id}")).Text, "was");
        Assert.Equal(303, (await root.Post($"workflows/delete?bucket=guarded&kind=lifecycle&rule={id}", "was", was)).Status);
        Assert.Null(await Lifecycle("guarded"));
    }

    private static string Field(string page, string name) => WebUtility.HtmlDecode(Regex.Match(page, $"name=\"{name}\" value=\"([^\"]*)\"").Groups[1].Value);

    /// <summary>What a browser would send of the first form of a page's main part, but for the token.</summary>
    private static IEnumerable<string> Fields(string page)
    {
        var form = Regex.Match(page[page.IndexOf("<main", StringComparison.Ordinal)..], "<form.*?</form>", RegexOptions.Singleline).Value;
        foreach (Match input in Regex.Matches(form, "<input [^>]*?name=\"(?<name>[^\"]+)\"[^>]*>"))
        {
            var name = input.Groups["name"].Value;
            if (name is "form" or "old-days" || input.Value.Contains("type=\"checkbox\"", StringComparison.Ordinal) && !input.Value.Contains("checked", StringComparison.Ordinal)) continue;
            yield return name;
            yield return WebUtility.HtmlDecode(Regex.Match(input.Value, "value=\"([^\"]*)\"").Groups[1].Value);
        }
        foreach (Match area in Regex.Matches(form, "<textarea [^>]*?name=\"([^\"]+)\"[^>]*>([^<]*)</textarea>"))
        {
            yield return area.Groups[1].Value;
            yield return WebUtility.HtmlDecode(area.Groups[2].Value);
        }
        foreach (Match select in Regex.Matches(form, "<select [^>]*?name=\"([^\"]+)\".*?</select>", RegexOptions.Singleline))
        {
            yield return select.Groups[1].Value;
            yield return WebUtility.HtmlDecode(Regex.Matches(select.Value, "<option value=\"([^\"]*)\"( selected)?").FirstOrDefault(option => option.Groups[2].Success)?.Groups[1].Value ?? "");
        }
    }
}
