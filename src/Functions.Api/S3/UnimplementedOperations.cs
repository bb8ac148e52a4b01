namespace ZenkoFunctions.Api.S3;

/// <summary>An operation of AWS's S3 that this server does not have. It is routed, so that it is answered 501.</summary>
/// <param name="Name">Its exact name in AWS's API.</param>
/// <param name="Verb">The HTTP method.</param>
/// <param name="Target">What it is applied to.</param>
/// <param name="Query">As <see cref="OperationSpec.Query"/>.</param>
public sealed record UnimplementedOperation(string Name, string Verb, Target Target, params IReadOnlyList<string> Query);

/// <summary>
/// Every other operation of AWS's S3. They are known so that <c>PUT /bucket?acl</c> is never taken for CreateBucket. An
/// operation that is implemented moves from here to <see cref="Operations.All"/>.
/// </summary>
/// <remarks>
/// Left out, because nothing in a request tells them from an implemented one or because they belong to other endpoints:
/// ListDirectoryBuckets, WriteGetObjectResponse, and the older spellings of the lifecycle and notification operations.
/// </remarks>
public static class UnimplementedOperations
{
    /// <summary>The table, by name.</summary>
    public static readonly IReadOnlyList<UnimplementedOperation> All =
    [
        new("CreateBucketMetadataConfiguration", "POST", Target.Bucket, "metadataConfiguration"),
        new("CreateBucketMetadataTableConfiguration", "POST", Target.Bucket, "metadataTable"),
        new("CreateSession", "GET", Target.Bucket, "session"),
        new("DeleteBucketAnalyticsConfiguration", "DELETE", Target.Bucket, "analytics", "id"),
        new("DeleteBucketIntelligentTieringConfiguration", "DELETE", Target.Bucket, "intelligent-tiering", "id"),
        new("DeleteBucketInventoryConfiguration", "DELETE", Target.Bucket, "inventory", "id"),
        new("DeleteBucketMetadataConfiguration", "DELETE", Target.Bucket, "metadataConfiguration"),
        new("DeleteBucketMetadataTableConfiguration", "DELETE", Target.Bucket, "metadataTable"),
        new("DeleteBucketMetricsConfiguration", "DELETE", Target.Bucket, "metrics", "id"),
        new("DeleteObjectAnnotation", "DELETE", Target.Object, "annotation"),
        new("GetBucketAbac", "GET", Target.Bucket, "abac"),
        new("GetBucketAccelerateConfiguration", "GET", Target.Bucket, "accelerate"),
        new("GetBucketAnalyticsConfiguration", "GET", Target.Bucket, "analytics", "id"),
        new("GetBucketIntelligentTieringConfiguration", "GET", Target.Bucket, "intelligent-tiering", "id"),
        new("GetBucketInventoryConfiguration", "GET", Target.Bucket, "inventory", "id"),
        new("GetBucketMetadataConfiguration", "GET", Target.Bucket, "metadataConfiguration"),
        new("GetBucketMetadataTableConfiguration", "GET", Target.Bucket, "metadataTable"),
        new("GetBucketMetricsConfiguration", "GET", Target.Bucket, "metrics", "id"),
        new("GetObjectAnnotation", "GET", Target.Object, "annotation"),
        new("GetObjectTorrent", "GET", Target.Object, "torrent"),
        new("ListBucketAnalyticsConfigurations", "GET", Target.Bucket, "analytics"),
        new("ListBucketIntelligentTieringConfigurations", "GET", Target.Bucket, "intelligent-tiering"),
        new("ListBucketInventoryConfigurations", "GET", Target.Bucket, "inventory"),
        new("ListBucketMetricsConfigurations", "GET", Target.Bucket, "metrics"),
        new("PutBucketAbac", "PUT", Target.Bucket, "abac"),
        new("PutBucketAccelerateConfiguration", "PUT", Target.Bucket, "accelerate"),
        new("PutBucketAnalyticsConfiguration", "PUT", Target.Bucket, "analytics", "id"),
        new("PutBucketIntelligentTieringConfiguration", "PUT", Target.Bucket, "intelligent-tiering", "id"),
        new("PutBucketInventoryConfiguration", "PUT", Target.Bucket, "inventory", "id"),
        new("PutBucketMetricsConfiguration", "PUT", Target.Bucket, "metrics", "id"),
        new("PutObjectAnnotation", "PUT", Target.Object, "annotation"),
        new("RenameObject", "PUT", Target.Object, "renameObject"),
        new("RestoreObject", "POST", Target.Object, "restore"),
        new("SelectObjectContent", "POST", Target.Object, "select", "select-type=2"),
        new("UpdateBucketMetadataInventoryTableConfiguration", "PUT", Target.Bucket, "metadataInventoryTable"),
        new("UpdateBucketMetadataJournalTableConfiguration", "PUT", Target.Bucket, "metadataJournalTable"),
        new("UpdateObjectEncryption", "PUT", Target.Object, "encryption"),
    ];
}
