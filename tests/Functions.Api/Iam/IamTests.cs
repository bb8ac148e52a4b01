using System.Text;
using ZenkoFunctions.Api.Iam;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Iam;

public sealed class IamTests
{
    [Fact]
    public async Task A_user_is_made_found_listed_and_deleted()
    {
        await using var server = await IamServer.Start();
        var made = await server.Call(server.Root, "CreateUser", "UserName", "Carol", "Path", "/team/");
        Assert.Equal("{https://iam.amazonaws.com/doc/2010-05-08/}CreateUserResponse", made.Document.Name.ToString());
        Assert.Equal($"arn:aws:iam::{server.Root.Account.Id}:user/team/Carol", made["Arn"]);
        Assert.StartsWith("AIDA", made["UserId"], StringComparison.Ordinal);
        Assert.Equal(made.RequestId, made["RequestId"]);
        Assert.Equal((409, "EntityAlreadyExists"), (await server.Call(server.Root, "CreateUser", "UserName", "cAROL")).Outcome);
        Assert.Equal(made["UserId"], (await server.Call(server.Root, "GetUser", "UserName", "carol"))["UserId"]);
        // Nobody sees another account's.
        Assert.Equal((404, "NoSuchEntity"), (await server.Call(server.Other, "GetUser", "UserName", "carol")).Outcome);
        Assert.Empty((await server.Call(server.Other, "ListUsers")).All("UserName"));
        Assert.Equal(200, (await server.Call(server.Root, "DeleteUser", "UserName", "CAROL")).Status);
        Assert.Equal((404, "NoSuchEntity"), (await server.Call(server.Root, "DeleteUser", "UserName", "Carol")).Outcome);
    }

    [Fact]
    public async Task Users_and_roles_are_listed_by_name_in_pages_and_by_path()
    {
        await using var server = await IamServer.Start();
        foreach (var (name, path) in new[] { ("Ad", "/x/"), ("ac", "/x/y/"), ("Ab", "/"), ("aa", "/x/") })
        {
            await server.Call(server.Root, "CreateUser", "UserName", name, "Path", path);
            await server.Call(server.Root, "CreateRole", "RoleName", name, "Path", path, "AssumeRolePolicyDocument", IamServer.Anybody);
        }
        foreach (var kind in new[] { "User", "Role" })
        {
            Assert.Equal(["aa", "Ab", "ac", "Ad"], (await server.Call(server.Root, $"List{kind}s")).All(kind + "Name"));
            Assert.Equal(["ac"], (await server.Call(server.Root, $"List{kind}s", "PathPrefix", "/x/y")).All(kind + "Name"));
            List<string> names = [];
            string marker = "";
            while (names.Count < 4)
            {
                var page = await server.Call(server.Root, $"List{kind}s", "MaxItems", "1", "Marker", marker);
                names.AddRange(page.All(kind + "Name"));
                marker = page["Marker"] ?? "";
                Assert.Equal(names.Count < 4 ? "true" : "false", page["IsTruncated"]);
            }
            Assert.Equal(["aa", "Ab", "ac", "Ad"], names);
        }
        Assert.Equal((400, "ValidationError"), (await server.Call(server.Root, "ListUsers", "MaxItems", "0")).Outcome);
        Assert.Equal((400, "ValidationError"), (await server.Call(server.Root, "ListUsers", "MaxItems", "1001")).Outcome);
    }

    [Fact]
    public async Task Keys_of_a_user_are_at_most_two_and_can_be_disabled_and_deleted()
    {
        await using var server = await IamServer.Start();
        await server.Call(server.Root, "CreateUser", "UserName", "carol");
        var made = await server.Call(server.Root, "CreateAccessKey", "UserName", "carol");
        var key = made.Key();
        Assert.Equal(("carol", "Active"), (made["UserName"], made["Status"]));
        Assert.Equal("carol", (await server.Call(key, "GetCallerIdentity"))["Arn"]?.Split('/')[^1]);
        await server.Call(server.Root, "CreateAccessKey", "UserName", "carol");
        Assert.Equal((409, "LimitExceeded"), (await server.Call(server.Root, "CreateAccessKey", "UserName", "carol")).Outcome);
        Assert.DoesNotContain("Secret", (await server.Call(server.Root, "ListAccessKeys", "UserName", "carol")).Document.ToString(), StringComparison.Ordinal);

        // It is the user's, not the caller's, and nobody's in another account.
        Assert.Equal((404, "NoSuchEntity"), (await server.Call(server.Root, "UpdateAccessKey", "AccessKeyId", key.Id, "Status", "Inactive")).Outcome);
        Assert.Equal((404, "NoSuchEntity"), (await server.Call(server.Other, "DeleteAccessKey", "AccessKeyId", key.Id)).Outcome);
        Assert.Equal((400, "ValidationError"), (await server.Call(server.Root, "UpdateAccessKey", "UserName", "carol", "AccessKeyId", key.Id, "Status", "off")).Outcome);
        Assert.Equal(200, (await server.Call(server.Root, "UpdateAccessKey", "UserName", "carol", "AccessKeyId", key.Id, "Status", "Inactive")).Status);
        Assert.Equal((403, "InvalidClientTokenId"), (await server.Call(key, "GetCallerIdentity")).Outcome);
        Assert.Equal((409, "DeleteConflict"), (await server.Call(server.Root, "DeleteUser", "UserName", "carol")).Outcome);
        Assert.Equal(200, (await server.Call(server.Root, "DeleteAccessKey", "UserName", "carol", "AccessKeyId", key.Id)).Status);
        Assert.Single((await server.Call(server.Root, "ListAccessKeys", "UserName", "carol")).All("AccessKeyId"));
    }

    [Fact]
    public async Task Without_a_name_it_is_the_caller()
    {
        await using var server = await IamServer.Start();
        var root = await server.Call(server.Root, "GetUser");
        Assert.Equal(server.Root.Account.Arn, root["Arn"]);
        var second = (await server.Call(server.Root, "CreateAccessKey")).Key();
        Assert.Equal(new[] { second.Id, server.Root.Id }.Order(StringComparer.Ordinal), (await server.Call(second, "ListAccessKeys")).All("AccessKeyId"));
        var carol = await User(server, "carol", IamServer.Allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"));
        Assert.Equal([carol.Id], (await server.Call(carol, "ListAccessKeys")).All("AccessKeyId"));
        Assert.Equal(200, (await server.Call(carol, "CreateAccessKey", "UserName", "carol")).Status);
        Assert.Equal((403, "AccessDenied"), (await server.Call(carol, "CreateAccessKey", "UserName", "dave")).Outcome);
    }

    [Fact]
    public async Task A_user_may_only_what_its_policies_allow()
    {
        await using var server = await IamServer.Start();
        var carol = await User(server, "carol", null);
        foreach (var action in IamOperations.All.Where(o => o.Spec.Service == IamService.Iam).Select(o => o.Spec.Name))
        {
            var answer = await server.Call(
                carol, action, "UserName", "dave", "RoleName", "r", "PolicyName", "p", "PolicyDocument", IamServer.Allow("iam:*"),
                "AccessKeyId", server.Root.Id, "Status", "Inactive", "AssumeRolePolicyDocument", IamServer.Anybody,
                "NewPath", "/x/");
            Assert.Equal((action, (403, "AccessDenied")), (action, answer.Outcome));
        }
        var arn = $"arn:aws:iam::{server.Root.Account.Id}:user/team/*";
        await server.Call(server.Root, "PutUserPolicy", "UserName", "carol", "PolicyName", "p", "PolicyDocument", IamServer.Allow("iam:*User", arn));
        Assert.Equal(200, (await server.Call(carol, "CreateUser", "UserName", "dave", "Path", "/team/")).Status);
        Assert.Equal(200, (await server.Call(carol, "GetUser", "UserName", "dave")).Status);
        Assert.Equal((403, "AccessDenied"), (await server.Call(carol, "CreateUser", "UserName", "erin")).Outcome);
        Assert.Equal((403, "AccessDenied"), (await server.Call(carol, "DeleteUser", "UserName", "carol")).Outcome);
        Assert.Equal((403, "AccessDenied"), (await server.Call(carol, "CreateAccessKey", "UserName", "dave")).Outcome);
        var deny = IamServer.Allow("iam:GetUser").Replace("Allow", "Deny", StringComparison.Ordinal);
        await server.Call(server.Root, "PutUserPolicy", "UserName", "carol", "PolicyName", "q", "PolicyDocument", deny);
        Assert.Equal((403, "AccessDenied"), (await server.Call(carol, "GetUser", "UserName", "dave")).Outcome);
    }

    [Theory]
    [InlineData("User")]
    [InlineData("Role")]
    public async Task Policies_are_put_shown_listed_and_deleted(string kind)
    {
        await using var server = await IamServer.Start();
        await server.Call(server.Root, $"Create{kind}", $"{kind}Name", "x", "AssumeRolePolicyDocument", IamServer.Anybody);
        string[] name = [$"{kind}Name", "x"];
        var policy = IamServer.Allow("s3:*", "arn:aws:s3:::ä/*");
        Assert.Equal((404, "NoSuchEntity"), (await server.Call(server.Root, $"Get{kind}Policy", [.. name, "PolicyName", "p"])).Outcome);
        Assert.Equal((404, "NoSuchEntity"), (await server.Call(server.Root, $"Delete{kind}Policy", [.. name, "PolicyName", "p"])).Outcome);
        Assert.Equal((404, "NoSuchEntity"), (await server.Call(server.Root, $"Put{kind}Policy", $"{kind}Name", "y", "PolicyName", "p", "PolicyDocument", policy)).Outcome);
        foreach (var one in new[] { "p", "B" })
            Assert.Equal(200, (await server.Call(server.Root, $"Put{kind}Policy", [.. name, "PolicyName", one, "PolicyDocument", policy])).Status);
        Assert.Equal(["B", "p"], (await server.Call(server.Root, $"List{kind}Policies", name)).All("member"));
        Assert.Equal(policy, Uri.UnescapeDataString((await server.Call(server.Root, $"Get{kind}Policy", [.. name, "PolicyName", "p"]))["PolicyDocument"]!));
        Assert.Equal((409, "DeleteConflict"), (await server.Call(server.Root, $"Delete{kind}", name)).Outcome);
        foreach (var one in new[] { "p", "B" })
            Assert.Equal(200, (await server.Call(server.Root, $"Delete{kind}Policy", [.. name, "PolicyName", one])).Status);
        Assert.Empty((await server.Call(server.Root, $"List{kind}Policies", name)).All("member"));
        Assert.Empty((await server.Call(server.Root, $"ListAttached{kind}Policies", name)).All("member"));
        Assert.Equal(200, (await server.Call(server.Root, $"Delete{kind}", name)).Status);
    }

    [Fact]
    public async Task A_user_is_moved_to_another_path_by_who_may_do_that_to_both()
    {
        await using var server = await IamServer.Start();
        await server.Call(server.Root, "CreateUser", "UserName", "dave", "Path", "/team/");
        var carol = await User(server, "carol", IamServer.Allow("iam:*", $"arn:aws:iam::{server.Root.Account.Id}:user/team/*"));
        Assert.Equal((403, "AccessDenied"), (await server.Call(carol, "UpdateUser", "UserName", "dave", "NewPath", "/admin/")).Outcome);
        Assert.Equal((400, "ValidationError"), (await server.Call(server.Root, "UpdateUser", "UserName", "dave", "NewPath", "admin")).Outcome);
        Assert.Equal((501, "NotImplemented"), (await server.Call(server.Root, "UpdateUser", "UserName", "dave", "NewUserName", "erin")).Outcome);
        Assert.Equal(200, (await server.Call(carol, "UpdateUser", "UserName", "dave", "NewPath", "/team/a/")).Status);
        Assert.Equal($"arn:aws:iam::{server.Root.Account.Id}:user/team/a/dave", (await server.Call(carol, "GetUser", "UserName", "dave"))["Arn"]);
    }

    [Fact]
    public async Task A_role_is_changed_and_keeps_what_is_not_named()
    {
        await using var server = await IamServer.Start();
        var made = await server.Call(server.Root, "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", IamServer.Anybody, "Description", "first");
        await server.Call(server.Root, "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", IamServer.Allow("s3:*"));
        Assert.Equal(200, (await server.Call(server.Root, "UpdateRole", "RoleName", "r", "MaxSessionDuration", "7200")).Status);
        var changed = await server.Call(server.Root, "GetRole", "RoleName", "r");
        Assert.Equal(("first", "7200", made["RoleId"]), (changed["Description"], changed["MaxSessionDuration"], changed["RoleId"]));
        Assert.Equal("second", (await server.Call(server.Root, "UpdateRoleDescription", "RoleName", "r", "Description", "second"))["Description"]);

        Assert.Equal((400, "MalformedPolicyDocument"), (await server.Call(server.Root, "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", "{}")).Outcome);
        Assert.Equal((409, "LimitExceeded"), (await server.Call(server.Root, "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", IamServer.Anybody + new string(' ', 2048))).Outcome);
        string[] assume = ["RoleArn", made["Arn"]!, "RoleSessionName", "me"];
        Assert.Equal(200, (await server.Call(server.Other, "AssumeRole", assume)).Status);
        var own = IamServer.Anybody.Replace("\"*\"", $"\"{server.Root.Account.Id}\"", StringComparison.Ordinal);
        Assert.Equal(200, (await server.Call(server.Root, "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", own)).Status);
        Assert.Equal((403, "AccessDenied"), (await server.Call(server.Other, "AssumeRole", assume)).Outcome);
        Assert.Equal(["p"], (await server.Call(server.Root, "ListRolePolicies", "RoleName", "r")).All("member"));
    }

    [Theory]
    [InlineData("p", "{", 400, "MalformedPolicyDocument")]
    [InlineData("p", "[]", 400, "MalformedPolicyDocument")]
    [InlineData("p", """{"Version":"2012-10-17"}""", 400, "MalformedPolicyDocument")]
    [InlineData("p", """{"Version":"2010-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", 400, "MalformedPolicyDocument")]
    [InlineData("p", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}""", 400, "MalformedPolicyDocument")]
    [InlineData("a b", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", 400, "ValidationError")]
    [InlineData("", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", 400, "ValidationError")]
    public async Task Malformed_policies_change_nothing(string name, string document, int status, string code)
    {
        await using var server = await IamServer.Start();
        await server.Call(server.Root, "CreateUser", "UserName", "carol");
        var answer = await server.Call(server.Root, "PutUserPolicy", "UserName", "carol", "PolicyName", name, "PolicyDocument", document);
        Assert.Equal((status, code), answer.Outcome);
        Assert.Empty((await server.Call(server.Root, "ListUserPolicies", "UserName", "carol")).All("member"));
    }

    [Fact]
    public async Task A_users_policies_together_are_bounded_blanks_not_counted()
    {
        await using var server = await IamServer.Start();
        await server.Call(server.Root, "CreateUser", "UserName", "carol");
        var half = IamServer.Allow("s3:*", "arn:aws:s3:::" + new string('x', 1000));
        string[] parameters = ["UserName", "carol", "PolicyDocument", half.Replace(",", ",   \n", StringComparison.Ordinal), "PolicyName"];
        Assert.Equal(200, (await server.Call(server.Root, "PutUserPolicy", [.. parameters, "p"])).Status);
        Assert.Equal(200, (await server.Call(server.Root, "PutUserPolicy", [.. parameters, "p"])).Status);
        Assert.Equal((409, "LimitExceeded"), (await server.Call(server.Root, "PutUserPolicy", [.. parameters, "q"])).Outcome);
        Assert.Equal(["p"], (await server.Call(server.Root, "ListUserPolicies", "UserName", "carol")).All("member"));
    }

    [Theory]
    [InlineData("CreateUser", "UserName", "a/b")]
    [InlineData("CreateUser", "UserName", "")]
    [InlineData("CreateUser", "UserName", "a", "Path", "x")]
    [InlineData("CreateRole", "RoleName", "a", "AssumeRolePolicyDocument", IamServer.Anybody, "MaxSessionDuration", "60")]
    [InlineData("CreateRole", "RoleName", "a")]
    [InlineData("AssumeRole", "RoleArn", "nonsense", "RoleSessionName", "me")]
    [InlineData("AssumeRole", "RoleArn", "arn:aws:iam::123456789012:role/r", "RoleSessionName", "a b")]
    [InlineData("GetSessionToken", "DurationSeconds", "899")]
    [InlineData("GetSessionToken", "DurationSeconds", "x")]
    public async Task Malformed_parameters_are_refused(string action, params string[] parameters)
    {
        await using var server = await IamServer.Start();
        Assert.Equal((400, "ValidationError"), (await server.Call(server.Root, action, parameters)).Outcome);
    }

    [Theory]
    [InlineData("Action=GetUser&Version=2011-06-15", 400, "InvalidAction")]
    [InlineData("Action=GetUser", 400, "InvalidAction")]
    [InlineData("Action=GetCallerIdentity&Version=2010-05-08", 400, "InvalidAction")]
    [InlineData("Action=CreateGroup&Version=2010-05-08&GroupName=g", 501, "NotImplemented")]
    [InlineData("Action=GetAccessKeyLastUsed&Version=2010-05-08&AccessKeyId=k", 501, "NotImplemented")]
    [InlineData("Action=MakeCoffee&Version=2010-05-08", 400, "InvalidAction")]
    [InlineData("Version=2010-05-08", 400, "ValidationError")]
    [InlineData("Action=GetUser&Version=2010-05-08&Action=ListUsers", 400, "MalformedQueryString")]
    [InlineData("Action=CreateUser&Version=2010-05-08&UserName=u&Tags.member.1.Key=k&Tags.member.1.Value=v", 501, "NotImplemented")]
    [InlineData("Action=CreateUser&Version=2010-05-08&UserName=u&PermissionsBoundary=a", 501, "NotImplemented")]
    public async Task Requests_that_nothing_serves_are_refused(string form, int status, string code)
    {
        await using var server = await IamServer.Start();
        var answer = await server.Send(server.Root, "iam", form);
        Assert.Equal((status, code), answer.Outcome);
        Assert.Equal("{https://iam.amazonaws.com/doc/2010-05-08/}ErrorResponse", answer.Document.Name.ToString());
        Assert.Equal(answer.RequestId, answer["RequestId"]);
        Assert.Empty((await server.Call(server.Root, "ListUsers")).All("UserName"));
    }

    [Fact]
    public async Task A_form_that_was_altered_or_is_too_large_is_refused()
    {
        await using var server = await IamServer.Start();
        const string form = "Action=CreateUser&Version=2010-05-08&UserName=carol";
        var altered = await server.Send(server.Root, "iam", form, alter: r => r.Body = Encoding.ASCII.GetBytes(form.Replace("carol", "erin", StringComparison.Ordinal)));
        Assert.Equal((403, "SignatureDoesNotMatch"), altered.Outcome);
        Assert.Equal((403, "SignatureDoesNotMatch"), (await server.Send(new AccessKey(server.Root.Id, "wrong", true, null!, null), "iam", form)).Outcome);
        Assert.Equal((403, "InvalidClientTokenId"), (await server.Send(new AccessKey("AKNOBODY", "wrong", true, null!, null), "iam", form)).Outcome);
        Assert.Equal((413, "RequestEntityTooLarge"), (await server.Send(server.Root, "iam", form + "&x=" + new string('x', 200_000))).Outcome);
        Assert.Empty((await server.Call(server.Root, "ListUsers")).All("UserName"));
    }

    private static async Task<AccessKey> User(IamServer server, string name, string? policy)
    {
        await server.Call(server.Root, "CreateUser", "UserName", name);
        if (policy is not null) await server.Call(server.Root, "PutUserPolicy", "UserName", name, "PolicyName", "first", "PolicyDocument", policy);
        return (await server.Call(server.Root, "CreateAccessKey", "UserName", name)).Key();
    }
}
