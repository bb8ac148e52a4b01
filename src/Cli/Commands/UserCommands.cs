using System.CommandLine;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn user</c>: the users of the caller's account.</summary>
internal static class UserCommands
{
    private const string Examples = """
        Examples:
          zenkofn user list
          zenkofn user create backup                         may do nothing until it has a policy, and has no key yet
          zenkofn policy put read-all policy.json --user backup
          zenkofn key create --user backup
          zenkofn user delete backup                         with its keys and policies, which it loses first
        """;

    private static readonly Argument<string> Name = new("name") { Description = "The user's name." };

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("user", "Users within your account, who may do what their policies allow.")
    {
        new Command("list", "Lists the users.").Asking(List),
        new Command("create", "Makes a user.") { Name }.Asking(Create),
        new Command("delete", "Deletes a user with its keys and policies.") { Name }.Asking(Delete),
    }, Examples);

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var users = await new RemoteIam(server).List("ListUsers", ct)
            .Select(each => new UserOfAccount(each.Of("UserName")!, each.Of("UserId")!, each.Of("Arn")!, each.Of("CreateDate")!)).ToListAsync(ct);
        return await Output.Write(parsed, new(users), CliJson.Default.UserList, () =>
            Table.Text(["NAME", "CREATED", "ARN"], [.. users.Select(each => (string[])[each.Name, RemoteBuckets.Time(each.Created), each.Arn])]));
    }

    private static async Task<int> Create(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var made = await new RemoteIam(server).Ask("CreateUser", ct, ("UserName", parsed.GetRequiredValue(Name)));
        var user = made.All("User").Single();
        var line = new UserOfAccount(user.Of("UserName")!, user.Of("UserId")!, user.Of("Arn")!, user.Of("CreateDate")!);
        return await Output.Write(parsed, line, CliJson.Default.UserOfAccount, () =>
            $"Made {line.Arn}. It may do nothing yet: zenkofn policy put NAME FILE --user {line.Name}, and zenkofn key create --user {line.Name}.{Environment.NewLine}");
    }

    // As AWS's clients do: a user that has something cannot be deleted.
    private static async Task<int> Delete(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (iam, user) = (new RemoteIam(server), ("UserName", parsed.GetRequiredValue(Name)));
        foreach (var key in await iam.List("ListAccessKeys", ct, user).Select(each => each.Of("AccessKeyId")).ToListAsync(ct)) await iam.Ask("DeleteAccessKey", ct, user, ("AccessKeyId", key));
        foreach (var policy in await iam.List("ListUserPolicies", ct, user).Select(each => each.Value).ToListAsync(ct)) await iam.Ask("DeleteUserPolicy", ct, user, ("PolicyName", policy));
        await iam.Ask("DeleteUser", ct, user);
        return await Output.Done(parsed, "Deleted.");
    }
}

/// <summary>A user.</summary>
internal sealed record UserOfAccount(string Name, string Id, string Arn, string Created);

/// <summary>All users.</summary>
internal sealed record UserList(IReadOnlyList<UserOfAccount> Users);
