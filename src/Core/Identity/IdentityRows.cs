using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// Names and stored forms of the rows of identity.
/// <code>
/// a.ID           account              the account
///                u.NAME               a user and its policies
///                r.NAME               a role and its policies
///                k.KEYID              that the account or one of its users has this key
///                x.FINGERPRINT        that one of these keys has this certificate
/// k.KEYID        key                  the access key
/// x.FINGERPRINT  certificate          which key a client's certificate stands for
/// n. e. c.HASH   index                whose the name, the e-mail, the canonical id is
/// root           root                 which account is the root, and its key
/// token          tenant               the id of the installation as a directory of Azure's
///                key.GENERATION       a key that signs tokens (see <see cref="TokenKeys"/>)
/// g.HOUR         KINDHASH             a code or refresh token that ends in that hour (see <see cref="SignInGrants"/>)
/// </code>
/// </summary>
internal static class IdentityRows
{
    public const string AccountRow = "account", KeyRow = "key", CertificateRow = "certificate", IndexRow = "index", Root = "root";
    public const string UserPrefix = "u.", RolePrefix = "r.", OwnedKeyPrefix = "k.", OwnedCertificatePrefix = "x.";

    public static readonly KeyRange Accounts = new(new("a.", ""), new("a.\uffff", ""));

    public static string OfAccount(string id) => "a." + id;

    public static string OfKey(string id) => "k." + id;

    public static string OfCertificate(string fingerprint) => "x." + fingerprint;

    /// <summary>A hash, because e-mails and names may hold any character and be longer than a row's name.</summary>
    public static string OfName(string name) => "n." + Hash(name);

    /// <summary>E-mail addresses that differ in case only are taken as the same.</summary>
    public static string OfEmail(string email) => "e." + Hash(email.ToLowerInvariant());

    public static string OfCanonicalId(string id) => "c." + id;

    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    public static T Read<T>(Row row, JsonTypeInfo<T> type) where T : class, IStoredIdentity
    {
        var value = JsonSerializer.Deserialize(row.Value.Span, type);
        return value?.Format == 1
            ? value
            : throw new InvalidDataException($"Row {row.Key} has format {value?.Format}; this program knows format 1 only.");
    }

    public static IReadOnlyList<InlinePolicy> PoliciesOf(Dictionary<string, string>? stored) => stored is null or { Count: 0 }
        ? []
        : [.. stored.OrderBy(policy => policy.Key, StringComparer.Ordinal).Select(policy => new InlinePolicy(policy.Key, policy.Value))];

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>Carries its format's number.</summary>
internal interface IStoredIdentity
{
    int Format { get; }
}

/// <summary>Whether it is disabled, and an administrator, came later than the rest; null for neither. So did limits and the quota in bytes.</summary>
internal sealed record StoredAccount(
    int Format, string Id, string CanonicalId, string Name, string Email, DateTimeOffset Created, bool? Disabled = null, bool? System = null,
    RequestLimits? Limits = null, long? Quota = null) : IStoredIdentity
{
    public Account Value => new(Id, CanonicalId, Name, Email) { IsDisabled = Disabled == true, IsSystem = System == true, Limits = Limits, Quota = Quota };
}

/// <summary>Path (null for "/"), policies (by name) and the token of the request that made it came later than the rest.</summary>
internal sealed record StoredUser(
    int Format, string Id, string Name, DateTimeOffset Created, string? Path = null, Dictionary<string, string>? Policies = null,
    string? Request = null) : IStoredIdentity, IHasPolicies<StoredUser>
{
    public StoredUser With(Dictionary<string, string> policies) => this with { Policies = policies };

    public User Value(string accountId) =>
        new(Id, accountId, Name) { Path = Path ?? "/", Created = Created, Policies = IdentityRows.PoliciesOf(Policies) };
}

internal sealed record StoredRole(
    int Format, string Id, string Name, DateTimeOffset Created, string TrustPolicy, long LongestSessionSeconds, string? Path = null,
    string? Description = null, Dictionary<string, string>? Policies = null)
    : IStoredIdentity, IHasPolicies<StoredRole>
{
    public StoredRole With(Dictionary<string, string> policies) => this with { Policies = policies };

    public Role Value(string accountId) => new(Id, accountId, Name, TrustPolicy)
    {
        Path = Path ?? "/", Created = Created, Description = Description, Policies = IdentityRows.PoliciesOf(Policies),
        LongestSession = TimeSpan.FromSeconds(LongestSessionSeconds),
    };
}

/// <summary>A row that carries inline policies, as a user's and a role's.</summary>
internal interface IHasPolicies<T>
{
    Dictionary<string, string>? Policies { get; }

    T With(Dictionary<string, string> policies);
}

internal sealed record StoredKey(
    int Format, string Id, byte[] Secret, bool Enabled, string AccountId, string? UserName, string? UserId, DateTimeOffset Created,
    string? Request = null) : IStoredIdentity;

internal sealed record StoredCertificate(
    int Format, string Fingerprint, string Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string KeyId, DateTimeOffset KeyCreated,
    string AccountId, string? UserId, DateTimeOffset Bound) : IStoredIdentity
{
    public CertificateBinding Value => new(new(Fingerprint, Subject, NotBefore, NotAfter), KeyId, AccountId, UserId, Bound);

    /// <summary>Whether it stands for that very key, and not for another that has got its id.</summary>
    public bool IsOf(AccessKey key) =>
        key.Session is null && key.Id == KeyId && key.Account.Id == AccountId && key.User?.Id == UserId && key.Created == KeyCreated;
}

internal sealed record StoredIndex(int Format, string AccountId, DateTimeOffset Created) : IStoredIdentity;

internal sealed record StoredRoot(int Format, string AccountId, string CanonicalId, string KeyId, byte[] Secret) : IStoredIdentity;

[JsonSerializable(typeof(StoredAccount))]
[JsonSerializable(typeof(StoredUser))]
[JsonSerializable(typeof(StoredRole))]
[JsonSerializable(typeof(StoredKey))]
[JsonSerializable(typeof(StoredCertificate))]
[JsonSerializable(typeof(SealedSession))]
[JsonSerializable(typeof(StoredIndex))]
[JsonSerializable(typeof(StoredRoot))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class IdentityJson : JsonSerializerContext;
