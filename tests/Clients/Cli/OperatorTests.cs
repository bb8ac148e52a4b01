using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Cli;

/// <summary>What an operator does by <c>zenkofn</c>, against a running server.</summary>
[Trait("Speed", "Slow")]
public sealed class OperatorTests(Operator zenkofn) : IClassFixture<Operator>
{
    [Fact]
    public async Task An_account_is_made_disabled_enabled_and_deleted()
    {
        var email = zenkofn.NewName("sales") + "@example.com";
        var made = await zenkofn.Json("account", "create", email);
        var (id, key, secret) = (made.GetProperty("account").GetString()!, made.GetProperty("keys")[0].GetProperty("key").GetString()!, made.GetProperty("keys")[0].GetProperty("secret").GetString()!);
        (await zenkofn.As(key, secret, "bucket", "create", "of-" + id)).Succeeded();
        Assert.Matches($@"(?m)^{email} +{id} +[0-9a-f]{{16}} +enabled$", (await zenkofn.Run("account", "list")).Succeeded().Out);
        Assert.Matches($@"(?m)^of-{id} +{id} +.* 0$", (await zenkofn.Run("bucket", "list", "--all")).Succeeded().Out);
        Says(await zenkofn.Run("account", "delete", email), "owns buckets");
        Says(await zenkofn.As(key, secret, "account", "list"), "administrator", "--credentials");
        Says(await zenkofn.As(key, secret, "bucket", "show", "nobody-has-it"), "zenkofn bucket list");
        (await zenkofn.As(key, secret, "bucket", "delete", "of-" + id)).Succeeded();

        (await zenkofn.Run("account", "disable", id)).Succeeded();
        Assert.Equal(1, (await zenkofn.As(key, secret, "bucket", "list")).ExitCode);
        Assert.Equal("disabled", (await zenkofn.Json("account", "show", email)).GetProperty("state").GetString());
        (await zenkofn.Run("account", "enable", id)).Succeeded();
        var further = await zenkofn.Json("key", "create", "--account", email);
        (await zenkofn.Run("key", "delete", key, "--account", email)).Succeeded();
        Says(await zenkofn.As(key, secret, "bucket", "list"), "comes from", "--credentials");
        (await zenkofn.As(further.GetProperty("key").GetString()!, further.GetProperty("secret").GetString()!, "bucket", "list")).Succeeded();
        (await zenkofn.Run("account", "delete", email)).Succeeded();
        Says(await zenkofn.Run("account", "show", email), "zenkofn account list");
    }

    [Fact]
    public async Task A_system_account_administrates_by_ostors_API_but_does_not_make_others_such()
    {
        var made = await zenkofn.Json("account", "create", "ops@example.com", "--system");
        var (key, secret) = (made.GetProperty("keys")[0].GetProperty("key").GetString()!, made.GetProperty("keys")[0].GetProperty("secret").GetString()!);
        Assert.True((await zenkofn.Json("account", "show", "ops@example.com")).GetProperty("system").GetBoolean());
        (await zenkofn.As(key, secret, "account", "list")).Succeeded();
        Says(await zenkofn.As(key, secret, "account", "create", "more@example.com", "--system"), "No account was made");
        Assert.Equal(1, (await zenkofn.Run("account", "show", "more@example.com")).ExitCode);
    }

    [Fact]
    public async Task A_user_may_what_its_policy_allows_by_keys_that_can_be_disabled()
    {
        Assert.Equal("backup", (await zenkofn.Json("user", "create", "backup")).GetProperty("name").GetString());
        var made = await zenkofn.Json("key", "create", "--user", "backup");
        var (key, secret) = (made.GetProperty("key").GetString()!, made.GetProperty("secret").GetString()!);
        Says(await zenkofn.As(key, secret, "bucket", "list"), key, "--credentials");
        const string policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}""";
        Says(await zenkofn.Run("policy", "put", "read", await zenkofn.File("broken.json", "{"), "--user", "backup"), "no document of JSON");
        (await zenkofn.Run("policy", "put", "read", await zenkofn.File("policy.json", policy), "--user", "backup")).Succeeded();
        Assert.Equal(policy, (await zenkofn.Run("policy", "show", "read", "--user", "backup")).Succeeded().Out.TrimEnd());
        Assert.Equal("read", (await zenkofn.Json("policy", "list", "--user", "backup")).GetProperty("policies")[0].GetString());
        (await zenkofn.As(key, secret, "bucket", "list")).Succeeded();
        (await zenkofn.Run("key", "disable", key, "--user", "backup")).Succeeded();
        Assert.Matches($@"(?m)^{key} +disabled ", (await zenkofn.Run("key", "list", "--user", "backup")).Succeeded().Out);
        Assert.Equal(1, (await zenkofn.As(key, secret, "bucket", "list")).ExitCode);
        (await zenkofn.Run("user", "delete", "backup")).Succeeded();
        Assert.Equal(0, (await zenkofn.Json("user", "list")).GetProperty("users").GetArrayLength());
        Says(await zenkofn.Run("key", "list", "--user", "backup"), "zenkofn user list");
    }

    [Fact]
    public async Task A_bucket_is_shown_with_all_that_is_set_and_emptied_of_every_version_and_upload()
    {
        var bucket = zenkofn.NewName("photos");
        using var s3 = Sdk.Client(zenkofn.Server.Endpoint);
        (await zenkofn.Run("bucket", "create", bucket, "--versioning")).Succeeded();
        (await zenkofn.Run("quota", "set", "5", "--bucket", bucket)).Succeeded();
        (await zenkofn.Run("search", bucket, "--index", "x-amz-meta-color")).Succeeded();
        await s3.PutLifecycleConfigurationAsync(new()
        {
            BucketName = bucket,
            Configuration = new() { Rules = [new() { Id = "old", Status = LifecycleRuleStatus.Enabled, Filter = new() { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "tmp/" } }, Expiration = new() { Days = 3 } }] },
        });
        for (var i = 0; i < 2; i++)
            foreach (var key in (string[])["a/../b", "ü & <c>", "control\u0001", "line\r\nbreak"]) await s3.PutObjectAsync(new() { BucketName = bucket, Key = key, ContentBody = "12345" });
        await s3.DeleteObjectAsync(bucket, "ü & <c>");
        await s3.InitiateMultipartUploadAsync(bucket, "never/./done");

        var shown = await zenkofn.Json("bucket", "show", bucket);
        Assert.Equal(
            ("Enabled", 5L << 30, "old", "x-amz-meta-color"),
            (shown.GetProperty("versioning").GetString(), shown.GetProperty("quotaBytes").GetInt64(), shown.GetProperty("lifecycle")[0].GetProperty("id").GetString(), shown.GetProperty("indexed")[0].GetString()));
        Assert.Equal(5, (await zenkofn.Json("quota", "show", "--bucket", bucket)).GetProperty("gigabytes").GetDecimal());
        Assert.Matches(@"^bucket \S+  no quota", (await zenkofn.Run("quota", "remove", "--bucket", bucket)).Succeeded().Out);

        Says(await zenkofn.Run("bucket", "delete", bucket), "zenkofn bucket empty");
        Says(await zenkofn.Type("photo\n", "bucket", "empty", bucket), "Nothing was removed");
        Assert.Equal(9, (await s3.ListVersionsAsync(bucket)).Versions.Count);
        Assert.Contains("9 versions removed, 1 uploads ended.", (await zenkofn.Type(bucket + "\n", "bucket", "empty", bucket)).Succeeded().Out, StringComparison.Ordinal);
        (await zenkofn.Run("bucket", "delete", bucket)).Succeeded();
        Says(await zenkofn.Run("bucket", "show", bucket), "zenkofn bucket list");
    }

    [Fact]
    public async Task What_is_locked_stays_when_a_bucket_is_emptied_and_is_told()
    {
        var bucket = zenkofn.NewName("records");
        using var s3 = Sdk.Client(zenkofn.Server.Endpoint);
        Assert.True((await zenkofn.Json("bucket", "create", bucket, "--lock")).GetProperty("objectLock").GetBoolean());
        await s3.PutObjectAsync(new() { BucketName = bucket, Key = "free", ContentBody = "1" });
        await s3.PutObjectAsync(new() { BucketName = bucket, Key = "locked", ContentBody = "1", ObjectLockMode = ObjectLockMode.Governance, ObjectLockRetainUntilDate = DateTime.UtcNow.AddDays(1) });
        var ran = await zenkofn.Run("bucket", "empty", bucket, "--yes", "--json");
        var done = Operator.Parsed(ran);
        Assert.Equal((4, 1, 1), (ran.ExitCode, done.GetProperty("removed").GetInt32(), done.GetProperty("kept").GetInt32()));
        Assert.Contains("locked", ran.Err, StringComparison.Ordinal);
        Assert.Equal("locked", Assert.Single((await s3.ListVersionsAsync(bucket)).Versions).Key);
    }

    [Fact]
    public async Task Quotas_and_limits_of_accounts_and_buckets_are_set_shown_and_removed()
    {
        (await zenkofn.Run("account", "create", "bounded@example.com")).Succeeded();
        string[] account = ["--account", "bounded@example.com"];
        Assert.Equal(7, (await zenkofn.Json(["quota", "set", "7", .. account])).GetProperty("gigabytes").GetDecimal());
        Assert.Matches("^account bounded@example.com  7 GB", (await zenkofn.Run(["quota", "show", .. account])).Succeeded().Out);
        Assert.False((await zenkofn.Json(["quota", "remove", .. account])).TryGetProperty("gigabytes", out _));
        (await zenkofn.Run("quota", "set", "50", "--default", "bucket")).Succeeded();
        Assert.Equal(50, (await zenkofn.Json("quota", "show", "--default", "bucket")).GetProperty("gigabytes").GetDecimal());
        (await zenkofn.Run("quota", "remove", "--default", "bucket")).Succeeded();

        Assert.Matches("no limits", (await zenkofn.Run(["limits", "show", .. account])).Succeeded().Out);
        var limits = (await zenkofn.Json(["limits", "set", .. account, "--default", "6000", "--put", "600", "--out", "100"])).GetProperty("limits");
        Assert.Equal(("6000.00", "600.00", "6000.00"), (limits.GetProperty("ops:default").GetString(), limits.GetProperty("ops:put").GetString(), limits.GetProperty("ops:list").GetString()));
        Assert.StartsWith("100", limits.GetProperty("bandwidth:out").GetString(), StringComparison.Ordinal);
        Assert.Contains("ops:put=600.00ops/s", (await zenkofn.Run("s3-admin", "query-limits", "-e", "bounded@example.com")).Succeeded().Out, StringComparison.Ordinal);
        (await zenkofn.Run(["limits", "remove", .. account])).Succeeded();
        Assert.False((await zenkofn.Json(["limits", "show", .. account])).TryGetProperty("limits", out _));
        Says(await zenkofn.Run("limits", "show", "--bucket", "nobody-has-it"), "zenkofn bucket list");
    }

    [Fact]
    public async Task A_setting_is_changed_and_reset_while_the_server_runs()
    {
        Assert.Equal("true", (await zenkofn.Json("settings", "set", "ostor.sigv4", "true")).GetProperty("value").GetString());
        (await zenkofn.Run("account", "list")).Succeeded(); // signed by version 4
        Assert.Matches(@"(?m)^ostor.sigv4 +true +false ", (await zenkofn.Run("settings", "list")).Succeeded().Out);
        Assert.Equal("false", (await zenkofn.Json("settings", "reset", "ostor.sigv4")).GetProperty("value").GetString());
        Says(await zenkofn.Run("settings", "set", "no.such", "1"), "no.such", "zenkofn settings list");
    }

    [Fact]
    public async Task The_server_and_its_keys_are_found_and_what_is_missing_is_told()
    {
        using var scratch = new Scratch();
        var here = new Dictionary<string, string> { ["ZENKOFN_ENDPOINT"] = zenkofn.Server.Endpoint, ["AWS_ACCESS_KEY_ID"] = "", ["AWS_SECRET_ACCESS_KEY"] = "", ["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(zenkofn.Server.Data, "root-credentials") };
        (await Operator.RunAny(["account", "list"], environment: here)).Succeeded();
        here["ZENKOFN_ENDPOINT"] = "localhost";
        Says(await Operator.RunAny(["account", "list"], environment: here), "ZENKOFN_ENDPOINT", "http(s)://");
        Says(await zenkofn.Run("account", "list", "--region", "eu-west-9"), "--region");
        Says(await zenkofn.As(ServerProcess.AccessKey, "wrong", "bucket", "list"), ServerProcess.AccessKey, "--credentials");
        Says(await Operator.RunAny(["account", "list", "--data", scratch["none"]]), scratch["none"], "zenkofn serve --data");
        Says(await zenkofn.Run("account", "list", "--endpoint", "http://127.0.0.1:9"), "127.0.0.1:9", "--endpoint names", "zenkofn serve");
        Assert.Equal(2, (await zenkofn.Run("quota", "show")).ExitCode);
        Assert.Equal(2, (await zenkofn.Run("quota", "show", "--bucket", "a", "--account", "b@c")).ExitCode);
    }

    private static void Says(Ran ran, params string[] words)
    {
        Assert.True(ran.ExitCode == 1 && ran.Err.StartsWith("zenkofn: ", StringComparison.Ordinal) || ran.Err.Contains("Type its name", StringComparison.Ordinal), $"{ran.Line}\n{ran.ExitCode}\n{ran.Out}\n{ran.Err}");
        Assert.All(words, word => Assert.Contains(word, ran.Err, StringComparison.Ordinal));
    }
}
