using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn storage-account</c>: the storage accounts by which clients of Azure Blob reach a running server.</summary>
internal static class StorageAccountCommands
{
    private const string Accounts = "/_/management/storage-accounts";

    private const string Examples = """
        Examples:
          zenkofn storage-account create photos --https-only true
          zenkofn storage-account show-connection-string photos
          zenkofn storage-account keys photos
          zenkofn storage-account renew-key photos --key key2
          zenkofn storage-account set photos --public-access false
          zenkofn storage-account list
          zenkofn storage-account show photos
          zenkofn storage-account delete photos
        """;

    private static readonly Argument<string> Name = new("name") { Description = "The storage account's name: 3 to 24 letters and digits." };
    private static readonly Option<string?> Location = new("--location") { Description = "Where its containers keep their blobs; otherwise the server's default location.", HelpName = "name" };
    private static readonly Option<bool?> HttpsOnly = new("--https-only") { Description = "Whether requests over plain HTTP are refused.", HelpName = "true|false" };
    private static readonly Option<bool?> PublicAccess = new("--public-access") { Description = "Whether containers may be open to those who do not sign.", HelpName = "true|false" };
    private static readonly Option<bool?> SharedKey = new("--shared-key") { Description = "Whether its keys sign, shared access signatures included.", HelpName = "true|false" };
    private static readonly Option<string> Key = new("--key") { Description = "Which key: key1 or key2.", HelpName = "name", DefaultValueFactory = _ => "key1" };

    static StorageAccountCommands() => Key.AcceptOnlyFromAmong("key1", "key2");

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("storage-account", "Storage accounts: names and keys by which clients of Azure Blob reach the buckets of your account.")
    {
        new Command("create", "Makes a storage account with two fresh keys.") { Name, Location, HttpsOnly, PublicAccess, SharedKey }.Asking(Create),
        new Command("list", "Lists your storage accounts.").Asking(List),
        new Command("show", "Shows a storage account.") { Name }.Asking(Show),
        new Command("set", "Changes a storage account. What is not named stays.") { Name, HttpsOnly, PublicAccess, SharedKey }.Asking(Change),
        new Command("keys", "Shows its two keys. Who has one may do all that your account may.") { Name }.Asking(Keys),
        new Command("renew-key", "Puts a fresh key in place of one. What was signed by the old one is worth nothing any more.") { Name, Key }.Asking(RenewKey),
        new Command("show-connection-string", "Shows the connection string that Azure's clients take.") { Name, Key }.Asking(ConnectionString),
        new Command("delete", "Deletes a storage account that has no containers of its own.") { Name }.Asking(Delete),
    }, Examples);

    private static async Task<int> Create(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Told(parsed, await server.Ask("POST", Accounts, StorageAccountsJson.Default.StorageAccountDocument, ct, Document(parsed)));

    private static async Task<int> Change(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Told(parsed, await server.Ask("PUT", PathOf(parsed), StorageAccountsJson.Default.StorageAccountDocument, ct, Document(parsed)));

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var all = await server.Ask("GET", Accounts, StorageAccountsJson.Default.StorageAccountList, ct);
        return await Output.Write(parsed, all, StorageAccountsJson.Default.StorageAccountList, () => Text(all.StorageAccounts));
    }

    private static async Task<int> Show(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Told(parsed, await server.Ask("GET", PathOf(parsed), StorageAccountsJson.Default.StorageAccountDocument, ct));

    private static async Task<int> Keys(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Told(parsed, await server.Ask("GET", PathOf(parsed) + "/keys", StorageAccountsJson.Default.StorageAccountKeys, ct));

    private static async Task<int> RenewKey(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Told(parsed, await server.Ask("POST", $"{PathOf(parsed)}/keys/{parsed.GetRequiredValue(Key)}/renew", StorageAccountsJson.Default.StorageAccountKeys, ct));

    private static async Task<int> ConnectionString(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var keys = await server.Ask("GET", PathOf(parsed) + "/keys", StorageAccountsJson.Default.StorageAccountKeys, ct);
        var key = keys.Keys.Single(each => each.Name == parsed.GetRequiredValue(Key));
        var endpoint = server.Endpoint;
        var text = $"DefaultEndpointsProtocol={endpoint.Scheme};AccountName={keys.StorageAccount};AccountKey={key.Value};BlobEndpoint={endpoint.GetLeftPart(UriPartial.Authority)}/{keys.StorageAccount}";
        return await Output.Write(parsed, new(text), CliJson.Default.ConnectionString, () => text + Environment.NewLine);
    }

    private static async Task<int> Delete(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await server.Send("DELETE", PathOf(parsed), null, "", ct);
        return await Output.Done(parsed, "Deleted.");
    }

    private static string PathOf(ParseResult parsed) => $"{Accounts}/{RemoteServer.Segment(parsed.GetRequiredValue(Name))}";

    private static byte[] Document(ParseResult parsed) => JsonSerializer.SerializeToUtf8Bytes(
        new()
        {
            Name = parsed.GetRequiredValue(Name),
            Location = parsed.GetValue(Location),
            HttpsOnly = parsed.GetValue(HttpsOnly),
            AllowPublicAccess = parsed.GetValue(PublicAccess),
            AllowSharedKey = parsed.GetValue(SharedKey),
        },
        StorageAccountsJson.Default.StorageAccountDocument);

    private static Task<int> Told(ParseResult parsed, StorageAccountDocument account) =>
        Output.Write(parsed, account, StorageAccountsJson.Default.StorageAccountDocument, () => Text([account]));

    private static Task<int> Told(ParseResult parsed, StorageAccountKeys keys) => Output.Write(
        parsed, keys, StorageAccountsJson.Default.StorageAccountKeys,
        () => Table.Text(["KEY", "VALUE", "CREATED"], [.. keys.Keys.Select(key => (string[])[key.Name, key.Value, Date(key.Created)])]));

    private static string Text(IReadOnlyList<StorageAccountDocument> accounts) => Table.Text(
        ["NAME", "LOCATION", "CREATED", "OPTIONS"],
        [.. accounts.Select(each => (string[])[each.Name!, each.Location is { Length: > 0 } location ? location : "(default)", Date(each.Created), string.Join(", ", Options(each))])]);

    private static string Date(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";

    private static IEnumerable<string> Options(StorageAccountDocument account)
    {
        if (account.HttpsOnly == true) yield return "HTTPS only";
        if (account.AllowPublicAccess == false) yield return "no public access";
        if (account.AllowSharedKey == false) yield return "keys do not sign";
    }
}

/// <summary>An answer with a connection string.</summary>
internal sealed record ConnectionString([property: System.Text.Json.Serialization.JsonPropertyName("connectionString")] string Value);
