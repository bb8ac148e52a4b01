namespace ZenkoFunctions.Core.Access;

/// <summary>The actions of S3 that policies can name, and which grants of access control lists open them.</summary>
public static class S3Actions
{
    /// <summary>Actions that a grant on the object opens.</summary>
    private static readonly Dictionary<string, Permission> OfObject = new(StringComparer.Ordinal)
    {
        ["s3:GetObject"] = Permission.Read,
        ["s3:GetObjectVersion"] = Permission.Read,
        ["s3:GetObjectTorrent"] = Permission.Read,
        ["s3:GetObjectAttributes"] = Permission.Read,
        ["s3:GetObjectVersionAttributes"] = Permission.Read,
        ["s3:GetObjectAcl"] = Permission.ReadAcp,
        ["s3:GetObjectVersionAcl"] = Permission.ReadAcp,
        ["s3:PutObjectAcl"] = Permission.WriteAcp,
        ["s3:PutObjectVersionAcl"] = Permission.WriteAcp,
    };

    /// <summary>Actions that a grant on the bucket opens.</summary>
    private static readonly Dictionary<string, Permission> OfBucket = new(StringComparer.Ordinal)
    {
        ["s3:ListBucket"] = Permission.Read,
        ["s3:ListBucketVersions"] = Permission.Read,
        ["s3:ListBucketMultipartUploads"] = Permission.Read,
        ["s3:PutObject"] = Permission.Write,
        ["s3:DeleteObject"] = Permission.Write,
        ["s3:AbortMultipartUpload"] = Permission.Write,
        ["s3:ListMultipartUploadParts"] = Permission.Write,
        ["s3:GetBucketAcl"] = Permission.ReadAcp,
        ["s3:PutBucketAcl"] = Permission.WriteAcp,
    };

    /// <summary>The same action on a version that the request names.</summary>
    private static readonly Dictionary<string, string> OfVersion = new(StringComparer.Ordinal)
    {
        ["s3:DeleteObject"] = "s3:DeleteObjectVersion",
        ["s3:DeleteObjectAnnotation"] = "s3:DeleteObjectVersionAnnotation",
        ["s3:DeleteObjectTagging"] = "s3:DeleteObjectVersionTagging",
        ["s3:GetObject"] = "s3:GetObjectVersion",
        ["s3:GetObjectAcl"] = "s3:GetObjectVersionAcl",
        ["s3:GetObjectAnnotation"] = "s3:GetObjectVersionAnnotation",
        ["s3:GetObjectAttributes"] = "s3:GetObjectVersionAttributes",
        ["s3:GetObjectTagging"] = "s3:GetObjectVersionTagging",
        ["s3:GetObjectTorrent"] = "s3:GetObjectVersionTorrent",
        ["s3:PutObjectAcl"] = "s3:PutObjectVersionAcl",
        ["s3:PutObjectAnnotation"] = "s3:PutObjectVersionAnnotation",
        ["s3:PutObjectTagging"] = "s3:PutObjectVersionTagging",
    };

    /// <summary>Every action, AWS's and those of this server.</summary>
    private static readonly string[] All =
    [
        .. OfObject.Keys, .. OfBucket.Keys, .. OfVersion.Keys, .. OfVersion.Values,
        "s3:BypassGovernanceRetention", "s3:CreateBucket", "s3:CreateBucketMetadataTableConfiguration", "s3:CreateSession",
        "s3:DeleteBucket", "s3:DeleteBucketMetadataTableConfiguration", "s3:DeleteBucketOwnershipControls", "s3:DeleteBucketPolicy",
        "s3:DeleteBucketPublicAccessBlock", "s3:DeleteBucketTagging", "s3:DeleteBucketWebsite", "s3:GetAccelerateConfiguration",
        "s3:GetAnalyticsConfiguration", "s3:GetBucketAbac", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging",
        "s3:GetBucketMetadataTableConfiguration", "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketQuota", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration", "s3:GetIntelligentTieringConfiguration", "s3:GetInventoryConfiguration",
        "s3:GetLifecycleConfiguration", "s3:GetMetricsConfiguration", "s3:GetObjectLegalHold", "s3:GetObjectRetention",
        "s3:GetObjectVersionForReplication", "s3:GetReplicationConfiguration", "s3:InitiateReplication", "s3:ListAllMyBuckets",
        "s3:ListTagsForResource", "s3:ObjectOwnerOverrideToBucketOwner", "s3:PostBucketLogging", "s3:PutAccelerateConfiguration",
        "s3:PutAnalyticsConfiguration", "s3:PutBucketAbac", "s3:PutBucketCORS", "s3:PutBucketLogging", "s3:PutBucketNotification",
        "s3:PutBucketObjectLockConfiguration", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketQuota", "s3:PutBucketRequestPayment", "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutBucketWebsite",
        "s3:PutEncryptionConfiguration", "s3:PutIntelligentTieringConfiguration", "s3:PutInventoryConfiguration",
        "s3:PutLifecycleConfiguration", "s3:PutMetricsConfiguration", "s3:PutObjectLegalHold", "s3:PutObjectRetention",
        "s3:PutReplicationConfiguration", "s3:RenameObject", "s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags",
        "s3:RestoreObject", "s3:TagResource", "s3:UntagResource", "s3:UpdateBucketMetadataInventoryTableConfiguration",
        "s3:UpdateBucketMetadataJournalTableConfiguration", "s3:UpdateObjectEncryption", "zenkofn:DeleteBucketRedirect", "zenkofn:GetBucketRedirect", "zenkofn:PutBucketRedirect",
    ];

    /// <summary>The action by its name where the request names a version, or names none.</summary>
    public static string Named(string action, bool onVersion) => onVersion ? OfVersion.GetValueOrDefault(action, action) : action;

    /// <summary>Whether the object's owner, and not the bucket's, says who may: the actions that an object's list opens.</summary>
    public static bool IsByObjectOwner(string action) => OfObject.ContainsKey(action);

    /// <summary>The permission on the object that opens the action, or null.</summary>
    internal static Permission? OnObject(string action) => OfObject.TryGetValue(action, out var permission) ? permission : null;

    /// <summary>The permission on the bucket that opens the action, or null.</summary>
    internal static Permission? OnBucket(string action) => OfBucket.TryGetValue(action, out var permission) ? permission : null;

    /// <summary>Whether a pattern names any action at all.</summary>
    internal static bool AnyMatches(string pattern) =>
        Pattern.Parse(pattern, withWildcards: true, withVariables: false) is { } read
        && Array.Exists(All, action => read.Matches(action, ignoreCase: true));
}
