using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Identity;

/// <summary>What a session key stands for.</summary>
/// <param name="ParentKeyId">The lasting key that it goes back to; the session ends with it.</param>
/// <param name="ParentOwner">The id of that key's user, or of its account.</param>
/// <param name="Expires">When it ends by itself.</param>
/// <param name="Role">The role that was assumed; null where the session is just the key's owner again.</param>
/// <param name="Name">The name that whoever assumed the role gave to the session; null without a role.</param>
/// <param name="Policy">What the session may do at the most; null where nothing narrows it.</param>
public sealed record Session(string ParentKeyId, string ParentOwner, DateTimeOffset Expires, Role? Role, string? Name, Policy? Policy)
{
    /// <summary><c>arn:aws:sts::ACCOUNT:assumed-role/ROLE/NAME</c>; null without a role.</summary>
    public string? Arn => Role is null ? null : $"arn:aws:sts::{Role.AccountId}:assumed-role/{Role.Name}/{Name}";

    /// <summary><c>ROLEID:NAME</c>; null without a role.</summary>
    public string? UserId => Role is null ? null : $"{Role.Id}:{Name}";
}

/// <summary>The credentials of a new session. Logged and stored nowhere.</summary>
/// <param name="AccessKeyId"><c>ASIA…</c>.</param>
/// <param name="Secret">The secret key.</param>
/// <param name="Token">To be sent with every request.</param>
/// <param name="Expires">When they end.</param>
public sealed record SessionCredentials(string AccessKeyId, string Secret, string Token, DateTimeOffset Expires)
{
    /// <summary>Leaves secret and token out.</summary>
    public override string ToString() => $"SessionCredentials {AccessKeyId}";
}

/// <summary>What a session key and its token turned out to be.</summary>
public enum SessionState
{
    /// <summary>They are a session's.</summary>
    Live,

    /// <summary>The token is none of ours, or not this key's.</summary>
    Invalid,

    /// <summary>The session's time is over.</summary>
    Expired,

    /// <summary>The key, user or role that it came from is gone or disabled.</summary>
    Ended,
}
