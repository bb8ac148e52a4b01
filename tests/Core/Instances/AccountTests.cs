using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Core.Tests.Instances;

/// <summary>Keys, policies and roles that are changed on one instance and used on another.</summary>
public sealed class AccountTests
{
    private const string Everything = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";

    private readonly SharedState state = new();
    private readonly Instance here;
    private readonly Instance there;

    public AccountTests() => (here, there) = (new(state), new(state));

    private async Task<(Account Account, AccessKey Key)> Made()
    {
        var account = (await here.Accounts.CreateAccount("name", "name@example.com", null, null, default)).Value;
        var user = (await here.Accounts.CreateUser(account, "user", default)).Value;
        Assert.Null((await here.Accounts.PutUserPolicy(account, "user", new("all", Everything), default)).Refusal);
        var key = (await here.Accounts.CreateKey(account, user, null, null, default)).Value;
        Assert.NotNull(await there.Accounts.FindKey(key.Id, default));
        return (account, key);
    }

    private void Pass() => there.Clock.Advance(there.Consistency.CacheAge);

    [Fact]
    public async Task A_key_that_was_disabled_or_deleted_stops_signing_everywhere()
    {
        var (_, key) = await Made();
        await here.Accounts.EnableKey(key.Id, false, default);
        Pass();
        Assert.False((await there.Accounts.FindKey(key.Id, default))!.Enabled);
        await here.Accounts.DeleteKey(key.Id, default);
        Pass();
        Assert.Null(await there.Accounts.FindKey(key.Id, default));
    }

    [Fact]
    public async Task A_key_that_was_made_elsewhere_signs_at_once()
    {
        Assert.Null(await there.Accounts.FindKey("AKIAIOSFODNN7EXAMPLE", default));
        var account = (await here.Accounts.CreateAccount("name", "name@example.com", null, null, default)).Value;
        await here.Accounts.CreateKey(account, null, "AKIAIOSFODNN7EXAMPLE", null, default);
        Assert.NotNull(await there.Accounts.FindKey("AKIAIOSFODNN7EXAMPLE", default));
    }

    [Fact]
    public async Task A_policy_that_was_taken_from_a_user_lets_nothing_everywhere()
    {
        var (account, key) = await Made();
        Assert.Single((await there.Accounts.FindKey(key.Id, default))!.Policies!);
        await here.Accounts.DeleteUserPolicy(account, "user", "all", default);
        Pass();
        Assert.Empty((await there.Accounts.FindKey(key.Id, default))!.Policies!);
    }

    [Fact]
    public async Task Sessions_end_everywhere_with_their_key_and_with_their_role()
    {
        var (account, key) = await Made();
        var trust = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}""";
        var role = (await here.Accounts.CreateRole(account, new("", account.Id, "role", trust), default)).Value;
        var ofRole = here.Accounts.StartSession(key, role, "session", null, TimeSpan.FromHours(1));
        var ofKey = here.Accounts.StartSession(key, null, null, null, TimeSpan.FromHours(1));
        async Task<SessionState> StateOf(SessionCredentials session) =>
            (await there.Accounts.FindSession(session.AccessKeyId, session.Token, default)).State;
        Assert.Equal((SessionState.Live, SessionState.Live), (await StateOf(ofRole), await StateOf(ofKey)));
        await here.Accounts.DeleteRole(account, "role", default);
        Pass();
        Assert.Equal((SessionState.Ended, SessionState.Live), (await StateOf(ofRole), await StateOf(ofKey)));
        await here.Accounts.EnableKey(key.Id, false, default);
        Pass();
        Assert.Equal(SessionState.Ended, await StateOf(ofKey));
    }

    [Fact]
    public async Task A_user_and_a_key_are_made_once_by_a_request_that_is_sent_again()
    {
        var account = (await here.Accounts.CreateAccount("name", "name@example.com", null, null, default)).Value;
        var (one, other) = (RequestToken.Of("one"), RequestToken.Of("other"));
        var user = (await here.Accounts.CreateUser(account, "user", "/", one, default)).Value;
        Assert.Equal(user.Id, (await there.Accounts.CreateUser(account, "user", "/", one, default)).Value.Id);
        Assert.Equal(Refusal.IdentityTaken, (await there.Accounts.CreateUser(account, "user", "/", other, default)).Refusal);

        var key = (await here.Accounts.CreateKey(account, user, one, default)).Value;
        var again = (await there.Accounts.CreateKey(account, user, one, default)).Value;
        Assert.Equal((key.Id, key.Secret), (again.Id, again.Secret));
        Assert.Equal(key.Secret, (await there.Accounts.FindKeyMadeBy(one, account, user, default))!.Secret);
        Assert.Null(await there.Accounts.FindKeyMadeBy(one, account, null, default));
        Assert.Null(await there.Accounts.FindKeyMadeBy(other, account, user, default));
        Assert.Equal(1, await here.Accounts.Keys(account, user, default).CountAsync());
    }

    [Fact]
    public async Task On_one_machine_a_key_is_read_once()
    {
        var alone = new Instance(state, Core.State.Consistency.OneMachine);
        var account = (await alone.Accounts.CreateAccount("name", "name@example.com", null, null, default)).Value;
        var key = (await alone.Accounts.CreateKey(account, null, null, null, default)).Value;
        var first = await alone.Accounts.FindKey(key.Id, default);
        alone.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Same(first, await alone.Accounts.FindKey(key.Id, default));
    }
}
