namespace ZenkoFunctions.Core.Identity;

/// <remarks>
/// And the sessions of browsers. A browser has nothing but the random name of a row, and any instance finds that: so no key of cookies has
/// to be kept, shared or changed, and a session that was ended has ended everywhere.
/// </remarks>
public sealed partial class SignInGrants
{
    /// <summary>How long a session lasts, used or not.</summary>
    public static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(12);

    /// <summary>How long a link to a session can be followed.</summary>
    public static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(5);

    private const string Browser = "console", Session = "s", Link = "l";

    /// <summary>Begins a session of a key; what the browser has to show for it.</summary>
    public ValueTask<string> AddSession(AccessKey key, CancellationToken ct) => Add(Session, OfBrowser(key), SessionLifetime, ct);

    /// <summary>What a session stands for; null where there is none, or none any more.</summary>
    public async ValueTask<SignInGrant?> FindSession(string session, CancellationToken ct) => (await Find(Session, session, ct))?.Stored.Grant;

    /// <summary>Ends a session; without effect where there is none.</summary>
    public async ValueTask EndSession(string session, CancellationToken ct)
    {
        while (await Find(Session, session, ct) is { } found)
            if (await Remove(found.Row, ct)) return;
    }

    /// <summary>A code that begins one session of a key, once.</summary>
    public ValueTask<string> AddLink(AccessKey key, CancellationToken ct) => Add(Link, OfBrowser(key), LinkLifetime, ct);

    /// <summary>Uses such a code up; null where there is none, or none any more.</summary>
    public async ValueTask<SignInGrant?> TakeLink(string code, CancellationToken ct) =>
        await Find(Link, code, ct) is { } found && await Remove(found.Row, ct) ? found.Stored.Grant : null;

    private static SignInGrant OfBrowser(AccessKey key) => new(Browser) { AccessKeyId = key.Id, Owner = Tokens.OwnerOf(key) };
}
