using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Identity;

/// <summary>An access key with its secret in the clear: never logged, never stored like this.</summary>
/// <param name="Id">The access key id.</param>
/// <param name="Secret">The secret key.</param>
/// <param name="Enabled">Whether it may sign: never where its account is disabled.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="User">The user within the account, or null where it is the account's own.</param>
public sealed record AccessKey(string Id, string Secret, bool Enabled, Account Account, User? User)
{
    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The session that it belongs to; null for a key that lasts.</summary>
    public Session? Session { get; init; }

    /// <summary>What its user or role may do; null for the account's own, which nothing restricts.</summary>
    public IReadOnlyList<Policy>? Policies { get; init; }

    /// <summary>Who acts with it.</summary>
    public Principal Principal => Session is null
        ? new(Account, User, Id) { Policies = Policies }
        : new(Account, User, Id)
        {
            Policies = Policies, SessionPolicy = Session.Policy, SessionArn = Session.Arn, SessionUserId = Session.UserId, RoleArn = Session.Role?.Arn,
        };

    /// <summary>Leaves the secret out.</summary>
    public override string ToString() => $"AccessKey {Id}";
}
