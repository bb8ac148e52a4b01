using System.Net;
using System.Net.Sockets;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Console;

/// <summary>Lets people in by an access key and its secret, or by a link that was made with one, and keeps who is in.</summary>
public sealed class SignIns(Installation installation)
{
    /// <summary>How often an address may fail with a key within <see cref="Window"/>.</summary>
    public const int MostFailures = 20;

    private const int MostRemembered = 10_000, MaxId = 128;

    /// <summary>What failures are counted over.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock turn = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset Since)> failures = new(StringComparer.Ordinal);

    /// <summary>A session by a key and its secret. Null where they are not right.</summary>
    public async ValueTask<string?> ByKey(string id, string secret, IPAddress? peer, CancellationToken ct)
    {
        if (await installation.Tokens.SignIn(id, secret, ct) is { } key) return await installation.SignInGrants.AddSession(key, ct);
        Failed(peer, id);
        return null;
    }

    /// <summary>A session by the code of a link, which is used up; null where there is none such, or none any more.</summary>
    public async ValueTask<string?> ByLink(string code, CancellationToken ct) =>
        await installation.SignInGrants.TakeLink(code, ct) is { AccessKeyId: { } id, Owner: { } owner } && await installation.Tokens.KeyOf(id, owner, ct) is { } key
            ? await installation.SignInGrants.AddSession(key, ct)
            : null;

    /// <summary>The key of a session, as it is now; null where the session is over, or the key may not sign any more.</summary>
    public async ValueTask<AccessKey?> Find(string session, CancellationToken ct) =>
        await installation.SignInGrants.FindSession(session, ct) is { AccessKeyId: { } id, Owner: { } owner } ? await installation.Tokens.KeyOf(id, owner, ct) : null;

    /// <summary>Ends a session.</summary>
    public ValueTask End(string session, CancellationToken ct) => installation.SignInGrants.EndSession(session, ct);

    /// <summary>Whether an address has failed with a key too often to be listened to; of this process.</summary>
    public bool IsTooOften(IPAddress? peer, string id)
    {
        lock (turn) return failures.TryGetValue(NameOf(peer, id), out var found) && installation.Clock.GetUtcNow() - found.Since < Window && found.Count >= MostFailures;
    }

    private void Failed(IPAddress? peer, string id)
    {
        var (name, now) = (NameOf(peer, id), installation.Clock.GetUtcNow());
        lock (turn)
        {
            // Who has so many addresses gets no further by them: a secret has 240 bits.
            if (failures.Count >= MostRemembered) failures.Clear();
            failures[name] = failures.TryGetValue(name, out var found) && now - found.Since < Window ? (found.Count + 1, found.Since) : (1, now);
        }
    }

    // By key, too: behind a proxy all have one address, and nobody is to be shut out by another's failures.
    private static string NameOf(IPAddress? peer, string id) => $"{NameOf(peer)} {id[..Math.Min(id.Length, MaxId)]}";

    // Who has one address of IPv6 has the whole network.
    private static string NameOf(IPAddress? peer) => peer is null ? ""
        : peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4().ToString()
        : peer.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(peer.GetAddressBytes().AsSpan(0, 8)) : peer.ToString();
}
