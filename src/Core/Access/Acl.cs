namespace ZenkoFunctions.Core.Access;

/// <summary>What a grant of an access control list permits.</summary>
public enum Permission
{
    /// <summary>Of a bucket: to list it. Of an object: to read it.</summary>
    Read,

    /// <summary>Of a bucket: to write and delete objects in it. Nothing of an object.</summary>
    Write,

    /// <summary>To read the list itself.</summary>
    ReadAcp,

    /// <summary>To replace the list itself.</summary>
    WriteAcp,

    /// <summary>All of these.</summary>
    FullControl,
}

/// <summary>Who is granted something: exactly one of the two is set.</summary>
/// <param name="CanonicalId">An account. Grants by e-mail address are stored as these.</param>
/// <param name="Group">One of the groups in <see cref="AclGroups"/>, by its URI.</param>
public sealed record Grantee(string? CanonicalId, string? Group)
{
    /// <summary>The account's display name when the grant was made.</summary>
    public string? Name { get; init; }
}

/// <summary>One line of an access control list.</summary>
public sealed record Grant(Grantee Grantee, Permission Permission);

/// <summary>
/// An access control list as it was set. The owner of the bucket or object is not in it; where there is no list at all, it is
/// the canned list <c>private</c>.
/// </summary>
/// <param name="Grants">At most 100, in the order they were given.</param>
public sealed record Acl(IReadOnlyList<Grant> Grants)
{
    /// <summary>Whether it opens something to everybody, or to everybody who signs.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsPublic => Grants.Any(grant => grant.Grantee.Group is AclGroups.AllUsers or AclGroups.AuthenticatedUsers);

    /// <summary>Whether it is the canned list <c>private</c> of that owner.</summary>
    public bool IsPrivateOf(string ownerCanonicalId) =>
        Grants is [{ Permission: Permission.FullControl, Grantee: { Group: null } grantee }] && grantee.CanonicalId == ownerCanonicalId;
}

/// <summary>The groups that can be granted something, by URI.</summary>
public static class AclGroups
{
    /// <summary>Everybody, signed or not.</summary>
    public const string AllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";

    /// <summary>Everybody whose request is signed.</summary>
    public const string AuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

    /// <summary>The service that delivers access logs.</summary>
    public const string LogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
}
