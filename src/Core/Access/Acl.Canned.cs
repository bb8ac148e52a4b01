namespace ZenkoFunctions.Core.Access;

/// <summary>An account as it is granted something.</summary>
/// <param name="CanonicalId">Its canonical id.</param>
/// <param name="Name">Its display name.</param>
public sealed record Party(string CanonicalId, string Name)
{
    /// <summary>Whoever sends unsigned requests: what it writes is owned by this id, as on AWS.</summary>
    public static readonly Party Anonymous = new("65a011a29cdf8ec533ec3d1ccaae921c", "anonymous");

    /// <summary>The account as a grantee.</summary>
    public Grantee Grantee => new(CanonicalId, null) { Name = Name };
}

/// <summary>The canned access control lists.</summary>
public static class CannedAcls
{
    private static readonly Grant
        Everybody = new(new(null, AclGroups.AllUsers), Permission.Read),
        EverybodyWrites = new(new(null, AclGroups.AllUsers), Permission.Write),
        Authenticated = new(new(null, AclGroups.AuthenticatedUsers), Permission.Read),
        LogsWrite = new(new(null, AclGroups.LogDelivery), Permission.Write),
        LogsReadAcp = new(new(null, AclGroups.LogDelivery), Permission.ReadAcp);

    /// <summary>The list of that name; null where there is none. The owner's own grant stands behind those of groups.</summary>
    /// <param name="name">As in x-amz-acl.</param>
    /// <param name="owner">Whose the bucket or object is.</param>
    /// <param name="bucketOwner">Whose the bucket is that an object is in; null for a bucket's own list.</param>
    public static Acl? Find(string name, Party owner, Party? bucketOwner)
    {
        var full = new Grant(owner.Grantee, Permission.FullControl);
        return name switch
        {
            // Those of the bucket's owner say nothing new where it owns the object, nor of a bucket.
            "private" => new([full]),
            "public-read" => new([Everybody, full]),
            "public-read-write" => new([Everybody, EverybodyWrites, full]),
            "authenticated-read" => new([Authenticated, full]),
            // Amazon EC2 reads images by it; there is none here.
            "aws-exec-read" => new([full]),
            "bucket-owner-read" => new(ForBucketOwner(Permission.Read)),
            "bucket-owner-full-control" => new(ForBucketOwner(Permission.FullControl)),
            "log-delivery-write" => bucketOwner is null ? new([LogsWrite, LogsReadAcp, full]) : null,
            _ => null,
        };

        Grant[] ForBucketOwner(Permission permission) =>
            bucketOwner is null || bucketOwner.CanonicalId == owner.CanonicalId ? [full] : [full, new(bucketOwner.Grantee, permission)];
    }
}
