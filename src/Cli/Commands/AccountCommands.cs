using System.CommandLine;
using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn account</c>: the accounts of an installation, for its administrators.</summary>
internal static class AccountCommands
{
    private const string Examples = """
        Examples:
          zenkofn account list
          zenkofn account create sales@example.com           tells its first access key
          zenkofn account create ops@example.com --system    one that administrates the installation by ostor's API
          zenkofn account show sales@example.com --secrets   with the secrets of its keys
          zenkofn account disable sales@example.com          its keys, its users' and its storage accounts' sign no more
          zenkofn account enable sales@example.com
          zenkofn account delete 123456789012                one that owns neither buckets nor storage accounts
        """;

    private static readonly Argument<string> Account = new("account") { Description = "The account: its e-mail address, its 12 digits, or its 16 hex digits in ostor." };
    private static readonly Argument<string> Email = new("email") { Description = "Its e-mail address, which no other account has." };
    private static readonly Option<bool> System = new("--system") { Description = "Makes it a system account: its keys administrate the installation by ostor's API. Only the root may do that." };
    private static readonly Option<bool> Secrets = new("--secrets") { Description = "Shows the secrets of its keys, too." };

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("account", "Accounts: who owns buckets, users and keys. For administrators.")
    {
        new Command("list", "Lists all accounts.").Asking(List),
        new Command("create", "Makes an account with an access key.") { Email, System }.Asking(Create),
        new Command("show", "Shows an account, its keys and its users.") { Account, Secrets }.Asking(Show),
        new Command("disable", "Lets nothing of an account sign any more. Nothing is removed.") { Account }.Asking((server, parsed, ct) => Enable(server, parsed, false, ct)),
        new Command("enable", "Lets it sign again.") { Account }.Asking((server, parsed, ct) => Enable(server, parsed, true, ct)),
        new Command("delete", "Deletes an account with its users and keys. It must own neither buckets nor storage accounts.") { Account }.Asking(Delete),
    }, Examples);

    /// <summary>Makes an account; a system account in two steps, of which only the root may take the second.</summary>
    public static async Task<NewKeyDocument> Create(RemoteServer server, string email, bool isSystem, CancellationToken ct)
    {
        var made = await new RemoteOstor(server).Create(email, ct);
        if (!isSystem) return made;
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new() { System = true }, AccountJson.Default.AccountChange);
            await server.Ask("PUT", "/_/management/accounts/" + RemoteOstor.AccountOf(made.UserId), AccountJson.Default.AccountDocument, ct, body);
            return made;
        }
        catch (RemoteException e)
        {
            // Nobody has its key yet.
            await new RemoteOstor(server).Delete(new("id", made.UserId), ct);
            throw new RemoteException(e.Status, e.Code, $"No account was made. {e.Message}");
        }
    }

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var all = (await new RemoteOstor(server).Users(ct)).Select(each => new AccountLine(each.UserEmail, RemoteOstor.AccountOf(each.UserId), each.UserId, each.State)).ToList();
        return await Output.Write(parsed, new(all), CliJson.Default.AccountList, () =>
            Table.Text(["E-MAIL", "ACCOUNT", "ID IN OSTOR", "STATE"], [.. all.Select(each => (string[])[each.Email, each.Account, each.OstorId, each.State])]));
    }

    private static async Task<int> Create(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var isSystem = parsed.GetValue(System);
        var made = await Create(server, parsed.GetRequiredValue(Email), isSystem, ct);
        return await Tell(parsed, new(made.UserEmail, RemoteOstor.AccountOf(made.UserId), made.UserId, "enabled") { System = isSystem, Keys = [.. made.Keys.Select(KeyLine.Of)] });
    }

    private static async Task<int> Show(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var found = await new RemoteOstor(server).User(RemoteOstor.Named(parsed.GetRequiredValue(Account)), ct);
        var keys = found.Keys.Select(KeyLine.Of);
        return await Tell(parsed, new(found.UserEmail, RemoteOstor.AccountOf(found.UserId), found.UserId, found.State)
        {
            System = found.Flags.Contains("system"),
            Keys = [.. parsed.GetValue(Secrets) ? keys : keys.Select(key => key with { Secret = null })],
            Users = [.. found.Accounts.Select(each => each.Name)],
        });
    }

    private static async Task<int> Enable(RemoteServer server, ParseResult parsed, bool isEnabled, CancellationToken ct)
    {
        await new RemoteOstor(server).Enable(RemoteOstor.Named(parsed.GetRequiredValue(Account)), isEnabled, ct);
        return await Output.Done(parsed, isEnabled ? "Enabled." : "Disabled.");
    }

    private static async Task<int> Delete(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await new RemoteOstor(server).Delete(RemoteOstor.Named(parsed.GetRequiredValue(Account)), ct);
        return await Output.Done(parsed, "Deleted.");
    }

    private static Task<int> Tell(ParseResult parsed, AccountLine account) => Output.Write(parsed, account, CliJson.Default.AccountLine, () =>
        Output.Pairs([
            ("e-mail", account.Email), ("account", account.Account), ("id in ostor", account.OstorId), ("state", account.State), ("system", account.System == true ? "yes" : "no"),
            ("users", account.Users is { Count: > 0 } users ? string.Join(", ", users) : null),
            .. account.Keys!.SelectMany(key => ((string, string?)[])[("access key", key.Key), ("secret key", key.Secret)]),
        ]));
}

/// <summary>An account.</summary>
/// <param name="Email">Its e-mail address.</param>
/// <param name="Account">Its 12 digits.</param>
/// <param name="OstorId">Its id in ostor.</param>
/// <param name="State"><c>enabled</c> or <c>disabled</c>.</param>
internal sealed record AccountLine(string Email, string Account, string OstorId, string State)
{
    /// <summary>Whether it administrates the installation; null where that was not asked.</summary>
    public bool? System { get; init; }

    /// <summary>Its own keys; null where these were not asked for.</summary>
    public IReadOnlyList<KeyLine>? Keys { get; init; }

    /// <summary>The names of its users; null where these were not asked for.</summary>
    public IReadOnlyList<string>? Users { get; init; }
}

/// <summary>All accounts.</summary>
internal sealed record AccountList(IReadOnlyList<AccountLine> Accounts);
