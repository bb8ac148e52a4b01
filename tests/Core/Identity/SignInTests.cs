using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Identity;

public sealed class SignInTests
{
    private const string Audience = "https://host/", Issuer = "https://host/adfs";

    private readonly InMemoryTable table = new();
    private readonly ManualClock clock = new();
    private readonly MasterKey master = new(new byte[MasterKey.Length]);
    private readonly Accounts accounts;
    private readonly Tokens tokens;
    private readonly SignInGrants grants;

    public SignInTests()
    {
        accounts = new(table, master, clock);
        tokens = new(new(table, master, clock), accounts, clock);
        grants = new(table, clock);
    }

    private async Task<AccessKey> Key(string name = "ann")
    {
        var account = (await accounts.CreateAccount(name, name + "@example.com", null, null, default)).Value;
        return (await accounts.CreateKey(account, null, null, null, default)).Value;
    }

    [Fact]
    public async Task A_token_holds_for_an_hour_and_tells_whose_it_is_and_for_what()
    {
        var key = await Key();
        var token = await tokens.Access(key, Audience, "az", Issuer, default);
        var found = await tokens.Verify(token, default);
        Assert.Equal((key.Id, Audience), (found!.Key.Id, found.Audience));
        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.NotNull(await tokens.Verify(token, default));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await tokens.Verify(token, default));
    }

    [Fact]
    public async Task Keys_of_tokens_follow_each_other_and_the_one_before_verifies_until_its_tokens_have_ended()
    {
        var key = await Key();
        var elsewhere = new Tokens(new(table, master, clock), accounts, clock);
        await elsewhere.Access(key, Audience, "az", Issuer, default);
        var first = Assert.Single(await tokens.Keys.Public(default));
        clock.Advance(TokenKeys.Life - TimeSpan.FromMinutes(10));
        var old = await tokens.Access(key, Audience, "az", Issuer, default);
        Assert.Equal(first.Kid, Kid(old));
        clock.Advance(TimeSpan.FromMinutes(20));
        var young = await tokens.Access(key, Audience, "az", Issuer, default);
        var published = await tokens.Keys.Public(default);
        Assert.Equal([Kid(young), first.Kid], published.Select(each => each.Kid));
        Assert.NotEqual(first.Kid, Kid(young));
        foreach (var each in new[] { tokens, elsewhere })
        {
            Assert.NotNull(await each.Verify(old, default));
            Assert.NotNull(await each.Verify(young, default));
            Assert.Equal(Kid(young), Kid(await each.Access(key, Audience, "az", Issuer, default)));
        }
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal([Kid(young)], (await tokens.Keys.Public(default)).Select(each => each.Kid));
        clock.Advance(TokenKeys.Life);
        await tokens.Access(key, Audience, "az", Issuer, default);
        Assert.Equal(2, (await elsewhere.Keys.Public(default)).Count);

        static string Kid(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!["kid"]!.ToString();
    }

    [Fact]
    public async Task A_code_that_is_shown_twice_ends_the_refresh_tokens_that_it_led_to()
    {
        var grant = new SignInGrant("az") { AccessKeyId = "a", Owner = "o" };
        var code = await grants.AddCode(grant, default);
        var taken = (await grants.TakeCode(code, default))!;
        var refresh = await grants.AddRefresh(taken, default);
        var next = await grants.AddRefresh((await grants.TakeRefresh(refresh, default))!, default);
        var other = await grants.AddRefresh((await grants.TakeCode(await grants.AddCode(grant, default), default))!, default);
        Assert.Null(await grants.TakeCode(code, default));
        Assert.Null(await grants.TakeRefresh(refresh, default));
        Assert.Null(await grants.TakeRefresh(next, default));
        Assert.NotNull(await grants.TakeRefresh(other, default));
    }

    [Fact]
    public async Task A_token_is_worth_nothing_once_its_key_is_disabled()
    {
        var key = await Key();
        var token = await tokens.Access(key, Audience, "az", Issuer, default);
        await accounts.EnableKey(key.Id, false, default);
        Assert.Null(await tokens.Verify(token, default));
        await accounts.EnableKey(key.Id, true, default);
        Assert.NotNull(await tokens.Verify(token, default));
        await accounts.DeleteKey(key.Id, default);
        Assert.Null(await tokens.Verify(token, default));
    }

    [Fact]
    public async Task A_token_does_not_go_over_to_the_next_owner_of_its_key_id()
    {
        var key = await Key();
        var token = await tokens.Access(key, Audience, "az", Issuer, default);
        await accounts.DeleteKey(key.Id, default);
        var bob = (await accounts.CreateAccount("bob", "bob@example.com", null, null, default)).Value;
        await accounts.CreateKey(bob, null, key.Id, null, default);
        Assert.Null(await tokens.Verify(token, default));
    }

    [Fact]
    public async Task What_was_changed_or_signed_otherwise_is_no_token()
    {
        var (key, other) = (await Key(), await Key("bob"));
        var token = await tokens.Access(key, Audience, "az", Issuer, default);
        var parts = token.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        claims["akid"] = other.Id;
        claims["owner"] = Tokens.OwnerOf(other);
        var changed = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        var header = Base64Url.EncodeToString("""{"alg":"none","typ":"at+jwt"}"""u8);
        string[] wrong =
        [
            $"{parts[0]}.{changed}.{parts[2]}", $"{header}.{changed}.", $"{header}.{parts[1]}.", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}", "", "a.b.c", new('a', 5000),
            await tokens.Id(key, Audience, Issuer, null, default),
            await new Tokens(new(new InMemoryTable(), master, clock), accounts, clock).Access(key, Audience, "az", Issuer, default),
        ];
        foreach (var each in wrong) Assert.Null(await tokens.Verify(each, default));
    }

    [Fact]
    public async Task Two_processes_share_the_directory_and_the_key()
    {
        var key = await Key();
        var second = new Tokens(new(table, master, clock), accounts, clock);
        var ids = await Task.WhenAll(tokens.Keys.Tenant(default).AsTask(), second.Keys.Tenant(default).AsTask());
        Assert.Equal(ids[0], ids[1]);
        Assert.NotNull(await second.Verify(await tokens.Access(key, Audience, "az", Issuer, default), default));
        Assert.Equal(await tokens.Keys.Public(default), await second.Keys.Public(default));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Only_the_right_secret_of_an_enabled_key_signs_in(bool isEnabled, bool signsIn)
    {
        var key = await Key();
        await accounts.EnableKey(key.Id, isEnabled, default);
        Assert.Equal(signsIn, await tokens.SignIn(key.Id, key.Secret, default) is not null);
        Assert.Null(await tokens.SignIn(key.Id, key.Secret + "x", default));
        Assert.Null(await tokens.SignIn(key.Id, "", default));
        Assert.Null(await tokens.SignIn("AKIAUNKNOWN000000000", "", default));
    }

    [Fact]
    public async Task A_code_is_redeemed_once_and_in_time()
    {
        var grant = new SignInGrant("az") { AccessKeyId = "k", Owner = "o", Nonce = "n" };
        var code = await grants.AddCode(grant, default);
        Assert.Null(await grants.TakeRefresh(code, default));
        var taken = await grants.TakeCode(code, default);
        Assert.NotNull(taken?.Session);
        Assert.Equal(grant, taken with { Session = null });
        Assert.Null(await grants.TakeCode(code, default));
        var late = await grants.AddCode(grant, default);
        clock.Advance(SignInGrants.CodeLifetime);
        Assert.Null(await grants.TakeCode(late, default));
    }

    [Fact]
    public async Task Of_many_that_redeem_a_code_at_once_one_gets_it()
    {
        var code = await grants.AddCode(new("az"), default);
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await grants.TakeCode(code, default))));
        Assert.Single(taken, each => each is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026010203")]
    [InlineData("2026010203.")]
    [InlineData("20260102/3.abc")]
    [InlineData("2026010203.abc")]
    public async Task What_is_no_code_is_none(string code) => Assert.Null(await grants.TakeCode(code, default));

    [Fact]
    public async Task A_used_refresh_token_is_taken_again_for_a_minute_only()
    {
        var token = await grants.AddRefresh(new("az"), default);
        Assert.NotNull(await grants.TakeRefresh(token, default));
        clock.Advance(SignInGrants.RefreshLeeway - TimeSpan.FromSeconds(1));
        Assert.NotNull(await grants.TakeRefresh(token, default));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await grants.TakeRefresh(token, default));
    }

    [Fact]
    public async Task A_device_waits_until_its_user_typed_the_code()
    {
        var key = await Key();
        // Its user may come in the next hour.
        clock.Now = new(2026, 1, 2, 3, 50, 0, TimeSpan.Zero);
        var codes = await grants.AddDevice(new("az") { Scope = "s" }, default);
        Assert.Matches("^[B-Z]{8}$", codes.UserCode);
        Assert.Equal(DeviceState.Pending, (await grants.TakeDevice(codes.DeviceCode, default)).State);
        clock.Now = new(2026, 1, 2, 4, 1, 0, TimeSpan.Zero);
        Assert.False(await grants.GrantDevice("BBBBBBBB", key, default));
        Assert.True(await grants.GrantDevice($" {codes.UserCode[..4].ToLowerInvariant()}-{codes.UserCode[4..]}", key, default));
        Assert.False(await grants.GrantDevice(codes.UserCode, key, default));
        var (state, grant) = await grants.TakeDevice(codes.DeviceCode, default);
        Assert.Equal((DeviceState.Granted, key.Id, "s"), (state, grant!.AccessKeyId, grant.Scope));
        Assert.Equal(DeviceState.Gone, (await grants.TakeDevice(codes.DeviceCode, default)).State);
    }

    [Fact]
    public async Task What_has_ended_and_nothing_else_is_there_to_be_removed()
    {
        var key = await Key();
        for (var i = 0; i < 5; i++) await grants.AddCode(new("az"), default);
        var device = await grants.AddDevice(new("az"), default);
        var refresh = await grants.AddRefresh(new("az"), default);
        clock.Advance(TimeSpan.FromHours(2));
        Assert.False(await grants.GrantDevice(device.UserCode, key, default));
        await grants.AddCode(new("az"), default);

        var kind = grants.Expiring;
        List<DateTimeOffset> ends = [];
        await foreach (var row in kind.Table.Scan(kind.Range(clock.Now), null, null, default)) ends.Add((await kind.EndOf(row, default))!.Value);
        Assert.Equal(7, ends.Count);
        Assert.All(ends, end => Assert.InRange(end, clock.Now.AddHours(-2), clock.Now));
        Assert.NotNull(await grants.TakeRefresh(refresh, default));
    }

    [Fact]
    public async Task Neither_codes_nor_keys_stand_in_the_rows()
    {
        var code = await grants.AddCode(new("az"), default);
        await tokens.Keys.Tenant(default);
        Assert.DoesNotContain(table.Rows, row => Encoding.UTF8.GetString(row.Value.Span).Contains(code[11..], StringComparison.Ordinal) || row.Key.Row.Contains(code[11..], StringComparison.Ordinal));
        Assert.DoesNotContain(table.Rows, row => Encoding.UTF8.GetString(row.Value.Span).Contains("MII", StringComparison.Ordinal));
    }
}
