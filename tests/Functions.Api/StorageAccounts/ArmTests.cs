using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.StorageAccounts;

public sealed class ArmTests(ArmServer server) : IClassFixture<ArmServer>
{
    private const string Body = """{"sku":{"name":"Standard_RAGRS"},"kind":"StorageV2","location":"us-east-1","properties":{"encryption":{"services":{"blob":{}},"keySource":"Microsoft.Storage"}}}""";

    [Fact]
    public async Task An_account_is_made_found_in_any_case_changed_and_deleted()
    {
        var path = ArmServer.Account(server.Root, "myAccount");
        var made = await server.Call(server.Root, "PUT", path, Body);
        Assert.Equal((200, "myAccount", "us-east-1", "Standard_RAGRS"), (made.Status, made["name"], made["location"], made.Json["sku"]!["name"]!.ToString()));
        Assert.Equal(server.Base + "/myAccount/", made.Json["properties"]!["primaryEndpoints"]!["blob"]!.ToString());
        Assert.Equal(200, (await server.Call(server.Root, "PUT", path, Body)).Status);
        var found = await server.Call(server.Root, "GET", path.Replace("resourceGroups", "RESOURCEGROUPS", StringComparison.Ordinal).Replace("myAccount", "MYACCOUNT", StringComparison.Ordinal));
        Assert.Equal((200, "myAccount"), (found.Status, found["name"]));
        var list = await server.Call(server.Root, "GET", ArmServer.Subscription(server.Root) + "/providers/Microsoft.Storage/storageAccounts");
        Assert.Contains(list.Json["value"]!.AsArray(), each => each!["name"]!.ToString() == "myAccount");
        var changed = await server.Call(server.Root, "PATCH", path, """{"tags":{"a":"b"},"properties":{"supportsHttpsTrafficOnly":true}}""");
        Assert.Equal(("b", "true", "Standard_RAGRS"), (changed.Json["tags"]!["a"]!.ToString(), changed.Json["properties"]!["supportsHttpsTrafficOnly"]!.ToString(), changed.Json["sku"]!["name"]!.ToString()));
        Assert.Equal(200, (await server.Call(server.Root, "DELETE", path)).Status);
        Assert.Equal(204, (await server.Call(server.Root, "DELETE", path)).Status);
        Assert.Equal((404, "ResourceNotFound"), (await server.Call(server.Root, "GET", path)).Error);
    }

    [Fact]
    public async Task Keys_are_two_and_one_is_renewed_alone()
    {
        var path = ArmServer.Account(server.Root, "keys1");
        await server.Call(server.Root, "PUT", path, Body);
        string[] Values(ArmAnswer answer) => [.. answer.Json["keys"]!.AsArray().Select(key => key!["value"]!.ToString())];
        var before = Values(await server.Call(server.Root, "POST", path + "/listKeys" + ArmServer.Version + "&$expand=kerb", ""));
        Assert.All(before, key => Assert.Equal(64, Convert.FromBase64String(key).Length));
        var after = Values(await server.Call(server.Root, "POST", path + "/regenerateKey", """{"keyName":"key1"}"""));
        Assert.Equal(2, after.Length);
        Assert.NotEqual(before[0], after[0]);
        Assert.Equal(before[1], after[1]);
        Assert.Equal((400, "InvalidKeyName"), (await server.Call(server.Root, "POST", path + "/regenerateKey", """{"keyName":"key3"}""")).Error);
    }

    [Fact]
    public async Task A_name_is_checked_and_another_accounts_is_refused()
    {
        await server.Call(server.Root, "PUT", ArmServer.Account(server.Root, "taken1"), Body);
        Assert.Equal((409, "StorageAccountAlreadyTaken"), (await server.Call(server.Other, "PUT", ArmServer.Account(server.Other, "TAKEN1"), Body)).Error);
        var check = ArmServer.Subscription(server.Other) + "/providers/Microsoft.Storage/checkNameAvailability";
        foreach (var (name, reason) in new[] { ("Taken1", "AlreadyExists"), ("no-good", "AccountNameInvalid"), ("free1", null) })
        {
            var answer = await server.Call(server.Other, "POST", check, $$"""{"name":"{{name}}","type":"Microsoft.Storage/storageAccounts"}""");
            Assert.Equal((200, reason is null ? "true" : "false", reason), (answer.Status, answer["nameAvailable"], answer["reason"]));
        }
    }

    [Fact]
    public async Task Nobody_sees_or_changes_another_accounts_things()
    {
        var path = ArmServer.Account(server.Root, "mine1");
        await server.Call(server.Root, "PUT", path, Body);
        foreach (var (verb, tail) in new[] { ("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/listKeys"), ("POST", "/regenerateKey") })
        {
            Assert.Equal((404, "SubscriptionNotFound"), (await server.Call(server.Other, verb, path + tail, verb == "GET" ? null : "{}")).Error);
            if (verb is "PUT" or "DELETE") continue;
            Assert.Equal((404, "ResourceNotFound"), (await server.Call(server.Other, verb, ArmServer.Account(server.Other, "mine1") + tail, verb == "GET" ? null : """{"keyName":"key1"}""")).Error);
        }
        Assert.Equal(204, (await server.Call(server.Other, "DELETE", ArmServer.Account(server.Other, "mine1"))).Status);
        Assert.Equal(200, (await server.Call(server.Root, "GET", path)).Status);
    }

    [Fact]
    public async Task A_user_may_what_its_policies_allow()
    {
        var (nobody, reader, maker) = (await server.User("nobody", null), await server.User("reader", "zenko:List*"), await server.User("maker", "zenko:CreateStorageAccount"));
        var path = ArmServer.Account(server.Root, "byuser");
        Assert.Equal((403, "AuthorizationFailed"), (await server.Call(nobody, "PUT", path, Body)).Error);
        Assert.Equal((403, "AuthorizationFailed"), (await server.Call(reader, "PUT", path, Body)).Error);
        Assert.Equal(204, (await server.Call(server.Root, "DELETE", path)).Status);
        Assert.Equal(200, (await server.Call(maker, "PUT", path, Body)).Status);
        Assert.Equal((403, "AuthorizationFailed"), (await server.Call(maker, "GET", path)).Error);
        Assert.Equal(200, (await server.Call(reader, "POST", path + "/listKeys", "")).Status);
        Assert.Equal((403, "AuthorizationFailed"), (await server.Call(reader, "DELETE", path)).Error);
        // Everybody may see what there is to sign in to.
        Assert.Equal(200, (await server.Call(nobody, "GET", "/subscriptions")).Status);
    }

    [Fact]
    public async Task The_rest_that_az_asks_is_answered()
    {
        var subscription = ArmServer.Subscription(server.Root);
        var tenant = $"{await server.Installation.Tokens.Keys.Tenant(default)}";
        Assert.Equal(tenant, (await server.Call(server.Root, "GET", "/tenants")).Json["value"]![0]!["tenantId"]!.ToString());
        Assert.Equal(subscription, (await server.Call(server.Root, "GET", "/subscriptions?api-version=2016-06-01")).Json["value"]![0]!["id"]!.ToString());
        Assert.Equal("default", (await server.Call(server.Root, "GET", subscription + "/resourcegroups")).Json["value"]![0]!["name"]!.ToString());
        Assert.Equal(200, (await server.Call(server.Root, "PUT", subscription + "/resourcegroups/default", "{}")).Status);
        Assert.Equal((404, "ResourceGroupNotFound"), (await server.Call(server.Root, "PUT", subscription + "/resourcegroups/another", "{}")).Error);
        Assert.Contains((await server.Call(server.Root, "GET", subscription + "/locations")).Json["value"]!.AsArray(), each => each!["name"]!.ToString() == "far");
        Assert.Equal("Registered", (await server.Call(server.Root, "GET", subscription + "/providers/Microsoft.Storage"))["registrationState"]);
        Assert.Equal("Count", (await server.Call(server.Root, "GET", subscription + "/providers/Microsoft.Storage/locations/us-east-1/usages")).Json["value"]![0]!["unit"]!.ToString());
        // What az uses where there was no subscription.
        Assert.Equal(200, (await server.Call(server.Root, "GET", $"/subscriptions/{tenant}/resourcegroups")).Status);
        Assert.Equal((404, "InvalidResourceType"), (await server.Call(server.Root, "GET", subscription + "/providers/Microsoft.Compute/virtualMachines")).Error);
        Assert.Equal((405, "MethodNotAllowed"), (await server.Call(server.Root, "POST", subscription + "/resourcegroups", "{}")).Error);
    }

    [Theory]
    [InlineData("""{"location":"nowhere"}""", "LocationNotAvailableForResourceType")]
    [InlineData("""{"properties":{"isHnsEnabled":true}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"networkAcls":{"defaultAction":"Deny"}}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"encryption":{"keySource":"Microsoft.Keyvault"}}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"isSftpEnabled":true}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"isLocalUserEnabled":true}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"minimumTlsVersion":"TLS1_3"}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"publicNetworkAccess":"Disabled"}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"customDomain":{"name":"x.example"}}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"keyPolicy":{"keyExpirationPeriodInDays":30}}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"sasPolicy":{"sasExpirationPeriod":"1.00:00:00"}}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"immutableStorageWithVersioning":{"enabled":true}}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"encryption":{"requireInfrastructureEncryption":true}}}""", "FeatureNotSupportedForAccount")]
    [InlineData("""{"properties":{"accessTier":"Premium"}}""", "FeatureNotSupportedForAccount")]
    [InlineData("{", "InvalidRequestContent")]
    [InlineData("[]", "InvalidRequestContent")]
    public async Task A_bad_account_is_not_made(string body, string code)
    {
        var path = ArmServer.Account(server.Root, "badacct");
        Assert.Equal((400, code), (await server.Call(server.Root, "PUT", path, body)).Error);
        Assert.Equal(404, (await server.Call(server.Root, "GET", path)).Status);
    }

    [Fact]
    public async Task What_changes_nothing_may_be_asked_for()
    {
        const string Asked = """{"properties":{"minimumTlsVersion":"TLS1_2","publicNetworkAccess":"Enabled","isSftpEnabled":false,"isHnsEnabled":false,"keyPolicy":{},"networkAcls":{"defaultAction":"Allow","bypass":"AzureServices"}}}""";
        var made = await server.Call(server.Root, "PUT", ArmServer.Account(server.Root, "asked1"), Asked);
        Assert.Equal((200, "TLS1_2"), (made.Status, made.Json["properties"]!["minimumTlsVersion"]!.ToString()));
    }

    [Fact]
    public async Task An_account_with_containers_is_not_deleted()
    {
        var path = ArmServer.Account(server.Root, "full1");
        await server.Call(server.Root, "PUT", path, Body);
        var account = (await server.Installation.BlobAccounts.Find("full1", default))!;
        var container = (await server.Installation.Containers.Create(account, server.Root.Account, "inside", new(), default)).Value;
        Assert.Equal((409, "StorageAccountNotEmpty"), (await server.Call(server.Root, "DELETE", path)).Error);
        Assert.Equal(200, (await server.Call(server.Root, "GET", path)).Status);
        Assert.Null((await server.Installation.Buckets.Delete(container, default)).Refusal);
        Assert.Equal(200, (await server.Call(server.Root, "DELETE", path)).Status);
    }

    [Fact]
    public async Task Only_a_token_for_management_that_holds_will_do()
    {
        var target = "/subscriptions" + ArmServer.Version;
        Task<ArmAnswer> With(string token) => server.Send("GET", target, null, ("Authorization", "Bearer " + token));
        var unsigned = await server.Send("GET", target);
        Assert.Equal((401, "AuthenticationFailed"), unsigned.Error);
        Assert.StartsWith("Bearer ", unsigned.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal((401, "InvalidAuthenticationToken"), (await With("a.b.c")).Error);
        Assert.Equal((401, "InvalidAuthenticationTokenAudience"), (await With(await server.Token(server.Root, "https://storage.azure.com/.default"))).Error);
        var token = await server.Token(server.Other);
        Assert.Equal(200, (await With(token)).Status);
        server.Clock.Advance(Tokens.Lifetime);
        Assert.Equal((401, "InvalidAuthenticationToken"), (await With(token)).Error);
    }

    [Theory]
    [InlineData("metadata", "endpoints")]
    [InlineData("tenants", "key")]
    [InlineData("subscriptions", "a/resourcegroups")]
    [InlineData("adfs", "oauth2/token")]
    [InlineData("adfs", "oauth2/authorize")]
    [InlineData("adfs", ".well-known/openid-configuration")]
    [InlineData("common", "oauth2/v2.0/token")]
    [InlineData("common", "userrealm/ann")]
    [InlineData("organizations", "v2.0/.well-known/openid-configuration")]
    public async Task Buckets_that_are_called_as_these_paths_are_stay_S3s(string bucket, string key)
    {
        async Task<ArmAnswer> Signed(string verb, string path, string query = "", string body = "")
        {
            var request = new SignedRequest { Verb = verb, Path = path, Query = query, Body = System.Text.Encoding.UTF8.GetBytes(body) }.With("Host", new Uri(server.Base).Authority);
            new Signer(server.Root.Id, server.Root.Secret, "us-east-1", server.Clock.Now).Sign(request, PayloadForm.Hashed);
            return await server.Send(
                verb, query.Length > 0 ? $"{path}?{query}" : path, verb == "PUT" ? new ByteArrayContent(request.Body) : null,
                [.. request.Headers.Where(header => !header.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)).Select(header => (header.Key, (string)header.Value!))]);
        }

        Assert.True((await Signed("PUT", "/" + bucket)).Status is 200 or 409);
        Assert.Equal(200, (await Signed("PUT", $"/{bucket}/{key}", body: "hello")).Status);
        Assert.Equal("hello", (await Signed("GET", $"/{bucket}/{key}")).Text);
        Assert.Contains("<Key>" + key, (await Signed("GET", "/" + bucket, "list-type=2")).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await Signed("GET", "/" + bucket, "api-version=2022-09-01")).Status);
        // Who does not sign gets S3's answer, too, but where it is a document that clients ask for without any parameter.
        if (!key.StartsWith('.') && !key.Contains("/.", StringComparison.Ordinal)) Assert.Contains("<Code>AccessDenied", (await server.Send("GET", $"/{bucket}/{key}")).Text, StringComparison.Ordinal);
        Assert.Equal(204, (await Signed("DELETE", $"/{bucket}/{key}")).Status);
    }
}
