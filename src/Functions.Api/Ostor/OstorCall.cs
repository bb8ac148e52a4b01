using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>A verified and permitted call: what an operation sees. A user of ostor is an account, its accounts are the account's users.</summary>
public sealed class OstorCall
{
    /// <summary>The operation.</summary>
    public required OstorSpec Spec { get; init; }

    /// <summary>Its parameters, decoded: only such as it takes.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>The domain.</summary>
    public required Installation Installation { get; init; }

    /// <summary>The request's token, where it may be sent again.</summary>
    public required RequestToken? Token { get; init; }

    /// <summary>The accounts.</summary>
    public Accounts Accounts => Installation.Accounts;

    /// <summary>A parameter; null where it was not given.</summary>
    public string? this[string name] => Parameters.GetValueOrDefault(name);

    /// <summary>The e-mail address. A plus sign that was sent as it is reads as a blank, which no address has.</summary>
    public string? Email => this["emailAddress"]?.Replace(' ', '+');

    /// <summary>The account that <c>emailAddress</c> or <c>id</c> names; NoSuchUser where there is none.</summary>
    public async ValueTask<Account> Account(CancellationToken ct) =>
        (Email is { } email ? await Accounts.FindByEmail(email, ct)
            : OstorIds.AccountOf(this["id"] ?? "") is { } id ? await Accounts.Find(id, ct) : null)
        ?? throw new S3Exception(OstorErrors.NoSuchUser);

    /// <summary>The user within it that <c>accountName</c> names, null where none is named; NoSuchAccount where there is none.</summary>
    public async ValueTask<User?> User(Account account, CancellationToken ct) => this["accountName"] is not { } name ? null
        : await Accounts.FindUser(account, name, ct) ?? throw new S3Exception(OstorErrors.NoSuchAccount);

    /// <summary>The bucket that <c>bucket</c> names; NoSuchBucket where there is none.</summary>
    public async ValueTask<Bucket> Bucket(CancellationToken ct) =>
        await Installation.Buckets.Find(this["bucket"] ?? "", ct) ?? throw new S3Exception(S3Errors.NoSuchBucket);

    /// <summary>Refuses what would lock the installation: the root account can be neither disabled nor deleted.</summary>
    public async ValueTask RefuseRoot(Account account, CancellationToken ct)
    {
        if (await Accounts.IsRoot(account, ct)) throw new S3Exception(OstorErrors.UserInUse, "The root account administrates the installation; it can be neither disabled nor deleted.");
    }

    /// <summary>Makes a key pair for the account, or its user; TooManyKeys where there are two already.</summary>
    public async ValueTask<AccessKey> NewKey(Account account, User? user, CancellationToken ct)
    {
        if (await Accounts.Keys(account, user, ct).CountAsync(ct) is var there && there >= OstorIds.MostKeys
            && !(Token is not null && await Accounts.Keys(account, user, ct).AnyAsync(key => key.Id == OstorIds.NewKey(account, Token, 0), ct)))
            throw new S3Exception(OstorErrors.TooManyKeys);
        for (var attempt = 0; ; attempt++)
        {
            var made = await Accounts.CreateKey(account, user, OstorIds.NewKey(account, Token, attempt), null, Token, ct);
            if (made.Refusal is null) return made.Value;
            // Four characters are few: another key may have them.
            if (made.Refusal != Refusal.IdentityTaken || attempt > 100) throw Refused(made);
        }
    }

    /// <summary>An empty answer, or the refusal as an exception.</summary>
    public Reply Answer<T>(Result<T> changed) => changed.Refusal is null ? Reply.Empty(Spec.Status) : throw Refused(changed);

    /// <summary>A refusal of the domain as an exception.</summary>
    public static S3Exception Refused<T>(Result<T> refused) => new(
        refused.Refusal switch
        {
            Refusal.NoSuchIdentity => OstorErrors.NoSuchUser,
            Refusal.IdentityTaken => OstorErrors.UserExists,
            { } other => S3Errors.From(other),
            null => throw new ArgumentException("It is no refusal.", nameof(refused)),
        },
        refused.Detail);
}

/// <summary>The identifiers that ostor tells, made from those of accounts: nothing more is stored.</summary>
internal static class OstorIds
{
    /// <summary>The most key pairs of a user, and of an account of it.</summary>
    public const int MostKeys = 2;

    /// <summary>The owner of users.</summary>
    public const string Nobody = "0000000000000000";

    private const string Base36 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>The account's number in 16 hex digits.</summary>
    public static string Of(Account account) => Of(account.Id);

    /// <inheritdoc cref="Of(Account)"/>
    public static string Of(string accountId) => long.Parse(accountId, CultureInfo.InvariantCulture).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The account's number; null where that is no id of one.</summary>
    public static string? AccountOf(string id) =>
        id.Length == 16 && long.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 999_999_999_999
            ? number.ToString("d12", CultureInfo.InvariantCulture)
            : null;

    /// <summary>An id of a key, the user's and four characters: random, or always the same for a request that may be sent again.</summary>
    public static string NewKey(Account account, RequestToken? token, int attempt)
    {
        if (token is null) return Of(account) + RandomNumberGenerator.GetString(Base36, 4);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{token.Text} {attempt}"));
        return Of(account) + string.Concat(hash.Take(4).Select(each => Base36[each % Base36.Length]));
    }

    /// <summary>The number of an account that a request makes: random, or always the same for one that may be sent again.</summary>
    public static string? NewAccount(RequestToken? token) => token is null
        ? null
        : (100_000_000_000 + (BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes("account " + token.Text))) % 900_000_000_000)).ToString(CultureInfo.InvariantCulture);
}
