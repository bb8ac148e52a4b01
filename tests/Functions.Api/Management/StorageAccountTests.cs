using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>Storage accounts by the management API.</summary>
public sealed class StorageAccountTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Accounts = "/_/management/storage-accounts";

    [Fact]
    public async Task A_storage_account_is_made_told_changed_and_deleted()
    {
        var made = await server.Send("POST", Accounts, """{"name":"myCycle","location":"far","httpsOnly":true}""");
        Assert.Equal((201, "myCycle"), (made.Status, (string?)Json(made)["name"]));
        Assert.Equal(("far", true, true), Told(Json(await server.Send("GET", Accounts + "/mycycle"))));
        Assert.Contains("myCycle", Json(await server.Send("GET", Accounts))["storageAccounts"]!.AsArray().Select(each => (string?)each!["name"]));
        Assert.Equal(("far", false, true), Told(Json(await server.Send("PUT", Accounts + "/mycycle", """{"httpsOnly":false}"""))));
        Assert.Equal(204, (await server.Send("DELETE", Accounts + "/mycycle")).Status);
        Assert.Equal((404, "NoSuchStorageAccount"), await Refusal("GET", "/mycycle"));

        static (string?, bool?, bool?) Told(JsonNode account) => ((string?)account["location"], (bool?)account["httpsOnly"], (bool?)account["allowSharedKey"]);
    }

    [Fact]
    public async Task Of_two_keys_one_is_renewed()
    {
        await server.Send("POST", Accounts, """{"name":"renewing"}""");
        var before = Keys(await server.Send("GET", Accounts + "/renewing/keys"));
        var after = Keys(await server.Send("POST", Accounts + "/renewing/keys/key2/renew"));
        Assert.Equal((88, before["key1"]), (before["key1"].Length, after["key1"]));
        Assert.NotEqual(before["key2"], after["key2"]);
        Assert.Equal((404, "RouteNotFound"), await Refusal("POST", "/renewing/keys/key3/renew"));

        static Dictionary<string, string> Keys(Answer answer) => Json(answer)["keys"]!.AsArray().ToDictionary(key => (string)key!["name"]!, key => (string)key!["value"]!);
    }

    [Theory]
    [InlineData("nonsense", 400, "MalformedBody")]
    [InlineData("""{"name":"good","key":"mine"}""", 400, "MalformedBody")]
    [InlineData("""{"name":"with-dash"}""", 400, "InvalidStorageAccount")]
    [InlineData("""{}""", 400, "InvalidStorageAccount")]
    [InlineData("""{"name":"good","location":"nowhere"}""", 404, "NoSuchLocation")]
    public async Task A_document_that_makes_no_sense_makes_nothing(string document, int status, string code)
    {
        Assert.Equal((status, code), await Refusal("POST", "", document));
        Assert.Equal((404, "NoSuchStorageAccount"), await Refusal("GET", "/good"));
    }

    [Fact]
    public async Task A_name_is_given_once_and_an_account_with_containers_stays()
    {
        Assert.Equal(201, (await server.Send("POST", Accounts, """{"name":"held"}""")).Status);
        Assert.Equal((409, "StorageAccountExists"), await Refusal("POST", "", """{"name":"HELD"}"""));
        var account = (await server.Installation.BlobAccounts.Find("held", default))!;
        Assert.Null((await server.Installation.Containers.Create(account, server.Key.Account, "inside", new(), default)).Refusal);
        Assert.Equal((409, "StorageAccountInUse"), await Refusal("DELETE", "/held"));
        Assert.Equal((400, "InvalidStorageAccount"), await Refusal("PUT", "/held", """{"name":"other"}"""));
    }

    [Fact]
    public async Task Others_see_nothing_and_users_need_a_policy()
    {
        Assert.Equal(201, (await server.Send("POST", Accounts, """{"name":"secluded"}""")).Status);
        var stranger = (await server.Installation.Accounts.CreateAccount("stranger", "stranger@example.com", null, null, default)).Value;
        Assert.Equal(404, await As((await server.Installation.Accounts.CreateKey(stranger, null, null, null, default)).Value, "/secluded/keys"));

        var owner = server.Key.Account;
        var user = (await server.Installation.Accounts.CreateUser(owner, "clerk", default)).Value;
        var key = (await server.Installation.Accounts.CreateKey(owner, user, null, null, default)).Value;
        Assert.Equal(403, await As(key, "/secluded/keys"));
        const string Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"zenko:ListStorageAccountKeys","Resource":"*"}}""";
        Assert.Null((await server.Installation.Accounts.PutUserPolicy(owner, "clerk", new("keys", Policy), default)).Refusal);
        Assert.Equal(200, await As(key, "/secluded/keys"));
        Assert.Equal(403, await As(key, "/secluded"));
    }

    private async Task<int> As(AccessKey key, string path) =>
        (await server.Send(new Signer(key.Id, key.Secret, "us-east-1", DateTimeOffset.UtcNow).Sign(server.Request("GET", Accounts + path, []), PayloadForm.Hashed))).Status;

    private async Task<(int, string?)> Refusal(string verb, string path, string body = "")
    {
        var answer = await server.Send(verb, Accounts + path, body);
        return (answer.Status, (string?)Json(answer)["code"]);
    }

    private static JsonNode Json(Answer answer) => JsonNode.Parse(answer.Text)!;
}
