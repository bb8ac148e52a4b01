using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Management;

/// <summary>What administrators see of accounts. Secrets are not among it.</summary>
internal static class AccountViews
{
    private const int Most = 1000;

    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct)
    {
        var (accounts, marker) = (call.Installation.Accounts, call.Query["marker"] ?? "");
        List<AccountDocument> page = [];
        await foreach (var account in accounts.List(ct))
        {
            if (string.CompareOrdinal(account.Id, marker) <= 0) continue;
            if (page.Count == Most) return Reply.Json(AccountJson.Default.AccountsDocument, new(page, page[^1].Id));
            page.Add(AccountDocument.Of(account, await accounts.IsAdministrator(account, ct)));
        }
        return Reply.Json(AccountJson.Default.AccountsDocument, new(page, null));
    }

    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct)
    {
        var accounts = call.Installation.Accounts;
        if (await SystemAccounts.Find(call, ct) is not { } account) return SystemAccounts.NoSuchAccount(call.Path["account"]);
        var users = await accounts.Users(account, ct).Take(Most).Select(user => user.Name).ToListAsync(ct);
        var keys = await accounts.Keys(account, null, ct).Take(Most).Select(key => new AccountKeyDocument(key.Id, key.Created)).ToListAsync(ct);
        return Reply.Json(AccountJson.Default.AccountDetails, new(
            AccountDocument.Of(account, await accounts.IsAdministrator(account, ct)), await accounts.IsRoot(account, ct), account.Quota, keys, users));
    }
}

/// <summary>Accounts, by id.</summary>
/// <param name="Accounts">At most a thousand.</param>
/// <param name="Next">Where there are more: the <c>marker</c> of the request that tells them.</param>
public sealed record AccountsDocument(IReadOnlyList<AccountDocument> Accounts, string? Next);

/// <summary>An account with what it has.</summary>
/// <param name="Account">The account.</param>
/// <param name="IsRoot">Whether it is the installation's own.</param>
/// <param name="QuotaBytes">The most bytes that all of its buckets may hold together; null for none of its own.</param>
/// <param name="Keys">Its own keys, not its users'.</param>
/// <param name="Users">The names of its users.</param>
public sealed record AccountDetails(AccountDocument Account, bool IsRoot, long? QuotaBytes, IReadOnlyList<AccountKeyDocument> Keys, IReadOnlyList<string> Users);

/// <summary>A key of an account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Created">When it was made.</param>
public sealed record AccountKeyDocument(string Id, DateTimeOffset Created);
