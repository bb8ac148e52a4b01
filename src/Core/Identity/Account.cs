using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Limits;

namespace ZenkoFunctions.Core.Identity;

/// <summary>An owner of buckets and of users.</summary>
/// <param name="Id">Twelve digits, as AWS's account ids.</param>
/// <param name="CanonicalId">64 hex digits: the owner's id in S3 replies and grants.</param>
/// <param name="Name">Unique; the display name.</param>
/// <param name="Email">Unique.</param>
public sealed record Account(string Id, string CanonicalId, string Name, string Email)
{
    /// <summary>Whether nothing may be signed with its keys, nor its users', until it is enabled again.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Whether it is an administrator beside the root account.</summary>
    public bool IsSystem { get; init; }

    /// <summary>How much it may ask for; null where nothing was said.</summary>
    public RequestLimits? Limits { get; init; }

    /// <summary>The most bytes that all of its buckets may hold together; null where nothing was said.</summary>
    public long? Quota { get; init; }

    /// <summary><c>arn:aws:iam::ID:root</c>.</summary>
    public string Arn => $"arn:aws:iam::{Id}:root";
}

/// <summary>A policy that belongs to one user or role.</summary>
/// <param name="Name">Unique within the user or role; 1 to 128 of <c>[\w+=,.@-]</c>.</param>
/// <param name="Document">The JSON as it was given.</param>
public sealed record InlinePolicy(string Name, string Document);

/// <summary>A user within an account. The account itself acts where there is none.</summary>
/// <param name="Id">Opaque, unique.</param>
/// <param name="AccountId">The account it belongs to.</param>
/// <param name="Name">Unique within the account.</param>
public sealed record User(string Id, string AccountId, string Name)
{
    /// <summary><c>/</c>, or <c>/division/team/</c>: part of the ARN, and what listings can be narrowed to.</summary>
    public string Path { get; init; } = "/";

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>What it may do, ordered by name. Without any it may do only what a bucket's policy or a grant lets it.</summary>
    public IReadOnlyList<InlinePolicy> Policies { get; init; } = [];

    /// <summary><c>arn:aws:iam::ACCOUNT:user/NAME</c>.</summary>
    public string Arn => $"arn:aws:iam::{AccountId}:user{Path}{Name}";
}

/// <summary>What others may become for a while: it has policies, but no keys of its own.</summary>
/// <param name="Id">Opaque, unique.</param>
/// <param name="AccountId">The account it belongs to.</param>
/// <param name="Name">Unique within the account.</param>
/// <param name="TrustPolicy">Who may assume it: a policy document whose statements have principals.</param>
public sealed record Role(string Id, string AccountId, string Name, string TrustPolicy)
{
    /// <summary>As <see cref="User.Path"/>.</summary>
    public string Path { get; init; } = "/";

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>For people; null where none was given.</summary>
    public string? Description { get; init; }

    /// <summary>The longest that a session may last, an hour to twelve.</summary>
    public TimeSpan LongestSession { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What its sessions may do, ordered by name.</summary>
    public IReadOnlyList<InlinePolicy> Policies { get; init; } = [];

    /// <summary><c>arn:aws:iam::ACCOUNT:role/NAME</c>.</summary>
    public string Arn => $"arn:aws:iam::{AccountId}:role{Path}{Name}";
}

/// <summary>Who sends a request, once its signature has been verified.</summary>
/// <param name="Account">The account; null for an anonymous request.</param>
/// <param name="User">The user within it; null where the account itself acts.</param>
/// <param name="AccessKeyId">The key that signed; null for an anonymous request.</param>
public sealed record Principal(Account? Account, User? User, string? AccessKeyId)
{
    /// <summary>Nobody in particular.</summary>
    public static readonly Principal Anonymous = new(null, null, null);

    /// <summary>
    /// The policies of the user or session that acts: it may only what one of them, or the bucket's, allows. Null where nothing
    /// restricts it: the account's root.
    /// </summary>
    public IReadOnlyList<Policy>? Policies { get; init; }

    /// <summary>What a session restricted itself to: it must allow as well. Null where there is none.</summary>
    public Policy? SessionPolicy { get; init; }

    /// <summary>The ARN by which policies know it, where that is not the user's or the account's own (a session's).</summary>
    public string? SessionArn { get; init; }

    /// <summary>The role of a session, by its ARN; null for others.</summary>
    public string? RoleArn { get; init; }

    /// <summary>The ARN of the session, user or account's root that acts; null for an anonymous request.</summary>
    public string? Arn => SessionArn ?? User?.Arn ?? Account?.Arn;

    /// <summary>The unique id of a role's session, <c>ROLEID:NAME</c>; null for others.</summary>
    public string? SessionUserId { get; init; }

    /// <summary>The unique id of the session, user or account's root that acts; null for an anonymous request.</summary>
    public string? UserId => SessionUserId ?? User?.Id ?? Account?.Id;

    /// <summary>Whether the request was unsigned.</summary>
    public bool IsAnonymous => Account is null;
}
