using System.Collections.Frozen;

namespace ZenkoFunctions.Core.Access;

/// <summary>The condition keys that a bucket's policy may use. AWS refuses others: a misspelt one would never hold.</summary>
internal static class ConditionKeys
{
    /// <summary>Followed by a tag's key.</summary>
    public const string ExistingObjectTag = "s3:ExistingObjectTag/", RequestObjectTag = "s3:RequestObjectTag/";

    private static readonly string[] Prefixes =
        [ExistingObjectTag, RequestObjectTag, "s3:BucketTag/", "aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/"];

    private static readonly FrozenSet<string> Names = new[]
    {
        "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:CurrentTime", "aws:EpochTime", "aws:FederatedProvider",
        "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn",
        "aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList", "aws:PrincipalType", "aws:Referer", "aws:RequestedRegion", "aws:ResourceAccount",
        "aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn",
        "aws:SourceIdentity", "aws:SourceIp", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpce",
        "aws:SourceVpcArn", "aws:TagKeys", "aws:TokenIssueTime", "aws:UserAgent", "aws:userid", "aws:username", "aws:ViaAWSService",
        "aws:VpcSourceIp",
        "s3:AccessPointNetworkOrigin", "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:InventoryAccessibleOptionalFields",
        "s3:LocationConstraint", "s3:ObjectCreationOperation", "s3:RequestObjectTagKeys", "s3:ResourceAccount", "s3:TlsVersion",
        "s3:VersionId", "s3:authType", "s3:delimiter", "s3:if-match", "s3:if-none-match", "s3:locationconstraint", "s3:max-keys",
        "s3:object-lock-legal-hold", "s3:object-lock-mode", "s3:object-lock-remaining-retention-days",
        "s3:object-lock-retain-until-date", "s3:prefix", "s3:signatureAge", "s3:signatureversion", "s3:versionid",
        "s3:x-amz-acl", "s3:x-amz-content-sha256", "s3:x-amz-copy-source", "s3:x-amz-copy-source-if-match",
        "s3:x-amz-grant-full-control", "s3:x-amz-grant-read", "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write",
        "s3:x-amz-grant-write-acp", "s3:x-amz-metadata-directive", "s3:x-amz-object-ownership", "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-customer-algorithm",
        "s3:x-amz-storage-class", "s3:x-amz-website-redirect-location",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those whose fixed values keep a statement from being public (AWS, "The meaning of public").</summary>
    private static readonly FrozenSet<string> Narrowing = new[]
    {
        "aws:SourceIp", "aws:SourceArn", "aws:SourceVpc", "aws:SourceVpce", "aws:SourceAccount", "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:userid", "aws:username", "aws:SourceOwner",
        "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsKnown(string key) =>
        Names.Contains(key) || Array.Exists(Prefixes, prefix => key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    public static bool IsNarrowing(string key) => Narrowing.Contains(key);
}
