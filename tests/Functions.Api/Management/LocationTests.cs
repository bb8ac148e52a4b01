using System.Diagnostics;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>Locations by the management API.</summary>
public sealed class LocationTests(TwoClouds clouds) : IClassFixture<TwoClouds>, IAsyncLifetime
{
    private const string Locations = "/_/management/locations", Checks = "/_/management/location-checks";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        clouds.Network.Always(null);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_location_is_added_told_changed_and_removed()
    {
        var added = await clouds.Add("cycle", document => document["sizeLimitGB"] = 5);
        Assert.Equal(201, added.Status);
        Assert.Equal("cycle", (string?)Json(added)["name"]);
        var told = Json(await clouds.Near.Send("GET", Locations + "/cycle"));
        Assert.Equal((5, true, "cycle"), ((int?)told["sizeLimitGB"], (bool?)told["details"]!["hasSecretKey"], (string?)told["details"]!["bucketName"]));
        Assert.Contains("cycle", Json(await clouds.Near.Send("GET", Locations))["locations"]!.AsArray().Select(each => (string?)each!["name"]));

        told["sizeLimitGB"] = 7;
        var changed = await clouds.Near.Send("PUT", Locations + "/cycle", told.ToJsonString());
        Assert.Equal((200, 7), (changed.Status, (int?)Json(changed)["sizeLimitGB"]));
        Assert.True((bool?)Json(await clouds.Near.Send("POST", Locations + "/cycle/check"))["ok"]);

        Assert.Equal(204, (await clouds.Near.Send("DELETE", Locations + "/cycle")).Status);
        Assert.Equal((404, "NoSuchLocation"), await Refusal("GET", "/cycle"));
    }

    [Fact]
    public async Task No_answer_tells_the_secret_and_nothing_that_is_kept_does()
    {
        var answers = new List<Answer>
        {
            await clouds.Add("secretive"),
            await clouds.Near.Send("GET", Locations + "/secretive"),
            await clouds.Near.Send("GET", Locations),
            await clouds.Near.Send("POST", Locations + "/secretive/check"),
            await clouds.Near.Send("POST", Locations, clouds.Document("SECRETIVE", "x").ToJsonString()),
            await clouds.Near.Send("POST", Locations, "{\"details\":{\"secretKey\":{\"" + clouds.Far.Key.Secret + "\":1}}}"),
        };
        Assert.All(answers, answer => Assert.DoesNotContain(clouds.Far.Key.Secret, answer.Text, StringComparison.Ordinal));
        await foreach (var content in clouds.Near.Kept())
            Assert.True(content.Span.IndexOf(System.Text.Encoding.ASCII.GetBytes(clouds.Far.Key.Secret)) < 0);
    }

    [Fact]
    public async Task Settings_are_tried_out_without_being_kept_and_with_the_secret_that_there_is()
    {
        await clouds.Far.Send("PUT", "/tried");
        var document = clouds.Document("tried", "tried");
        Assert.True((bool?)Json(await clouds.Near.Send("POST", Checks, document.ToJsonString()))["ok"]);
        Assert.Equal((404, "NoSuchLocation"), await Refusal("GET", "/tried"));
        document["details"]!["secretKey"] = "another";
        var wrong = await clouds.Near.Send("POST", Checks, document.ToJsonString());
        Assert.Equal((200, false), (wrong.Status, (bool)Json(wrong)["ok"]!));
        Assert.Contains("SignatureDoesNotMatch", wrong.Text, StringComparison.Ordinal);
        document["details"]!.AsObject().Remove("secretKey");
        var without = await clouds.Near.Send("POST", Checks, document.ToJsonString());
        Assert.Equal((400, "InvalidLocation"), (without.Status, (string?)Json(without)["code"]));

        Assert.Equal(201, (await clouds.Near.Send("POST", Locations, clouds.Document("tried", "tried").ToJsonString())).Status);
        Assert.True((bool?)Json(await clouds.Near.Send("POST", Checks, document.ToJsonString()))["ok"]);
        document["details"]!["bucketName"] = "not-there";
        Assert.False((bool?)Json(await clouds.Near.Send("POST", Checks, document.ToJsonString()))["ok"]);
        Assert.Equal("tried", (string?)Json(await clouds.Near.Send("GET", Locations + "/tried"))["details"]!["bucketName"]);
    }

    [Fact]
    public async Task A_directory_is_tried_out_beside_the_location_that_has_it_open()
    {
        var path = Directory.CreateTempSubdirectory("location-").FullName;
        var document = new JsonObject { ["name"] = "tried-disk", ["locationType"] = "location-file-v1", ["details"] = new JsonObject { ["path"] = path } };
        Assert.True((bool?)Json(await clouds.Near.Send("POST", Checks, document.ToJsonString()))["ok"]);
        Assert.Equal(201, (await clouds.Near.Send("POST", Locations, document.ToJsonString())).Status);
        Assert.True((bool?)Json(await clouds.Near.Send("POST", Checks, document.ToJsonString()))["ok"]);
        document["name"] = "tried-twice";
        Assert.Equal("open", (string?)Json(await clouds.Near.Send("POST", Checks, document.ToJsonString()))["steps"]![0]!["step"]);
        Assert.Equal(204, (await clouds.Near.Send("DELETE", Locations + "/tried-disk")).Status);
        Directory.Delete(path, recursive: true);
    }

    [Fact]
    public async Task Who_has_to_do_with_a_location_is_told_and_which_buckets_have_rules()
    {
        await clouds.Add("used");
        await clouds.MakeBucket("used-made", "used");
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/used-rules")).Status);
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/used-rules?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Status);
        Assert.Equal(200, (await clouds.Near.Send("PUT", "/used-rules?replication", "<ReplicationConfiguration><Role>arn:aws:iam::root:role/r</Role><Rule><ID>r</ID><Status>Enabled</Status><Prefix></Prefix><Destination><StorageClass>used</StorageClass></Destination></Rule></ReplicationConfiguration>")).Status);
        var used = Json(await clouds.Near.Send("GET", Locations + "/used/use"))["buckets"]!.AsArray();
        Assert.Equal(["used-made True False False False", "used-rules False False True False"], used.Select(each => $"{each!["bucket"]} {each["made"]!.GetValue<bool>()} {each["mirror"]!.GetValue<bool>()} {each["replication"]!.GetValue<bool>()} {each["lifecycle"]!.GetValue<bool>()}"));
        Assert.Equal("used-rules", (string?)Assert.Single(Json(await clouds.Near.Send("GET", Locations + "/used/use?marker=used-made"))["buckets"]!.AsArray())!["bucket"]);
        Assert.Equal((404, "NoSuchLocation"), await Refusal("GET", "/no-such/use"));
        var ruled = Json(await clouds.Near.Send("GET", "/_/management/workflows"))["buckets"]!.AsArray().Single(each => (string?)each!["bucket"] == "used-rules")!;
        Assert.Equal((1, 0), ((int)ruled["replication"]!, (int)ruled["lifecycle"]!));
        Assert.DoesNotContain(Json(await clouds.Near.Send("GET", "/_/management/workflows?marker=used-rules"))["buckets"]!.AsArray(), each => string.CompareOrdinal((string?)each!["bucket"], "used-rules") <= 0);
        var types = Json(await clouds.Near.Send("GET", "/_/management/location-types"))["types"]!.AsArray();
        Assert.Equal(["accessKey", "secretKey", "bucketName", "endpoint"], types.Single(each => (string?)each!["shortName"] == "s3")!["required"]!.AsArray().Select(each => (string?)each));
    }

    [Fact]
    public async Task What_came_with_the_installation_is_listed_checked_and_left_alone()
    {
        var listed = Json(await clouds.Near.Send("GET", Locations))["locations"]!.AsArray().Single(each => (string?)each!["name"] == "disk")!;
        Assert.True((bool?)listed["isBuiltin"]);
        Assert.True((bool?)Json(await clouds.Near.Send("POST", Locations + "/disk/check"))["ok"]);
        Assert.Equal((400, "InvalidLocation"), await Refusal("DELETE", "/disk"));
        Assert.Equal((400, "InvalidLocation"), await Refusal("PUT", "/disk", """{"locationType":"file"}"""));
        Assert.Equal((409, "LocationExists"), await Refusal("POST", "", clouds.Document("disk", "bucket").ToJsonString()));
    }

    [Theory]
    [InlineData("nonsense", 400, "MalformedBody")]
    [InlineData("[]", 400, "MalformedBody")]
    [InlineData("""{"name":1}""", 400, "MalformedBody")]
    [InlineData("""{"name":"x","locationType":"location-mem-v1"}""", 400, "InvalidLocation")]
    [InlineData("""{"name":"x","locationType":"file","details":{"path":"/x"},"isCool":true}""", 400, "InvalidLocation")]
    [InlineData("""{"name":"x","locationType":"file","details":{"path":"/x","chordCos":1}}""", 400, "InvalidLocation")]
    [InlineData("""{"name":"x","locationType":"file","details":{"path":"/proc/no/such"}}""", 400, "InvalidLocation")]
    public async Task A_document_that_makes_no_sense_adds_nothing(string document, int status, string code) =>
        Assert.Equal((status, code), await Refusal("POST", "", document));

    [Fact]
    public async Task Only_administrators_have_to_do_with_locations()
    {
        var accounts = clouds.Near.Installation.Accounts;
        var other = (await accounts.CreateAccount("someone", "someone@example.com", null, null, default)).Value;
        var key = (await accounts.CreateKey(other, null, null, null, default)).Value;
        foreach (var (verb, path) in new[] { ("GET", ""), ("POST", ""), ("GET", "/disk"), ("PUT", "/disk"), ("DELETE", "/disk"), ("POST", "/disk/check") })
        {
            var request = clouds.Near.Request(verb, Locations + path, []);
            var answer = await clouds.Near.Send(new Signer(key.Id, key.Secret, "us-east-1", DateTimeOffset.UtcNow).Sign(request));
            Assert.Equal((403, "AccessDenied"), (answer.Status, (string?)Json(answer)["code"]));
        }
    }

    [Fact]
    public async Task A_user_of_the_root_account_is_an_administrator_where_its_policy_says_so()
    {
        var (accounts, root) = (clouds.Near.Installation.Accounts, clouds.Near.Key.Account);
        var user = (await accounts.CreateUser(root, "operator", "/", default)).Value;
        var key = (await accounts.CreateKey(root, user, null, null, default)).Value;
        Assert.Equal(403, (await As()).Status);
        await accounts.PutUserPolicy(
            root, "operator", new("p", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"zenko:ListLocations","Resource":"*"}}"""), default);
        Assert.Equal(200, (await As()).Status);

        Task<Answer> As() => clouds.Near.Send(new Signer(key.Id, key.Secret, "us-east-1", DateTimeOffset.UtcNow).Sign(clouds.Near.Request("GET", Locations, [])));
    }

    [Fact]
    public async Task Another_verb_than_those_of_a_path_is_told_which_there_are()
    {
        var answer = await clouds.Near.Send("DELETE", Locations);
        Assert.Equal((405, "MethodNotAllowed", "GET, POST"), (answer.Status, (string?)Json(answer)["code"], answer.Header("Allow")));
    }

    [Theory]
    [InlineData("bucketName", "no-such-bucket", "NoSuchBucket")]
    [InlineData("secretKey", "wrong", "SignatureDoesNotMatch")]
    [InlineData("accessKey", "WRONGWRONGWRONGWRONG", "InvalidAccessKeyId")]
    public async Task A_check_says_what_the_service_refuses(string detail, string value, string told)
    {
        var name = "wrong-" + detail.ToLowerInvariant();
        Assert.Equal(201, (await clouds.Add(name, document => document["details"]![detail] = value)).Status);
        var (step, found) = await Failure(name);
        Assert.Equal("write", step);
        Assert.Contains(told, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://no-such-host.invalid", "name")]
    [InlineData("http://127.0.0.1:1", "connection")]
    public async Task A_check_says_what_cannot_be_reached(string endpoint, string step)
    {
        var name = "nowhere-" + step;
        await clouds.Add(name, document => document["details"]!["endpoint"] = endpoint);
        Assert.Equal(step, (await Failure(name)).Step);
    }

    [Fact]
    public async Task A_location_is_not_removed_while_a_bucket_or_an_object_needs_it()
    {
        await clouds.Add("needed");
        await clouds.MakeBucket("of-needed", "needed");
        Assert.Equal((409, "LocationInUse"), await Refusal("DELETE", "/needed"));
        Assert.Equal(204, (await clouds.Near.Send("DELETE", "/of-needed")).Status);

        await clouds.Near.Send("PUT", "/bkt/elsewhere", "body", "x-amz-meta-scal-location-constraint: needed");
        Assert.Equal((409, "LocationInUse"), await Refusal("DELETE", "/needed"));
        await clouds.Near.Send("DELETE", "/bkt/elsewhere");
        // Its bytes stay for readers under way; until they are collected the location is needed.
        Assert.Equal((409, "LocationInUse"), await Refusal("DELETE", "/needed"));
    }

    private async Task<(string Step, string Found)> Failure(string name)
    {
        var report = Json(await clouds.Near.Send("POST", $"{Locations}/{name}/check"));
        Assert.False((bool?)report["ok"]);
        var failed = report["steps"]!.AsArray().Single(step => !(bool)step!["ok"]!)!;
        return ((string)failed["step"]!, (string)failed["detail"]!);
    }

    private async Task<(int, string?)> Refusal(string verb, string path, string body = "")
    {
        var answer = await clouds.Near.Send(verb, Locations + path, body);
        return (answer.Status, (string?)Json(answer)["code"]);
    }

    private static JsonNode Json(Answer answer) => JsonNode.Parse(answer.Body)!;
}
