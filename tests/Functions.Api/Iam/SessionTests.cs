using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Iam;

public sealed class SessionTests
{
    [Fact]
    public async Task A_session_signs_with_its_token_in_header_and_url_and_is_of_its_key()
    {
        await using var server = await IamServer.Start();
        var answer = await server.Call(server.Root, "GetSessionToken");
        var (key, token) = answer.Session();
        Assert.StartsWith("ASIA", key.Id, StringComparison.Ordinal);
        Assert.Equal(server.Clock.Now.AddHours(1), DateTimeOffset.Parse(answer["Expiration"]!, null));
        Assert.Equal((200, null), await server.ListBuckets(key, token));
        Assert.Equal((200, null), await server.ListBuckets(key, token, presigned: true));
        Assert.Equal(server.Root.Account.Arn, (await server.CallAs(key, token, "GetCallerIdentity"))["Arn"]);
        Assert.Equal((403, "AccessDenied"), (await server.CallAs(key, token, "GetSessionToken")).Outcome);
        Assert.Equal((403, "InvalidClientTokenId"), (await server.CallAs(key, token, "ListUsers")).Outcome);
    }

    [Fact]
    public async Task A_token_is_good_for_its_own_key_only_until_it_expires()
    {
        await using var server = await IamServer.Start();
        var (key, token) = (await server.Call(server.Root, "GetSessionToken", "DurationSeconds", "900")).Session();
        var (other, _) = (await server.Call(server.Root, "GetSessionToken")).Session();
        Assert.Equal((403, "InvalidAccessKeyId"), await server.ListBuckets(key));
        Assert.Equal((400, "InvalidToken"), await server.ListBuckets(other, token));
        Assert.Equal((400, "InvalidToken"), await server.ListBuckets(server.Root, token));
        Assert.Equal((400, "InvalidToken"), await server.ListBuckets(key, "A" + token, presigned: true));
        Assert.Equal((400, "InvalidToken"), await server.ListBuckets(key, "nonsense"));
        server.Clock.Advance(TimeSpan.FromSeconds(899));
        Assert.Equal((200, null), await server.ListBuckets(key, token));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((400, "ExpiredToken"), await server.ListBuckets(key, token));
        Assert.Equal((403, "ExpiredToken"), (await server.CallAs(key, token, "GetCallerIdentity")).Outcome);
    }

    [Fact]
    public async Task A_session_ends_with_its_key_user_or_role()
    {
        await using var server = await IamServer.Start();
        var carol = await Carol(server);
        var (key, token) = (await server.Call(carol, "GetSessionToken")).Session();
        var role = (await server.Call(server.Root, "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", IamServer.Anybody))["Arn"]!;
        var (assumed, assumedToken) = (await server.Call(carol, "AssumeRole", "RoleArn", role, "RoleSessionName", "me")).Session();
        Assert.Equal(200, (await server.CallAs(key, token, "GetCallerIdentity")).Status);
        Assert.Equal(200, (await server.CallAs(assumed, assumedToken, "GetCallerIdentity")).Status);

        // The role is made anew under its old name: another one.
        await server.Call(server.Root, "DeleteRole", "RoleName", "r");
        await server.Call(server.Root, "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", IamServer.Anybody);
        Assert.Equal((403, "InvalidClientTokenId"), (await server.CallAs(assumed, assumedToken, "GetCallerIdentity")).Outcome);
        (assumed, assumedToken) = (await server.Call(carol, "AssumeRole", "RoleArn", role, "RoleSessionName", "me")).Session();

        foreach (var (status, outcome) in new[] { ("Inactive", 403), ("Active", 200) })
        {
            await server.Call(server.Root, "UpdateAccessKey", "UserName", "carol", "AccessKeyId", carol.Id, "Status", status);
            Assert.Equal(outcome, (await server.CallAs(key, token, "GetCallerIdentity")).Status);
            Assert.Equal(outcome, (await server.CallAs(assumed, assumedToken, "GetCallerIdentity")).Status);
        }
        await server.Accounts.DeleteUser(server.Root.Account, "carol", default);
        Assert.Equal((403, "InvalidAccessKeyId"), await server.ListBuckets(key, token));
    }

    [Fact]
    public async Task A_role_is_assumed_by_whom_it_trusts()
    {
        await using var server = await IamServer.Start();
        var carol = await Carol(server);
        var account = server.Root.Account.Id;
        var (byName, byAccount, byOther) = (await Role("byName", $"arn:aws:iam::{account}:user/carol"), await Role("byAccount", account), await Role("byOther", server.Other.Account.Id));

        // Named itself it needs nothing more; by its account's name, its own policies must say so, too.
        Assert.Equal(200, (await Assume(carol, byName)).Status);
        Assert.Equal((403, "AccessDenied"), (await Assume(carol, byAccount)).Outcome);
        Assert.Equal((403, "AccessDenied"), (await Assume(carol, byOther)).Outcome);
        await server.Call(server.Root, "PutUserPolicy", "UserName", "carol", "PolicyName", "p", "PolicyDocument", IamServer.Allow("sts:AssumeRole"));
        Assert.Equal(200, (await Assume(carol, byAccount)).Status);
        Assert.Equal((403, "AccessDenied"), (await Assume(carol, byOther)).Outcome);
        // Not even the root where the role does not trust it; nor does it learn which roles there are.
        Assert.Equal((403, "AccessDenied"), (await Assume(server.Root, byOther)).Outcome);
        Assert.Equal((403, "AccessDenied"), (await Assume(server.Root, byName)).Outcome);
        Assert.Equal((403, "AccessDenied"), (await Assume(server.Root, byName + "x")).Outcome);
        // Across accounts, and then it acts in the role's.
        var answer = await Assume(server.Other, byOther);
        Assert.Equal($"arn:aws:sts::{account}:assumed-role/byOther/me", answer["Arn"]);
        var (key, token) = answer.Session();
        var identity = await server.CallAs(key, token, "GetCallerIdentity");
        Assert.Equal((account, answer["AssumedRoleId"]), (identity["Account"], identity["UserId"]));

        await server.Call(server.Root, "PutUserPolicy", "UserName", "carol", "PolicyName", "q", "PolicyDocument",
            IamServer.Allow("sts:AssumeRole").Replace("Allow", "Deny", StringComparison.Ordinal));
        Assert.Equal((403, "AccessDenied"), (await Assume(carol, byName)).Outcome);

        async Task<string> Role(string name, string principal) =>
            (await server.Call(server.Root, "CreateRole", "RoleName", name, "AssumeRolePolicyDocument",
                IamServer.Anybody.Replace("\"*\"", $"\"{principal}\"", StringComparison.Ordinal)))["Arn"]!;

        Task<IamAnswer> Assume(AccessKey key, string role) => server.Call(key, "AssumeRole", "RoleArn", role, "RoleSessionName", "me");
    }

    [Fact]
    public async Task A_session_of_a_role_may_what_both_the_role_and_the_sessions_policy_allow()
    {
        await using var server = await IamServer.Start();
        var carol = await Carol(server);
        var role = (await server.Call(server.Root, "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", IamServer.Anybody))["Arn"]!;
        var (bare, bareToken) = (await server.Call(carol, "AssumeRole", "RoleArn", role, "RoleSessionName", "me")).Session();
        Assert.Equal((403, "AccessDenied"), (await server.CallAs(bare, bareToken, "ListUsers")).Outcome);
        await server.Call(server.Root, "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", IamServer.Allow("iam:List*"));
        Assert.Equal(200, (await server.CallAs(bare, bareToken, "ListUsers")).Status);
        Assert.Equal((400, "ValidationError"), (await server.CallAs(bare, bareToken, "ListAccessKeys")).Outcome);

        var narrow = await server.Call(carol, "AssumeRole", "RoleArn", role, "RoleSessionName", "me", "Policy", IamServer.Allow("iam:*Users"));
        Assert.NotNull(narrow["PackedPolicySize"]);
        var (key, token) = narrow.Session();
        Assert.Equal(200, (await server.CallAs(key, token, "ListUsers")).Status);
        Assert.Equal((403, "AccessDenied"), (await server.CallAs(key, token, "ListRoles")).Outcome);
        Assert.Equal((403, "AccessDenied"), (await server.CallAs(key, token, "GetUser", "UserName", "carol")).Outcome);
        Assert.Equal((400, "MalformedPolicyDocument"), (await server.Call(carol, "AssumeRole", "RoleArn", role, "RoleSessionName", "me", "Policy", "{}")).Outcome);
    }

    [Fact]
    public async Task Policies_tell_a_session_of_a_role_from_its_account_and_from_other_sessions()
    {
        await using var server = await IamServer.Start();
        var carol = await Carol(server);
        var role = await server.Call(server.Root, "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", IamServer.Anybody);
        var (me, myToken) = (await server.Call(carol, "AssumeRole", "RoleArn", role["Arn"]!, "RoleSessionName", "me")).Session();
        var (you, yourToken) = (await server.Call(carol, "AssumeRole", "RoleArn", role["Arn"]!, "RoleSessionName", "you")).Session();
        foreach (var (id, mine, yours) in new[] { (server.Root.Account.Id, 403, 403), (role["RoleId"] + ":me", 200, 403), (role["RoleId"] + ":*", 200, 200) })
        {
            var policy = $$$"""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
                 {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotLike":{"aws:userid":"{{{id}}}"} } }]}
                """;
            await server.Call(server.Root, "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", policy);
            Assert.Equal(mine, (await server.CallAs(me, myToken, "ListUsers")).Status);
            Assert.Equal(yours, (await server.CallAs(you, yourToken, "ListUsers")).Status);
        }
    }

    [Fact]
    public async Task A_session_lasts_no_longer_than_the_role_and_the_chain_allow()
    {
        await using var server = await IamServer.Start();
        var role = (await server.Call(server.Root, "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", IamServer.Anybody, "MaxSessionDuration", "7200"))["Arn"]!;
        Assert.Equal(200, (await Assume(server.Root, null, "7200")).Status);
        Assert.Equal((400, "ValidationError"), (await Assume(server.Root, null, "7201")).Outcome);
        Assert.Equal((400, "ValidationError"), (await Assume(server.Root, null, "899")).Outcome);
        await server.Call(server.Root, "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", IamServer.Allow("sts:*"));
        var (key, token) = (await Assume(server.Root, null, "3600")).Session();
        Assert.Equal(200, (await Assume(key, token, "3600")).Status);
        Assert.Equal((400, "ValidationError"), (await Assume(key, token, "3601")).Outcome);

        Task<IamAnswer> Assume(AccessKey key, string? token, string seconds) =>
            server.CallAs(key, token, "AssumeRole", "RoleArn", role, "RoleSessionName", "me", "DurationSeconds", seconds);
    }

    private static async Task<AccessKey> Carol(IamServer server)
    {
        await server.Call(server.Root, "CreateUser", "UserName", "carol");
        return (await server.Call(server.Root, "CreateAccessKey", "UserName", "carol")).Key();
    }
}
