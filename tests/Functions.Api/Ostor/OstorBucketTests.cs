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
        Assert.Equal(("listed-bucket", id, 0), (bucket.GetProperty("name").GetString(), bucket.GetProperty("owner_id").GetString(), bucket.GetProperty("epoch").GetInt32()));
        Assert.True(DateTimeOffset.UtcNow - bucket.GetProperty("creation_date").GetDateTimeOffset() < TimeSpan.FromMinutes(5));
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

    [Fact]
    public async Task Settings_say_what_is_and_can_be_set_to_nothing_else()
    {
        var settings = await server.Get("/?ostor-settings");
        Assert.Equal(["cfg.autosplit.enabled", "ostor.default_cors.enabled"], settings.EnumerateObject().Select(each => each.Name));
        Assert.Equal(200, (await server.Send("PUT", "/?ostor-settings&name=ostor.default_cors.enabled&value=0")).Status);
        Assert.Equal("NotImplemented", (await server.Send("PUT", "/?ostor-settings&name=ostor.default_cors.enabled&value=1")).Code);
        Assert.Equal("NotImplemented", (await server.Send("PUT", "/?ostor-settings&name=OS.max_size&value=1")).Code);
    }
}
