using System.CommandLine;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn key</c>: access keys, of the caller's account and its users, or of another account.</summary>
internal static class KeyCommands
{
    private const string Examples = """
        Examples:
          zenkofn key list                                   your account's own
          zenkofn key list --user backup
          zenkofn key create --user backup                   tells the secret this once
          zenkofn key disable AKIA0123 --user backup
          zenkofn key enable AKIA0123 --user backup
          zenkofn key delete AKIA0123 --user backup
          zenkofn key create --account sales@example.com     for administrators: a further key of another account; two is the most
          zenkofn key delete AKIA0123 --account sales@example.com
        """;

    private static readonly Argument<string> Key = new("key") { Description = "The id of the access key." };
    private static readonly Option<string?> User = new("--user") { Description = "The user who has it; otherwise it is the account's own.", HelpName = "name" };
    private static readonly Option<string?> Account = new("--account")
    {
        Description = "Another account, by its e-mail address or id: for administrators.",
        HelpName = "e-mail or id",
    };

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("key", "Access keys, by which requests are signed.")
    {
        new Command("list", "Lists access keys, without their secrets.") { User, Account }.Asking(List),
        new Command("create", "Makes an access key.") { User, Account }.Asking(Create),
        new Command("delete", "Deletes an access key.") { Key, User, Account }.Asking(Delete),
        new Command("disable", "Lets an access key sign no more.") { Key, User }.Asking((server, parsed, ct) => Enable(server, parsed, false, ct)),
        new Command("enable", "Lets it sign again.") { Key, User }.Asking((server, parsed, ct) => Enable(server, parsed, true, ct)),
    }, Examples);

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var user = parsed.GetValue(User);
        var keys = parsed.GetValue(Account) is { } account
            ? [.. Of(await new RemoteOstor(server).User(RemoteOstor.Named(account), ct), user, account).Select(key => KeyLine.Of(key) with { Secret = null })]
            : await new RemoteIam(server).List("ListAccessKeys", ct, ("UserName", user))
                .Select(each => new KeyLine(each.Of("AccessKeyId")!) { State = each.Of("Status") == "Active" ? "enabled" : "disabled", Created = each.Of("CreateDate") }).ToListAsync(ct);
        return await Output.Write(parsed, new(keys), CliJson.Default.KeyList, () =>
            Table.Text(["KEY", "STATE", "CREATED"], [.. keys.Select(each => (string[])[each.Key, each.State ?? "-", each.Created is { } time ? RemoteBuckets.Time(time) : "-"])]));
    }

    private static async Task<int> Create(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var user = parsed.GetValue(User);
        KeyLine made;
        if (parsed.GetValue(Account) is { } account) made = KeyLine.Of((await new RemoteOstor(server).NewKey(RemoteOstor.Named(account), user, ct)).Keys[0]);
        else
        {
            var answer = (await new RemoteIam(server).Ask("CreateAccessKey", ct, ("UserName", user))).All("AccessKey").Single();
            made = new(answer.Of("AccessKeyId")!) { Secret = answer.Of("SecretAccessKey") };
        }
        return await Output.Write(parsed, made, CliJson.Default.KeyLine, () => Output.Pairs(("access key", made.Key), ("secret key", made.Secret)));
    }

    private static async Task<int> Delete(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (key, user) = (parsed.GetRequiredValue(Key), parsed.GetValue(User));
        if (parsed.GetValue(Account) is { } account) await new RemoteOstor(server).RevokeKey(RemoteOstor.Named(account), user, key, ct);
        else await new RemoteIam(server).Ask("DeleteAccessKey", ct, ("UserName", user), ("AccessKeyId", key));
        return await Output.Done(parsed, "Deleted.");
    }

    private static async Task<int> Enable(RemoteServer server, ParseResult parsed, bool isEnabled, CancellationToken ct)
    {
        await new RemoteIam(server).Ask("UpdateAccessKey", ct, ("UserName", parsed.GetValue(User)), ("AccessKeyId", parsed.GetRequiredValue(Key)), ("Status", isEnabled ? "Active" : "Inactive"));
        return await Output.Done(parsed, isEnabled ? "Enabled." : "Disabled.");
    }

    private static IReadOnlyList<KeyDocument> Of(UserDocument found, string? user, string account) =>
        user is null ? found.Keys : found.Accounts.FirstOrDefault(each => each.Name == user)?.Keys ?? throw new StartupException($"{account} has no user {user}. zenkofn account show {account} lists them.");
}

/// <summary>An access key.</summary>
/// <param name="Key">Its id.</param>
internal sealed record KeyLine(string Key)
{
    /// <summary>Its secret, where that is told.</summary>
    public string? Secret { get; init; }

    /// <summary><c>enabled</c> or <c>disabled</c>, where that is known.</summary>
    public string? State { get; init; }

    /// <summary>When it was made, where that is known.</summary>
    public string? Created { get; init; }

    /// <summary>A key pair as ostor tells it.</summary>
    public static KeyLine Of(KeyDocument key) => new(key.Id) { Secret = key.Secret };
}

/// <summary>All keys.</summary>
internal sealed record KeyList(IReadOnlyList<KeyLine> Keys);
