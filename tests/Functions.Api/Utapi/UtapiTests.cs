using System.Text;
using System.Text.Json;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Ostor;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Utapi;

/// <summary>ListMetrics: what was counted, to whom it may concern, and every way to ask wrongly.</summary>
public sealed class UtapiTests(MeasuredServer measured) : IClassFixture<MeasuredServer>
{
    private const string Query = "?Action=ListMetrics&Version=20160815";

    private OstorServer Server => measured.Server;

    private CountedTraffic Traffic => measured.Traffic;

    private long Start => measured.Start;

    private string Times => $"\"timeRange\":[{Start},{Start + 1_799_999}]";

    private Task<Answer> Ask(AccessKey key, string path, string body, string query = Query) => Server.SendAs(key, "POST", path + query, body);

    private static (int Status, string? Code) Outcome(Answer answer) =>
        (answer.Status, answer.Status == 200 ? null : OstorServer.Json(answer).GetProperty("code").GetString());

    private static long Of(JsonElement metric, string operation) => metric.GetProperty("operations").GetProperty(operation).GetInt64();

    /// <summary>What the mix says, by the items of a bucket or a user.</summary>
    private (long Uploaded, long Downloaded) Sum(Func<(string Bucket, string User), bool> which)
    {
        var items = Traffic.Items.Where(item => which((item.Item1, item.Item2))).Select(item => item.Item3.Split(' ').Select(long.Parse).ToArray()).ToList();
        return (items.Sum(item => item[4]), items.Sum(item => item[5]));
    }

    [Fact]
    public async Task Each_level_tells_exactly_what_was_done()
    {
        var answer = await Ask(Traffic.Key, "/buckets", $$"""{"buckets":["measured"],{{Times}}}""");
        Assert.True(answer.Status == 200, answer.Text);
        var bucket = Assert.Single(OstorServer.Json(answer).EnumerateArray());
        Assert.Equal(["bucketName", "timeRange", "storageUtilized", "incomingBytes", "outgoingBytes", "numberOfObjects", "operations"], bucket.EnumerateObject().Select(each => each.Name));
        Assert.Equal("measured", bucket.GetProperty("bucketName").GetString());
        Assert.Equal($"[{Start},{Start + 1_799_999}]", bucket.GetProperty("timeRange").GetRawText());
        var sums = Sum(item => item.Bucket == "measured");
        Assert.Equal((sums.Uploaded + 300, sums.Downloaded), (bucket.GetProperty("incomingBytes").GetInt64(), bucket.GetProperty("outgoingBytes").GetInt64()));
        Assert.Equal("[0,300]", bucket.GetProperty("storageUtilized").GetRawText());
        Assert.Equal("[0,1]", bucket.GetProperty("numberOfObjects").GetRawText());
        // As Zenko calls them; and those that were not asked for are there, too.
        foreach (var (operation, count) in new[]
        {
            ("s3:PutObject", 2), ("s3:GetObject", 3), ("s3:HeadObject", 1), ("s3:PutObjectTagging", 1), ("s3:ListBucket", 1), ("s3:ListBucketMultipartUploads", 1),
            ("s3:GetBucketVersioning", 1), ("s3:PutBucketPolicy", 1), ("s3:DeleteObject", 1), ("s3:CopyObject", 0), ("s3:InitiateMultipartUpload", 0),
        }) Assert.True(count == Of(bucket, operation), $"{operation}: {bucket.GetProperty("operations")}");

        var account = OstorServer.Json(await Ask(Server.System, "/accounts", $$"""{"accounts":["000000000000","{{Server.System.Account.Id}}"],{{Times}}}""", "?Action=ListMetrics"));
        var system = Assert.Single(account.EnumerateArray());
        Assert.Equal(Server.System.Account.Id, system.GetProperty("accountId").GetString());
        Assert.Equal((1, 1, 1, 1), (Of(system, "blob:PutBlob"), Of(system, "blob:GetBlob"), Of(system, "blob:ListBlobs"), Of(system, "s3:CreateBucket")));

        foreach (var path in new[] { "/", "/service" })
        {
            var service = OstorServer.Json(await Ask(Server.System, path, $$"""{"service":"s3",{{Times}}}"""));
            sums = Sum(_ => true);
            Assert.Equal(("s3", sums.Uploaded + 300, sums.Downloaded), (service.GetProperty("serviceName").GetString(), service.GetProperty("incomingBytes").GetInt64(), service.GetProperty("outgoingBytes").GetInt64()));
            Assert.Equal(300, service.GetProperty("storageUtilized")[1].GetInt64());
        }
        // Without an end it is until now, and what is not written yet is there, too.
        Assert.Equal(200, (await Server.SendAs(Traffic.Key, "GET", "/measured?versioning")).Status);
        bucket = OstorServer.Json(await Ask(Traffic.Key, "/buckets", $$"""{"buckets":["measured"],"timeRange":[{{Start + 1_800_000}}]}"""))[0];
        Assert.Equal((1, 0), (Of(bucket, "s3:GetBucketVersioning"), Of(bucket, "s3:PutObject")));
        Assert.Equal("[300,300]", bucket.GetProperty("storageUtilized").GetRawText());
    }

    [Fact]
    public async Task Accounts_see_what_is_theirs_and_users_what_their_policies_allow()
    {
        var account = (await Server.Installation.Accounts.FindByEmail("measured@example.com", default))!;
        string Buckets(params string[] names) => $$"""{"buckets":[{{string.Join(',', names.Select(name => $"\"{name}\""))}}],{{Times}}}""";
        Assert.Equal((403, "AccessDenied"), Outcome(await Ask(Server.Ordinary, "/buckets", Buckets("measured"))));
        Assert.Equal((403, "AccessDenied"), Outcome(await Ask(Server.System, "/buckets", Buckets("nothing"))));
        Assert.Equal((403, "AccessDenied"), Outcome(await Ask(Server.Ordinary, "/accounts", $$"""{"accounts":["{{account.Id}}"],{{Times}}}""")));
        Assert.Equal((403, "AccessDenied"), Outcome(await Ask(Traffic.Key, "/service", $$"""{"service":"s3",{{Times}}}""")));
        // What is not the sender's is left out where something is.
        Assert.Equal(["kept"], Told(await Ask(Server.Ordinary, "/buckets", Buckets("measured", "kept", "nothing"))));
        Assert.Equal(["measured", "kept"], Told(await Ask(Server.System, "/buckets", Buckets("measured", "kept"))));
        Assert.Equal(200, (await Ask(Traffic.Key, "/accounts", $$"""{"accounts":["{{account.CanonicalId}}"],{{Times}}}""")).Status);

        var user = (await Server.Installation.Accounts.CreateUser(account, "watcher", default)).Value;
        var key = (await Server.Installation.Accounts.CreateKey(account, user, null, null, default)).Value;
        Assert.Equal((403, "AccessDenied"), Outcome(await Ask(key, "/buckets", Buckets("measured"))));
        Assert.Null((await Server.Installation.Accounts.PutUserPolicy(account, "watcher", new("p", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"utapi:ListMetrics","Resource":["arn:scality:utapi:::buckets/measured","arn:scality:utapi:::users/*"]}]}"""), default)).Refusal);
        Assert.Equal(["measured"], Told(await Ask(key, "/buckets", Buckets("measured"))));
        Assert.Equal((403, "AccessDenied"), Outcome(await Ask(key, "/accounts", $$"""{"accounts":["{{account.Id}}"],{{Times}}}""")));
        var users = $$"""{"users":["{{user.Id}}"],{{Times}}}""";
        Assert.Equal(200, (await Ask(key, "/users", users)).Status);
        Assert.Equal((403, "AccessDenied"), Outcome(await Ask(Server.Ordinary, "/users", users)));

        static IEnumerable<string?> Told(Answer answer) => OstorServer.Json(answer).EnumerateArray().Select(each => each.GetProperty("bucketName").GetString());
    }

    [Theory]
    [InlineData("/buckets", "?Action=", "{}", 400, "MissingAction")]
    [InlineData("/buckets", "?Action", "{}", 400, "MissingAction")]
    [InlineData("/buckets", "?Action=ListRecentMetrics", "{}", 400, "InvalidAction")]
    [InlineData("/buckets", "?Action=ListMetrics&Version=2006-03-01", "{}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", "?Action=ListMetrics&max-keys=1", "{}", 400, "InvalidQueryParameter")]
    [InlineData("/buckets", "?Action=ListMetrics&Action=ListMetrics", "{}", 404, "MalformedQueryString")]
    [InlineData("/buckets", Query, "", 400, "ValidationError")]
    [InlineData("/buckets", Query, "[]", 400, "ValidationError")]
    [InlineData("/buckets", Query, "{\"buckets\":", 400, "ValidationError")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"b\"],\"buckets\":[\"c\"]}", 400, "ValidationError")]
    [InlineData("/buckets", Query, "{\"timeRange\":[0]}", 400, "MissingParameter")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"]}", 400, "MissingParameter")]
    [InlineData("/buckets", Query, "{\"accounts\":[\"1\"],\"timeRange\":[0]}", 400, "InvalidParameterCombination")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"users\":[],\"timeRange\":[0]}", 400, "InvalidParameterCombination")]
    [InlineData("/buckets", Query, "{\"buckets\":\"measured\",\"timeRange\":[0]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[],\"timeRange\":[0]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[1],\"timeRange\":[0]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"\"],\"timeRange\":[0]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[0,1,2]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[\"0\"]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[1]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[900000.5]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[-900000]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[900000,899999]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[9000000000000]}", 400, "InvalidParameterValue")]
    [InlineData("/buckets", Query, "{\"buckets\":[\"measured\"],\"timeRange\":[0,9223372036854775807]}", 400, "InvalidParameterValue")]
    [InlineData("/service", Query, "{\"service\":\"ec2\",\"timeRange\":[0]}", 400, "InvalidParameterValue")]
    [InlineData("/", Query, "{\"service\":[\"s3\"],\"timeRange\":[0]}", 400, "InvalidParameterValue")]
    public async Task What_is_asked_wrongly_is_answered_by_Utapis_errors(string path, string query, string body, int status, string code) =>
        Assert.Equal((status, code), Outcome(await Ask(Server.System, path, body, query)));

    [Fact]
    public async Task A_hundred_names_are_the_most_and_bodies_are_bounded()
    {
        string Body(int names, int length = 1) => $$"""{"users":[{{string.Join(',', Enumerable.Repeat($"\"{new string('u', length)}\"", names))}}],{{Times}}}""";
        var answer = await Ask(Server.System, "/users", Body(100, 1024));
        Assert.Equal((200, 100), (answer.Status, OstorServer.Json(answer).GetArrayLength()));
        Assert.Equal((400, "InvalidParameterValue"), Outcome(await Ask(Server.System, "/users", Body(101))));
        Assert.Equal((400, "InvalidParameterValue"), Outcome(await Ask(Server.System, "/users", Body(1, 1025))));
        Assert.Equal((400, "EntityTooLarge"), Outcome(await Ask(Server.System, "/users", Body(100, 2000))));
    }

    [Fact]
    public async Task Only_version_4_signs_and_what_is_wrong_with_it_is_told()
    {
        var body = $$"""{"service":"s3",{{Times}}}""";
        SignedRequest Request()
        {
            var request = Server.Request("POST", "/service" + Query);
            request.Body = Encoding.UTF8.GetBytes(body);
            return request;
        }
        Signer By(string secret, DateTimeOffset? time = null) => new(Server.System.Id, secret, "us-east-1", time ?? DateTimeOffset.UtcNow);

        Assert.Equal((403, "MissingAuthenticationToken"), Outcome(await Server.Send(Request())));
        Assert.Equal((400, "InvalidRequest"), Outcome(await Server.Send(By(Server.System.Secret).SignV2(Request()))));
        Assert.Equal((403, "SignatureDoesNotMatch"), Outcome(await Server.Send(By("wrong").Sign(Request()))));
        Assert.Equal((400, "RequestExpired"), Outcome(await Server.Send(By(Server.System.Secret, DateTimeOffset.UtcNow.AddMinutes(-20)).Sign(Request()))));
        Assert.Equal((403, "IncompleteSignature"), Outcome(await Server.Send(Request().With("Authorization", "AWS4-HMAC-SHA256 Credential=x"))));
        Assert.Equal((403, "InvalidAccessKeyId"), Outcome(await Server.Send(new Signer("NOSUCHKEY", "x", "us-east-1", DateTimeOffset.UtcNow).Sign(Request()))));
        Assert.Equal(200, (await Server.Send(By(Server.System.Secret).Sign(Request()))).Status);
        var changed = By(Server.System.Secret).Sign(Request());
        changed.Body = Encoding.UTF8.GetBytes(body.Replace("s3", "s4", StringComparison.Ordinal));
        Assert.Equal((400, "XAmzContentSHA256Mismatch"), Outcome(await Server.Send(changed)));
    }

    [Fact]
    public async Task Buckets_may_be_called_so()
    {
        Assert.Equal(200, (await Server.SendAs(Server.System, "PUT", "/buckets")).Status);
        Assert.Equal(200, (await Server.SendAs(Server.System, "PUT", "/buckets/key?Action=ListMetrics", "text")).Status);
        Assert.Equal("text", (await Server.SendAs(Server.System, "GET", "/buckets/key?Action=ListMetrics")).Text);
        var deleted = await Server.SendAs(Server.System, "POST", "/buckets?delete", "<Delete><Object><Key>key</Key></Object></Delete>");
        Assert.Equal(200, deleted.Status);
        Assert.Contains("<Deleted>", deleted.Text, StringComparison.Ordinal);
        Assert.Equal(204, (await Server.SendAs(Server.System, "DELETE", "/buckets")).Status);
    }
}

/// <summary>A server that has had a known mix of requests, and a bucket with 300 bytes.</summary>
public sealed class MeasuredServer : IAsyncLifetime
{
    internal OstorServer Server { get; } = new();

    internal CountedTraffic Traffic { get; private set; } = null!;

    /// <summary>When the mix began, in milliseconds since 1970.</summary>
    internal long Start { get; private set; }

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        Traffic = new(Server);
        await Traffic.Begin();
        Start = Server.Clock.GetUtcNow().ToUnixTimeSeconds() / 1800 * 1_800_000;
        await Traffic.Send("measured");
        Assert.Equal(200, (await Server.SendAs(Traffic.Key, "PUT", "/measured/stays", new('x', 300))).Status);
        Server.Clock.Move(TimeSpan.FromSeconds(1900));
    }

    public Task DisposeAsync() => Server.DisposeAsync();
}
