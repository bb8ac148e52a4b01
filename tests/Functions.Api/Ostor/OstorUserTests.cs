using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>ostor-users and ostor-accounts, row by row.</summary>
public sealed class OstorUserTests(OstorServer server) : IClassFixture<OstorServer>
{
    private const string Users = "/?ostor-users", Accounts = "/?ostor-accounts";

    private async Task<int> Lists(AccessKey key) => (await server.SendAs(key, "GET", "/")).Status;

    [Fact]
    public async Task A_user_is_made_told_and_deleted()
    {
        var answer = await server.Send("PUT", Users + "&emailAddress=made+by@example.com");
        Assert.Equal(200, answer.Status);
        var made = OstorServer.Json(answer);
        Assert.Equal(["UserEmail", "UserId", "AWSAccessKeys"], made.EnumerateObject().Select(each => each.Name));
        Assert.Equal("made+by@example.com", made.GetProperty("UserEmail").GetString());
        var (id, key) = (made.GetProperty("UserId").GetString()!, OstorServer.Key(made));
        Assert.Matches("^[0-9a-f]{16}$", id);
        Assert.Matches($"^{id}[A-Z0-9]{{4}}$", key.Id);
        Assert.Matches("^[A-Za-z0-9]{40}$", key.Secret);
        Assert.Equal(200, await Lists(key));

        var line = (await server.Get(Users)).EnumerateArray().Single(user => user.GetProperty("UserId").GetString() == id);
        Assert.Equal($$"""{"UserEmail":"made+by@example.com","UserId":"{{id}}","State":"enabled","OwnerId":"0000000000000000"}""", line.GetRawText().Replace("\\u002B", "+", StringComparison.Ordinal));
        foreach (var target in new[] { "&emailAddress=made%2Bby@example.com", "&id=" + id })
        {
            var user = await server.Get(Users + target);
            Assert.Equal(
                ["UserEmail", "UserId", "State", "OwnerId", "Flags", "AWSAccessKeys", "AccountCount", "Accounts"], user.EnumerateObject().Select(each => each.Name));
            Assert.Equal(("0", 0, key.Secret), (user.GetProperty("AccountCount").GetString(), user.GetProperty("Flags").GetArrayLength(), OstorServer.Key(user).Secret));
        }

        var deleted = await server.Send("DELETE", Users + "&id=" + id);
        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        Assert.Equal(403, await Lists(key));
        Assert.Equal((404, "NoSuchUser"), await Refused("GET", Users + "&id=" + id));
        // The address is free again at once.
        Assert.Equal(200, (await server.Send("PUT", Users + "&emailAddress=made%2Bby@example.com")).Status);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task Keys_are_made_and_revoked_two_at_most(string verb)
    {
        var (id, first) = await server.NewUser($"keys-{verb}@example.com");
        var answer = OstorServer.Json(await server.Send(verb, $"{Users}&genKey&emailAddress=keys-{verb}@example.com"));
        var second = OstorServer.Key(answer);
        Assert.Equal((id, 1), (answer.GetProperty("UserId").GetString(), answer.GetProperty("AWSAccessKeys").GetArrayLength()));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal((409, "TooManyKeys"), await Refused(verb, $"{Users}&genKey&id={id}"));
        var revoked = await server.Send(verb, $"{Users}&revokeKey={first.Id}&id={id}");
        Assert.Equal((200, ""), (revoked.Status, revoked.Text));
        Assert.Equal((403, 200), (await Lists(first), await Lists(second)));
        Assert.Equal((404, "NoSuchKeyPair"), await Refused(verb, $"{Users}&revokeKey={first.Id}&id={id}"));
        // Another's is not the user's to revoke.
        Assert.Equal((404, "NoSuchKeyPair"), await Refused(verb, $"{Users}&revokeKey={server.Ordinary.Id}&id={id}"));
        Assert.Equal(200, await Lists(server.Ordinary));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task A_disabled_users_keys_stop_working_those_of_its_accounts_too(string verb)
    {
        var (id, key) = await server.NewUser($"state-{verb}@example.com");
        var below = OstorServer.Key(OstorServer.Json(await server.Send("POST", $"{Accounts}&id={id}&accountName=below")));
        Assert.Equal((200, 200), (await Lists(key), await Lists(below)));
        Assert.Equal((200, ""), Empty(await server.Send(verb, $"{Users}&id={id}&disable")));
        Assert.Equal((403, 403), (await Lists(key), await Lists(below)));
        Assert.Equal("disabled", (await server.Get($"{Users}&id={id}")).GetProperty("State").GetString());
        // Made meanwhile, it does not sign either.
        Assert.Equal(403, await Lists(OstorServer.Key(OstorServer.Json(await server.Send(verb, $"{Users}&id={id}&genKey")))));
        Assert.Equal((200, ""), Empty(await server.Send(verb, $"{Users}&emailAddress=state-{verb}@example.com&enable")));
        Assert.Equal((200, 200), (await Lists(key), await Lists(below)));
    }

    [Fact]
    public async Task Accounts_of_a_user_have_keys_of_their_own()
    {
        var (id, _) = await server.NewUser("accounts@example.com");
        var made = OstorServer.Json(await server.Send("POST", Accounts + "&emailAddress=accounts@example.com&accountName=one"));
        var key = OstorServer.Key(made);
        Assert.Equal(("one", 1), (made.GetProperty("Name").GetString(), made.GetProperty("AWSAccessKeys").GetArrayLength()));
        Assert.Equal(200, await Lists(key));
        Assert.Equal((409, "AccountExists"), await Refused("PUT", Accounts + "&emailAddress=accounts@example.com&accountName=one"));
        Assert.Equal(200, (await server.Send("PUT", Accounts + "&emailAddress=accounts@example.com&accountName=two")).Status);
        var more = OstorServer.Key(OstorServer.Json(await server.Send("POST", $"{Users}&id={id}&genKey&accountName=one")));
        Assert.Equal((409, "TooManyKeys"), await Refused("POST", $"{Users}&id={id}&genKey&accountName=one"));
        Assert.Equal((200, ""), Empty(await server.Send("POST", $"{Users}&id={id}&revokeKey={key.Id}&accountName=one")));
        Assert.Equal((404, "NoSuchKeyPair"), await Refused("POST", $"{Users}&id={id}&revokeKey={more.Id}"));

        var user = await server.Get($"{Users}&id={id}");
        Assert.Equal("2", user.GetProperty("AccountCount").GetString());
        Assert.Equal(more.Id, OstorServer.Key(user.GetProperty("Accounts").EnumerateArray().Single(each => each.GetProperty("Name").GetString() == "one")).Id);
        Assert.Equal((204, ""), Empty(await server.Send("DELETE", Accounts + "&emailAddress=accounts@example.com&accountName=one")));
        Assert.Equal(403, await Lists(more));
        Assert.Equal((404, "NoSuchAccount"), await Refused("DELETE", Accounts + "&emailAddress=accounts@example.com&accountName=one"));
        Assert.Equal((404, "NoSuchAccount"), await Refused("POST", $"{Users}&id={id}&genKey&accountName=one"));
    }

    [Fact]
    public async Task A_user_who_owns_a_bucket_stays_and_so_does_the_root()
    {
        var (id, key) = await server.NewUser("owner@example.com");
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/owned-bucket")).Status);
        Assert.Equal((409, "UserInUse"), await Refused("DELETE", Users + "&emailAddress=owner@example.com"));
        Assert.Equal(200, await Lists(key));
        Assert.Equal(204, (await server.SendAs(key, "DELETE", "/owned-bucket")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"{Users}&id={id}")).Status);
        Assert.Equal((409, "UserInUse"), await Refused("DELETE", Users + "&emailAddress=root@localhost"));
        Assert.Equal((409, "UserInUse"), await Refused("POST", Users + "&emailAddress=root@localhost&disable"));
        Assert.Equal("system", (await server.Get(Users + "&emailAddress=root@localhost")).GetProperty("Flags")[0].GetString());
    }

    [Fact]
    public async Task Further_system_users_may_call()
    {
        var (id, key) = await server.NewUser("system@example.com");
        Assert.Equal(403, (await server.SendAs(key, "GET", Users)).Status);
        var account = (await server.Installation.Accounts.FindByEmail("system@example.com", default))!;
        Assert.True((await server.Installation.Accounts.MarkSystem(account.Id, true, default)).Value.IsSystem);
        Assert.Equal(200, (await server.SendAs(key, "GET", Users)).Status);
        Assert.Equal("system", (await server.Get($"{Users}&id={id}")).GetProperty("Flags")[0].GetString());
        // An account of it may by its policy alone.
        var below = OstorServer.Key(OstorServer.Json(await server.SendAs(key, "POST", $"{Accounts}&id={id}&accountName=below")));
        Assert.Equal(200, (await server.SendAs(below, "GET", Users)).Status);
        Assert.Null((await server.Installation.Accounts.DeleteUserPolicy(account, "below", "ostor-account", default)).Refusal);
        Assert.Equal(403, (await server.SendAs(below, "GET", Users)).Status);
    }

    [Theory]
    [InlineData("PUT", Users + "&emailAddress=ordinary@example.com", 409, "UserExists")]
    [InlineData("PUT", Users + "&emailAddress=nobody", 400, "InvalidRequest")]
    [InlineData("GET", Users + "&emailAddress=nobody@example.com", 404, "NoSuchUser")]
    [InlineData("GET", Users + "&id=12", 404, "NoSuchUser")]
    [InlineData("GET", Users + "&id=ffffffffffffffff", 404, "NoSuchUser")]
    [InlineData("DELETE", Users + "&emailAddress=nobody@example.com", 404, "NoSuchUser")]
    [InlineData("POST", Users + "&emailAddress=nobody@example.com&disable", 404, "NoSuchUser")]
    [InlineData("POST", Accounts + "&emailAddress=ordinary@example.com&accountName=a%20b", 400, "InvalidRequest")]
    public async Task What_cannot_be_is_refused_by_its_name(string verb, string target, int status, string code)
    {
        var before = await server.State();
        Assert.Equal((status, code), await Refused(verb, target));
        Assert.Equal(before, await server.State());
    }

    private async Task<(int, string?)> Refused(string verb, string target)
    {
        var answer = await server.Send(verb, target);
        return (answer.Status, answer.Code);
    }

    private static (int, string) Empty(Operations.Answer answer) => (answer.Status, answer.Text);
}
