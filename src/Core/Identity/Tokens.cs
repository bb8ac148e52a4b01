using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// JSON Web Tokens, RS256. An access token stands for the access key that signed in: it is worth nothing any more as soon as that key is
/// disabled, removed, or another's; and its policies are those that hold when it is used.
/// </summary>
/// <param name="keys">Sign them.</param>
/// <param name="accounts">Whose access keys they stand for.</param>
/// <param name="clock">Dates them.</param>
public sealed class Tokens(TokenKeys keys, Accounts accounts, TimeProvider clock)
{
    /// <summary>How long they hold.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Longer ones were not made here.</summary>
    public const int MaxCharacters = 4096;

    // RFC 9068: so that no ID token is taken for one.
    private const string AccessType = "at+jwt", KeyClaim = "akid", OwnerClaim = "owner";

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1), LookAgain = TimeSpan.FromMinutes(1);

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false, MaximumTokenSizeInBytes = MaxCharacters };
    private long lastLook = clock.GetTimestamp();

    /// <summary>The keys that sign them.</summary>
    public TokenKeys Keys => keys;

    /// <summary>The lasting, enabled key of that id and secret; null where there is none.</summary>
    public async ValueTask<AccessKey?> SignIn(string accessKeyId, string secret, CancellationToken ct)
    {
        var key = await accounts.FindKey(accessKeyId, ct);
        // As much work where there is no such key, and over hashes, so that neither its being nor its length shows in the time.
        var isRight = CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(secret)), SHA256.HashData(Encoding.UTF8.GetBytes(key?.Secret ?? "")));
        return key is { Enabled: true } && isRight ? key : null;
    }

    /// <summary>Whose a key is: the id of its user, or of its account.</summary>
    public static string OwnerOf(AccessKey key) => key.User?.Id ?? key.Account.Id;

    /// <summary>The key of a grant, where it may sign still and is its owner's; else null.</summary>
    public async ValueTask<AccessKey?> KeyOf(string accessKeyId, string owner, CancellationToken ct) =>
        await accounts.FindKey(accessKeyId, ct) is { Enabled: true } key && OwnerOf(key) == owner ? key : null;

    /// <summary>An access token.</summary>
    /// <param name="key">Who signed in.</param>
    /// <param name="audience">What it is for.</param>
    /// <param name="clientId">The program that asked for it.</param>
    /// <param name="issuer">The URL of whom it was asked.</param>
    /// <param name="ct">Ends the look-up of the keys.</param>
    public async ValueTask<string> Access(AccessKey key, string audience, string clientId, string issuer, CancellationToken ct)
    {
        var tenant = await keys.Tenant(ct);
        return await Sign(AccessType, audience, issuer, new()
        {
            ["sub"] = OwnerOf(key),
            ["oid"] = ObjectId(key).ToString(),
            ["tid"] = tenant.ToString(),
            ["appid"] = clientId,
            ["ver"] = "1.0",
            [KeyClaim] = key.Id,
            [OwnerClaim] = OwnerOf(key),
        }, ct);
    }

    /// <summary>An ID token: tells the program who signed in.</summary>
    public async ValueTask<string> Id(AccessKey key, string clientId, string issuer, string? nonce, CancellationToken ct)
    {
        var tenant = await keys.Tenant(ct);
        var claims = new Dictionary<string, object>
        {
            ["sub"] = OwnerOf(key),
            ["oid"] = ObjectId(key).ToString(),
            ["tid"] = tenant.ToString(),
            ["name"] = key.User?.Name ?? key.Account.Name,
            ["preferred_username"] = key.Id,
            ["upn"] = key.Id,
            ["ver"] = "2.0",
        };
        if (nonce is not null) claims["nonce"] = nonce;
        return await Sign("JWT", clientId, issuer, claims, ct);
    }

    /// <summary>Verifies an access token.</summary>
    /// <returns>The key that it stands for, and what it is for; null where it is none of ours, expired, or its key may not sign any more.</returns>
    public async ValueTask<VerifiedToken?> Verify(string token, CancellationToken ct)
    {
        if (token.Length > MaxCharacters) return null;
        var result = await Validate(token, await keys.All(ct));
        if (result is { IsValid: false, Exception: SecurityTokenSignatureKeyNotFoundException } && clock.GetElapsedTime(Interlocked.Read(ref lastLook)) > LookAgain)
        {
            Interlocked.Exchange(ref lastLook, clock.GetTimestamp());
            keys.Forget();
            result = await Validate(token, await keys.All(ct));
        }
        if (!result.IsValid || result.SecurityToken is not JsonWebToken jwt || jwt.Audiences.FirstOrDefault() is not { } audience
            || !jwt.TryGetValue<string>(KeyClaim, out var id) || !jwt.TryGetValue<string>(OwnerClaim, out var owner)) return null;
        return await KeyOf(id, owner, ct) is { } key ? new(key, audience) : null;
    }

    /// <summary>The id by which clients of Azure know who signed in.</summary>
    public static Guid ObjectId(AccessKey key) => DerivedId("principal", OwnerOf(key));

    /// <summary>The id that clients of Azure know an account by: each account is one subscription.</summary>
    public static Guid SubscriptionOf(Account account) => DerivedId("subscription", account.Id);

    private static Guid DerivedId(string kind, string id) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"zenkofunctions {kind} {id}")).AsSpan(0, 16));

    private async ValueTask<string> Sign(string type, string audience, string issuer, Dictionary<string, object> claims, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = type,
            Audience = audience,
            Issuer = issuer,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Lifetime,
            Claims = claims,
            SigningCredentials = new((await keys.All(ct))[0], SecurityAlgorithms.RsaSha256),
        });
    }

    private Task<TokenValidationResult> Validate(string token, IReadOnlyList<RsaSecurityKey> known) => handler.ValidateTokenAsync(token, new()
    {
        IssuerSigningKeys = known,
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidTypes = [AccessType],
        // Our keys sign for nobody else, and the issuer is the URL that the client happened to use.
        ValidateIssuer = false,
        // The caller knows what it takes tokens for.
        ValidateAudience = false,
        LifetimeValidator = (begin, end, _, _) =>
            begin is { } from && end is { } to && clock.GetUtcNow().UtcDateTime is var now && from - Skew <= now && now < to,
    });
}

/// <summary>An access token that holds.</summary>
/// <param name="Key">The access key that it stands for.</param>
/// <param name="Audience">What it was asked for.</param>
public sealed record VerifiedToken(AccessKey Key, string Audience);
