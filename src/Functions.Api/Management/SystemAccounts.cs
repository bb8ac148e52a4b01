using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Management;

/// <summary>What only the root may say of accounts; the rest is ostor's and IAM's.</summary>
internal static class SystemAccounts
{
    public static async ValueTask<Reply> Change(ManagementCall call, CancellationToken ct)
    {
        var (accounts, name) = (call.Installation.Accounts, call.Path["account"]);
        if (call.Read(AccountJson.Default.AccountChange).System is not { } isSystem)
            throw new S3Exception(ManagementErrors.MalformedBody, "Say whether it is a system account: {\"system\":true}.");
        if (await Find(call, ct) is not { } account) return NoSuchAccount(name);
        var changed = await accounts.MarkSystem(account.Id, isSystem, ct);
        return changed.Refusal is null
            ? Reply.Json(AccountJson.Default.AccountDocument, AccountDocument.Of(changed.Value, await accounts.IsAdministrator(changed.Value, ct)))
            : NoSuchAccount(name);
    }

    /// <summary>The account that the path names by its id, name or e-mail address; null where there is none.</summary>
    internal static async ValueTask<Account?> Find(ManagementCall call, CancellationToken ct)
    {
        var (accounts, name) = (call.Installation.Accounts, call.Path["account"]);
        return await accounts.Find(name, ct) ?? (name.Contains('@') ? await accounts.FindByEmail(name, ct) : await accounts.FindByName(name, ct));
    }

    internal static Reply NoSuchAccount(string name) => Reply.Refused(ManagementErrors.NoSuchAccount, $"There is no account '{name}'.");
}

/// <summary>The body that changes an account.</summary>
public sealed record AccountChange
{
    /// <summary>Whether its keys administrate the installation by ostor's API.</summary>
    public bool? System { get; init; }
}

/// <summary>An account, as the management API tells of it.</summary>
/// <param name="Id">12 digits.</param>
/// <param name="Name">Its name.</param>
/// <param name="Email">Its e-mail address.</param>
/// <param name="CanonicalId">64 hex digits.</param>
/// <param name="Enabled">Whether its keys sign.</param>
/// <param name="System">Whether it administrates the installation by ostor's API.</param>
public sealed record AccountDocument(string Id, string Name, string Email, string CanonicalId, bool Enabled, bool System)
{
    internal static AccountDocument Of(Account account, bool isSystem) => new(account.Id, account.Name, account.Email, account.CanonicalId, !account.IsDisabled, isSystem);
}

/// <summary>How these bodies are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AccountDocument))]
[JsonSerializable(typeof(AccountsDocument))]
[JsonSerializable(typeof(AccountDetails))]
[JsonSerializable(typeof(AccountChange))]
public sealed partial class AccountJson : JsonSerializerContext;
