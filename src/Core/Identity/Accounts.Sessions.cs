using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text.Json;
using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// Sessions are kept by whoever has them: the token holds all there is to know, sealed under the master key for the id of its
/// key. So starting one writes nothing, no row has to be collected, and every process that has the master key knows it at
/// once. What a row could do better, ending one session alone, AWS cannot do either; with the key, user or role that it
/// came from a session does end, because those are looked up (cached) whenever it is used.
/// </summary>
public sealed partial class Accounts
{
    /// <summary>Longer tokens were not made here: a policy of 2,048 characters, sealed and in Base64, has less.</summary>
    public const int TokenCharacters = 16 * 1024;

    // Of the tokens in use; up to a few KiB each. Opening one takes about as long as verifying a signature.
    private const int CachedTokens = 2000;

    private readonly ConcurrentDictionary<(string Id, string Token), (SealedSession Session, Policy? Policy)> opened = new();

    /// <summary>Starts a session.</summary>
    /// <param name="caller">The key that asks for it, lasting or of a session itself.</param>
    /// <param name="role">The role that it assumes; null to be the caller again.</param>
    /// <param name="name">The session's name; null without a role.</param>
    /// <param name="policy">What it may do at the most; null for nothing further.</param>
    /// <param name="lifetime">How long it lasts.</param>
    public SessionCredentials StartSession(AccessKey caller, Role? role, string? name, string? policy, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        // Whole seconds, as clients are told.
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        var id = Credentials.NewSessionKeyId();
        var secret = Credentials.NewSecret();
        var session = new SealedSession(
            1, secret, expires, caller.Session?.ParentKeyId ?? caller.Id, caller.Session?.ParentOwner ?? Owner(caller),
            role?.AccountId, role?.Name, role?.Id, name, policy);
        var token = master.Seal(JsonSerializer.Serialize(session, IdentityJson.Default.SealedSession), Context(id));
        return new(id, secret, Base64Url.EncodeToString(token), expires);
    }

    /// <summary>The key of a session, by its id and token.</summary>
    /// <returns>The key where the session lives, else null.</returns>
    public async ValueTask<(SessionState State, AccessKey? Key)> FindSession(string id, string token, CancellationToken ct)
    {
        if (!opened.TryGetValue((id, token), out var found))
        {
            if (OpenToken(id, token) is not { } read) return (SessionState.Invalid, null);
            found = (read, read.Policy is null ? null : Parsed(read.Policy));
            if (opened.Count >= CachedTokens) opened.Clear();
            opened[(id, token)] = found;
        }
        var (session, policy) = found;
        if (session.Expires <= clock.GetUtcNow()) return (SessionState.Expired, null);
        // A fixed id may have become another's key since.
        if (await FindKey(session.KeyId, ct) is not { Enabled: true } parent || Owner(parent) != session.Owner) return (SessionState.Ended, null);
        var described = new Session(parent.Id, session.Owner, session.Expires, null, session.Name, policy);
        if (session.RoleName is null)
            return (SessionState.Live, parent with { Id = id, Secret = session.Secret, Session = described });
        return await SessionRole(session.RoleAccount!, session.RoleName, session.RoleId!, ct) is { Account.IsDisabled: false } role
            ? (SessionState.Live, new(id, session.Secret, true, role.Account, null) { Session = described with { Role = role.Role }, Policies = role.Policies })
            : (SessionState.Ended, null);
    }

    private SealedSession? OpenToken(string id, string token)
    {
        if (token.Length > TokenCharacters || !Base64Url.IsValid(token)) return null;
        try
        {
            var text = master.Open(Base64Url.DecodeFromChars(token), Context(id));
            return JsonSerializer.Deserialize(text, IdentityJson.Default.SealedSession) is { Format: 1 } session ? session : null;
        }
        catch (InvalidDataException)
        {
            // Made up, cut off, of another key, or sealed before the master key was replaced: all the same to a client.
            return null;
        }
    }

    private static string Owner(AccessKey key) => key.User?.Id ?? key.Account.Id;

    private static string Context(string id) => "session " + id;
}

/// <summary>What a token holds.</summary>
internal sealed record SealedSession(
    int Format, string Secret, DateTimeOffset Expires, string KeyId, string Owner, string? RoleAccount, string? RoleName, string? RoleId,
    string? Name, string? Policy) : IStoredIdentity;
