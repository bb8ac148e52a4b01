using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>ostor-buckets, ostor-quotas and ostor-settings.</summary>
public sealed class OstorBucketTests(OstorServer server) : IClassFixture<OstorServer>
{
    [Fact]
    public async Task Buckets_are_listed_with_what_they_hold_and_have_held_in_this_hour()
    {
        var (id, key) = await server.NewUser("buckets@example.com");
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/listed-bucket")).Status);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/listed-bucket/key", new('x', 1000))).Status);
        var hour = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 3600;

        var mine = (await server.Get("/?ostor-buckets&emailAddress=buckets@example.com")).GetProperty("Buckets");
        var bucket = Assert.Single(mine.EnumerateArray());
        Assert.Equal(["size", "epoch", "owner_id", "name", "creation_date"], bucket.EnumerateObject().Select(each => each.Name));
        Assert.Equal(("listed-bucket", id), (bucket.GetProperty("name").GetString(), bucket.GetProperty("owner_id").GetString()));
        Assert.True(DateTimeOffset.UtcNow - bucket.GetProperty("creation_date").GetDateTimeOffset() < TimeSpan.FromMinutes(5));
        Assert.Equal(bucket.GetProperty("creation_date").GetDateTimeOffset().ToUnixTimeSeconds(), bucket.GetProperty("epoch").GetInt64());
        var size = bucket.GetProperty("size");
        Assert.Equal((1000, 1000), (size.GetProperty("current").GetInt64(), size.GetProperty("hmax").GetInt64()));
        Assert.InRange(size.GetProperty("last_ts").GetInt64(), hour, hour + 1);
        Assert.InRange(size.GetProperty("h_integral").GetDecimal(), 0, 1000 * 3600);

        var names = (await server.Get("/?ostor-buckets")).GetProperty("Buckets").EnumerateArray().Select(each => each.GetProperty("name").GetString()).ToList();
        Assert.Contains("listed-bucket", names);
        Assert.Contains("kept", names);
        Assert.Equal(404, (await server.Send("GET", "/?ostor-buckets&emailAddress=nobody@example.com")).Status);
    }

    [Fact]
    public async Task A_buckets_quota_is_told_in_GB_and_is_the_one_that_S3_knows()
    {
        Assert.Null((await server.Installation.Buckets.Create("bounded", server.System.Account, "", default)).Refusal);
        Assert.Equal("NoSuchQuota", (await server.Send("GET", "/?ostor-quotas&bucket=bounded")).Code);
        var put = await server.Send("PUT", "/?ostor-quotas&bucket=bounded&quota-size=1024");
        Assert.Equal((200, ""), (put.Status, put.Text));
        Assert.Equal("""{"version":"1","type":"bucket","size":"1024"}""", (await server.Send("GET", "/?ostor-quotas&bucket=bounded")).Text);
        Assert.Equal(1024L << 30, (await server.Installation.Buckets.Find("bounded", default))!.Get(BucketSettings.Quota)!.Bytes);
        var deleted = await server.Send("DELETE", "/?ostor-quotas&bucket=bounded");
        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        Assert.Equal("NoSuchQuota", (await server.Send("GET", "/?ostor-quotas&bucket=bounded")).Code);
    }

    [Theory]
    [InlineData("emailAddress=quota@example.com", "user")]
    [InlineData("id={id}", "user")]
    [InlineData("default=user", "user")]
    [InlineData("default=bucket", "bucket")]
    public async Task Quotas_of_users_and_default_quotas_are_set_told_and_taken_away(string of, string type)
    {
        if (await server.Installation.Accounts.FindByEmail("quota@example.com", default) is null) await server.NewUser("quota@example.com");
        var id = OstorIds.Of((await server.Installation.Accounts.FindByEmail("quota@example.com", default))!);
        var target = "/?ostor-quotas&" + of.Replace("{id}", id, StringComparison.Ordinal);
        Assert.Equal((404, "NoSuchQuota"), Outcome(await server.Send("GET", target)));
        foreach (var size in new[] { "1024", "3" })
        {
            var put = await server.Send("PUT", $"{target}&quota-size={size}");
            Assert.Equal((200, ""), (put.Status, put.Text));
            Assert.Equal($$"""{"version":"1","type":"{{type}}","size":"{{size}}"}""", (await server.Send("GET", target)).Text);
        }
        var deleted = await server.Send("DELETE", target);
        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        Assert.Equal((404, "NoSuchQuota"), Outcome(await server.Send("GET", target)));
        Assert.Equal(204, (await server.Send("DELETE", target)).Status);
    }

    [Fact]
    public async Task Writes_over_a_users_quota_are_refused_in_all_of_its_buckets_whichever_way_it_was_said()
    {
        var (id, key) = await server.NewUser("full@example.com");
        var account = (await server.Installation.Accounts.FindByEmail("full@example.com", default))!;
        Assert.Null((await server.Installation.BlobAccounts.Create(new() { Name = "fullacct", OwnerId = account.Id, Location = "", Created = default }, default)).Refusal);
        foreach (var bucket in new[] { "full-one", "full-two" }) Assert.Equal(200, (await server.SendAs(key, "PUT", "/" + bucket)).Status);
        Assert.Null((await server.Installation.Accounts.ChangeQuota(account.Id, 1000, default)).Refusal);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/full-one/key", new('x', 600))).Status);
        Assert.Equal("QuotaExceeded", (await server.SendAs(key, "PUT", "/full-two/key", new('x', 401))).Code);
        Assert.Equal(404, (await server.SendAs(key, "GET", "/full-two/key")).Status);
        await using var other = await OstorServer.Serve(server.Installation);
        Assert.NotEqual(201, (await server.SendBlob(other.Address, "PUT", "/fullacct/full-two/blob", new('x', 401))).Status);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/full-two/key", new('x', 400))).Status);
        Assert.Equal(204, (await server.SendAs(key, "DELETE", "/full-one/key")).Status);
        Assert.Equal(201, (await server.SendBlob(other.Address, "PUT", "/fullacct/full-two/blob", new('x', 401))).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/?ostor-quotas&id=" + id)).Status);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/full-one/key", new('x', 2000))).Status);
    }

    private static (int, string?) Outcome(Operations.Answer answer) => (answer.Status, answer.Code);

    [Fact]
    public async Task Settings_say_what_is_and_what_has_no_meaning_here_can_be_set_to_nothing_else()
    {
        var settings = await server.Get("/?ostor-settings");
        Assert.Equal(["cfg.autosplit.enabled", "ostor.default_cors.enabled"], settings.EnumerateObject().Select(each => each.Name));
        Assert.Equal(["0", "0"], settings.EnumerateObject().Select(each => each.Value.GetString()));
        Assert.Equal(200, (await server.Send("PUT", "/?ostor-settings&name=cfg.autosplit.enabled&value=0")).Status);
        Assert.Equal("NotImplemented", (await server.Send("PUT", "/?ostor-settings&name=cfg.autosplit.enabled&value=1")).Code);
        Assert.Equal("NotImplemented", (await server.Send("PUT", "/?ostor-settings&name=OS.max_size&value=1")).Code);
    }

    [Fact]
    public async Task Buckets_without_rules_of_their_own_can_be_opened_to_pages_of_every_origin()
    {
        foreach (var bucket in new[] { "cors-usual", "cors-own" }) Assert.Null((await server.Installation.Buckets.Create(bucket, server.System.Account, "", default)).Refusal);
        var own = new CorsSetting([new CorsRule { Origins = ["https://own.test"], Methods = ["GET"] }]);
        Assert.Null((await server.Installation.Buckets.Change<CorsSetting>((await server.Installation.Buckets.Find("cors-own", default))!, BucketSettings.Cors, _ => own, default)).Refusal);
        Assert.Equal((403, null), await Preflight("cors-usual", "DELETE"));
        Assert.Equal(200, (await server.Send("PUT", "/?ostor-settings&name=ostor.default_cors.enabled&value=1")).Status);
        try
        {
            Assert.Equal("1", (await server.Get("/?ostor-settings")).GetProperty("ostor.default_cors.enabled").GetString());
            foreach (var verb in new[] { "GET", "HEAD", "PUT", "POST", "DELETE" }) Assert.Equal((200, "*"), await Preflight("cors-usual", verb));
            Assert.Equal((403, null), await Preflight("cors-own", "GET"));
            var read = await server.Send(server.Request("GET", "/cors-usual/key").With("Origin", "https://any.test"));
            Assert.Equal((403, "*"), (read.Status, read.Header("Access-Control-Allow-Origin"))); // it may read the refusal, no more
        }
        finally
        {
            Assert.Equal(200, (await server.Send("PUT", "/?ostor-settings&name=ostor.default_cors.enabled&value=0")).Status);
        }
        Assert.Equal((403, null), await Preflight("cors-usual", "GET"));

        async Task<(int, string?)> Preflight(string bucket, string verb)
        {
            var answer = await server.Send(server.Request("OPTIONS", $"/{bucket}/key").With("Origin", "https://any.test").With("Access-Control-Request-Method", verb));
            return (answer.Status, answer.Header("Access-Control-Allow-Origin"));
        }
    }
}
