using System.Globalization;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Blob.Signatures;

/// <summary>
/// A key by which a user signs for a while without a key of the account. It is computed anew from what stands in the signature, so
/// nothing is kept of it.
/// </summary>
/// <param name="UserId">Whose it is: the account's id, or <c>ACCOUNT.USERID.NAME</c> of a user.</param>
/// <param name="TenantId">The account's id.</param>
/// <param name="Start">From when on, as it is written.</param>
/// <param name="Expiry">Until when, as it is written.</param>
/// <param name="Service">b.</param>
/// <param name="Version">The version of the request that asked for it.</param>
internal sealed record UserDelegation(string UserId, string TenantId, string Start, string Expiry, string Service, string Version)
{
    /// <summary>The longest that one lasts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>One for a user; null for who may have none: sessions, whose time is shorter, and nobody.</summary>
    public static UserDelegation? For(Principal principal, DateTimeOffset start, DateTimeOffset expiry, string version) =>
        principal.Account is not { } account || principal.SessionArn is not null || principal.SessionPolicy is not null ? null
        : new(principal.User is { } user ? $"{account.Id}.{user.Id}.{user.Name}" : account.Id, account.Id, Text(start), Text(expiry), "b", version);

    /// <summary>That of a signature.</summary>
    public static UserDelegation Of(SasParameters sas) => new(sas["skoid"], sas["sktid"], sas["skt"], sas["ske"], sas["sks"], sas["skv"]);

    /// <summary>Its bytes.</summary>
    public byte[] Key(BlobAccounts accounts, BlobAccount account) => accounts.Derive(account, string.Join('\n', UserId, TenantId, Start, Expiry, Service, Version));

    /// <summary>Whose it is, by now; null where the user is gone, or the account disabled.</summary>
    public async ValueTask<Principal?> Sender(Accounts accounts, CancellationToken ct)
    {
        var parts = UserId.Split('.', 3);
        if (parts.Length == 2 || await accounts.Find(parts[0], ct) is not { IsDisabled: false } account) return null;
        return parts.Length == 1 ? new(account, null, account.Id) : await accounts.FindPrincipal(account, parts[1], parts[2], ct);
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
