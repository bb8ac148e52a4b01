using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Who owns a new object, and to whom its writer opens it.</summary>
internal static class ObjectGrants
{
    /// <summary>
    /// The owner and the list of the object that the request writes; no list for <c>private</c>. Throws
    /// AccessControlListNotSupported, AccessDenied, and what <see cref="AclHeaders"/> throws.
    /// </summary>
    public static ValueTask<(Writer Writer, Acl? Acl)> NewObjectAccess(this S3Call call, CancellationToken ct)
    {
        if (AclHeaders.Any(call.Request.Headers)) return Read(call, ct);
        var owner = call.Bucket.Ownership() == Ownership.BucketOwnerEnforced ? call.Bucket.Owner() : call.Party;
        return new((call.WriterFor(owner), null));
    }

    /// <summary>AccessDenied for a list that opens something to a group, where the bucket forbids that.</summary>
    public static void CheckBlock(Acl acl, PublicAccessBlock block)
    {
        if (block.BlockPublicAcls && acl.IsPublic)
            throw new S3Exception(S3Errors.AccessDenied, "The bucket's public access block forbids public ACLs.");
    }

    private static async ValueTask<(Writer, Acl?)> Read(S3Call call, CancellationToken ct)
    {
        var bucketOwner = call.Bucket.Owner();
        var isBucketOwners = call.Header(AclHeaders.Canned) == "bucket-owner-full-control";
        var owner = call.Bucket.Ownership() switch
        {
            Ownership.BucketOwnerEnforced => bucketOwner,
            Ownership.BucketOwnerPreferred when isBucketOwners => bucketOwner,
            _ => call.Party,
        };
        var acl = (await AclHeaders.Read(call, owner, bucketOwner, ct))!;
        if (call.Bucket.Ownership() == Ownership.BucketOwnerEnforced && !isBucketOwners)
            throw new S3Exception(S3Errors.AccessControlListNotSupported);
        CheckBlock(acl, call.Bucket.PublicAccessBlock());
        if (!await call.May(new("s3:PutObjectAcl", call.Bucket, call.Key) { IsOfOwnWrite = true }, ct))
            throw new S3Exception(S3Errors.AccessDenied, "This sender needs s3:PutObjectAcl for what its headers ask.");
        return (call.WriterFor(owner), acl.IsPrivateOf(owner.CanonicalId) ? null : acl);
    }
}

/// <summary>To whom a new bucket is opened.</summary>
internal static class BucketGrants
{
    private const string OwnershipHeader = "x-amz-object-ownership";

    /// <summary>The settings with the list and the ownership that the headers of CreateBucket say.</summary>
    public static async ValueTask<BucketSettings> NewBucketAccess(this S3Call call, BucketSettings settings, CancellationToken ct)
    {
        if (call.Header(OwnershipHeader) is { } header)
        {
            await Need(call, "s3:PutBucketOwnershipControls", ct);
            var ownership = OwnershipNamed(header) ?? throw Invalid.Argument(OwnershipHeader, header, "There is no such object ownership.");
            settings = settings.With(BucketSettings.Ownership, new(ownership));
        }
        if (!AclHeaders.Any(call.Request.Headers)) return settings;
        await Need(call, "s3:PutBucketAcl", ct);
        var acl = (await AclHeaders.Read(call, call.Party, null, ct))!;
        if (acl.IsPrivateOf(call.Party.CanonicalId)) return settings;
        return settings.Get(BucketSettings.Ownership) is { Ownership: Ownership.BucketOwnerEnforced }
            ? throw new S3Exception(S3Errors.InvalidBucketAclWithObjectOwnership)
            : settings.With(BucketSettings.Acl, acl);
    }

    /// <summary>Whether two lists say the same in the same order.</summary>
    public static bool Same(Acl? one, Acl? other) =>
        one is null || other is null ? one is null && other is null : one.Grants.SequenceEqual(other.Grants);

    /// <summary>The ownership of that name, or null.</summary>
    public static Ownership? OwnershipNamed(string name) => name switch
    {
        nameof(Ownership.BucketOwnerEnforced) => Ownership.BucketOwnerEnforced,
        nameof(Ownership.BucketOwnerPreferred) => Ownership.BucketOwnerPreferred,
        nameof(Ownership.ObjectWriter) => Ownership.ObjectWriter,
        _ => null,
    };

    private static async ValueTask Need(S3Call call, string action, CancellationToken ct)
    {
        if (!await call.May(new(action, null) { BucketName = call.BucketName }, ct))
            throw new S3Exception(S3Errors.AccessDenied, $"This sender needs {action} for what its headers ask.");
    }
}
