using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

/// <summary>What a code or a refresh token stands for.</summary>
/// <param name="ClientId">The program that it was given to; nobody else gets a token for it.</param>
public sealed record SignInGrant(string ClientId)
{
    /// <summary>The access key that signed in; null for a device that nobody signed in for yet.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>Whose key that is (<see cref="Tokens.OwnerOf"/>).</summary>
    public string? Owner { get; init; }

    /// <summary>What the program asked for, verbatim.</summary>
    public string? Scope { get; init; }

    /// <summary>To be told in the ID token.</summary>
    public string? Nonce { get; init; }

    /// <summary>Where the code was sent.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>What all refresh tokens have in common that one code led to; null for those that none did.</summary>
    public string? Session { get; init; }

    /// <summary>RFC 7636: the hash of what the program has to show for the code.</summary>
    public string? Challenge { get; init; }
}

/// <summary>The codes of a device that asks to be signed in.</summary>
/// <param name="DeviceCode">For the program that waits.</param>
/// <param name="UserCode">For the person: eight letters.</param>
public sealed record DeviceCodes(string DeviceCode, string UserCode);

/// <summary>What became of a device code.</summary>
public enum DeviceState
{
    /// <summary>Nobody signed in yet.</summary>
    Pending,

    /// <summary>Somebody did; the code is used up.</summary>
    Granted,

    /// <summary>There is no such code, or none any more.</summary>
    Gone,
}

/// <summary>
/// Authorization codes, device codes, refresh tokens and sessions of browsers: rows under the hash of what the client has, in a partition for the hour in
/// which they end. So what has ended is one range.
/// </summary>
/// <param name="table">The table of identity.</param>
/// <param name="clock">Dates and ends them.</param>
public sealed partial class SignInGrants(ITable table, TimeProvider clock)
{
    /// <summary>How long a refresh token that is not used holds.</summary>
    public static readonly TimeSpan RefreshLifetime = TimeSpan.FromDays(14);

    /// <summary>How long a device may wait.</summary>
    public static readonly TimeSpan DeviceLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long a program has to redeem its code.</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(5);

    /// <summary>For so long a used refresh token is taken again: from a program whose answer was lost, or that runs twice.</summary>
    public static readonly TimeSpan RefreshLeeway = TimeSpan.FromMinutes(1);

    /// <summary>Longer ones were not made here.</summary>
    public const int MaxCharacters = 128;

    private const string Prefix = "g.", Hour = "yyyyMMddHH", Code = "c", Refresh = "r", Device = "d", User = "u", Revoked = "x";

    // No vowels, so that no words come out of it, and none that look alike.
    private const string UserLetters = "BCDFGHJKLMNPQRSTVWXZ";
    private const int UserCodeLength = 8;

    /// <summary>The rows of hours that are over.</summary>
    public ExpiringRows Expiring => new(
        "sign-in-grants", table, now => new(new(Prefix, ""), new(PartitionOf(now), "")),
        (row, _) => new(DateTimeOffset.ParseExact(row.Key.Partition[Prefix.Length..], Hour, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).AddHours(1)), TimeSpan.Zero);

    /// <summary>An authorization code.</summary>
    public ValueTask<string> AddCode(SignInGrant grant, CancellationToken ct) =>
        // What says that it was shown twice is kept until the last refresh token has ended that it may have led to.
        Add(Code, grant with { Session = NewCode(PartitionOf(clock.GetUtcNow() + CodeLifetime + RefreshLifetime)) }, CodeLifetime, ct);

    /// <summary>
    /// Uses a code up; null where there is none, or none any more. One that was used before has leaked: what it led to is refreshed no more
    /// (RFC 6749, section 4.1.2).
    /// </summary>
    public async ValueTask<SignInGrant?> TakeCode(string code, CancellationToken ct)
    {
        while (await Find(Code, code, ct) is { } found)
        {
            if (found.Stored.Used is not null)
            {
                if (found.Stored.Grant.Session is { } session && await table.Apply(OfSession(session), [Change.Put(Revoked + Hash(session), Condition.Any, "1"u8.ToArray())], ct) == Outcome.Unknown) throw Lost();
                return null;
            }
            var used = found.Stored with { Used = clock.GetUtcNow() };
            // Of two that redeem one, the second finds it used.
            if (await table.Apply(found.Row.Key.Partition, [Change.Put(found.Row.Key.Row, Condition.Is(found.Row.Stamp), Write(used))], ct) == Outcome.Committed) return found.Stored.Grant;
        }
        return null;
    }

    /// <summary>A refresh token.</summary>
    public ValueTask<string> AddRefresh(SignInGrant grant, CancellationToken ct) => Add(Refresh, grant, RefreshLifetime, ct);

    /// <summary>Uses a refresh token up, but for <see cref="RefreshLeeway"/>; null where there is none, or none any more.</summary>
    public async ValueTask<SignInGrant?> TakeRefresh(string token, CancellationToken ct)
    {
        while (await Find(Refresh, token, ct) is { } found)
        {
            if (found.Stored.Grant.Session is { } session && await table.Get(new(OfSession(session), Revoked + Hash(session)), ct) is not null) return null;
            if (found.Stored.Used is { } used) return clock.GetUtcNow() - used < RefreshLeeway ? found.Stored.Grant : null;
            var spent = found.Stored with { Used = clock.GetUtcNow() };
            var change = Change.Put(found.Row.Key.Row, Condition.Is(found.Row.Stamp), Write(spent));
            if (await table.Apply(found.Row.Key.Partition, [change], ct) == Outcome.Committed) return found.Stored.Grant;
        }
        return null;
    }

    /// <summary>The codes of a device that asks to be signed in.</summary>
    public async ValueTask<DeviceCodes> AddDevice(SignInGrant grant, CancellationToken ct)
    {
        while (true)
        {
            var expires = clock.GetUtcNow() + DeviceLifetime;
            var partition = PartitionOf(expires);
            var code = NewCode(partition);
            var user = RandomNumberGenerator.GetString(UserLetters, UserCodeLength);
            var row = Device + Hash(code);
            Change[] changes =
            [
                Change.Put(row, Condition.Absent, Write(new(1, expires, grant))),
                Change.Put(User + Hash(user), Condition.Absent, Encoding.ASCII.GetBytes(row)),
            ];
            switch (await table.Apply(partition, changes, ct))
            {
                case Outcome.Committed: return new(code, user);
                case Outcome.Unknown: throw Lost();
                default: continue; // the user's code is another's by chance
            }
        }
    }

    /// <summary>Signs a device in by the code that its user typed, in whatever case, with blanks and dashes.</summary>
    /// <returns>Whether there is such a code.</returns>
    public async ValueTask<bool> GrantDevice(string userCode, AccessKey key, CancellationToken ct)
    {
        var typed = string.Concat(userCode.Where(char.IsAsciiLetter)).ToUpperInvariant();
        if (typed.Length != UserCodeLength) return false;
        var now = clock.GetUtcNow();
        foreach (var partition in new[] { PartitionOf(now), PartitionOf(now + DeviceLifetime) }.Distinct())
        {
            if (await table.Get(new(partition, User + Hash(typed)), ct) is not { } user) continue;
            var name = Encoding.ASCII.GetString(user.Value.Span);
            if (await table.Get(new(partition, name), ct) is not { } row || Read(row) is not { } stored || stored.Expires <= now) return false;
            var granted = stored with { Grant = stored.Grant with { AccessKeyId = key.Id, Owner = Tokens.OwnerOf(key) } };
            Change[] changes =
            [
                Change.Put(name, Condition.Is(row.Stamp), Write(granted)),
                Change.Delete(user.Key.Row, Condition.Is(user.Stamp)),
            ];
            return await table.Apply(partition, changes, ct) switch
            {
                Outcome.Committed => true,
                Outcome.Refused => false,
                _ => throw Lost(),
            };
        }
        return false;
    }

    /// <summary>What became of a device, whose code is used up where somebody signed it in; the grant is there whenever the code is.</summary>
    public async ValueTask<(DeviceState State, SignInGrant? Grant)> TakeDevice(string code, CancellationToken ct)
    {
        if (await Find(Device, code, ct) is not { } found) return (DeviceState.Gone, null);
        if (found.Stored.Grant.AccessKeyId is null) return (DeviceState.Pending, found.Stored.Grant);
        return await Remove(found.Row, ct) ? (DeviceState.Granted, found.Stored.Grant) : (DeviceState.Gone, null);
    }

    private async ValueTask<string> Add(string kind, SignInGrant grant, TimeSpan lifetime, CancellationToken ct)
    {
        var expires = clock.GetUtcNow() + lifetime;
        var code = NewCode(PartitionOf(expires));
        var outcome = await table.Apply(PartitionOf(expires), [Change.Put(kind + Hash(code), Condition.Absent, Write(new(1, expires, grant)))], ct);
        return outcome == Outcome.Committed ? code : throw Lost();
    }

    // Of two that redeem one, only one removes it.
    private async ValueTask<bool> Remove(Row row, CancellationToken ct) =>
        await table.Apply(row.Key.Partition, [Change.Delete(row.Key.Row, Condition.Is(row.Stamp))], ct) == Outcome.Committed;

    private async ValueTask<(Row Row, StoredSignInGrant Stored)?> Find(string kind, string code, CancellationToken ct)
    {
        if (code.Length is < 12 or > MaxCharacters || code[10] != '.' || code.AsSpan(0, 10).ContainsAnyExceptInRange('0', '9')) return null;
        if (await table.Get(new(Prefix + code[..10], kind + Hash(code)), ct) is not { } row) return null;
        var stored = Read(row);
        return stored.Expires > clock.GetUtcNow() ? (row, stored) : null;
    }

    private static string OfSession(string session) => Prefix + session[..Hour.Length];

    private static string NewCode(string partition) => $"{partition[Prefix.Length..]}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    private static string PartitionOf(DateTimeOffset expires) => Prefix + expires.UtcDateTime.ToString(Hour, CultureInfo.InvariantCulture);

    private static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));

    private static ReadOnlyMemory<byte> Write(StoredSignInGrant grant) => StoredJson.Write(grant, SignInJson.Default.StoredSignInGrant);

    private static StoredSignInGrant Read(Row row) => StoredJson.Read(row.Value, SignInJson.Default.StoredSignInGrant);

    private static IOException Lost() => new("Whether the code was stored is not known; try again.");
}

/// <summary>A grant as it is kept. A code and a refresh token have the time of their first use.</summary>
internal sealed record StoredSignInGrant(int Format, DateTimeOffset Expires, SignInGrant Grant, DateTimeOffset? Used = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredSignInGrant))]
internal sealed partial class SignInJson : JsonSerializerContext;
