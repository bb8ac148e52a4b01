namespace ZenkoFunctions.Api.S3;

/// <summary>The operations of the S3 endpoint. Router, names of metrics, documentation and policy actions derive from it.</summary>
public static class Operations
{
    /// <summary>Every operation, one line each.</summary>
    public static readonly IReadOnlyList<Operation> All =
    [
        new AbortMultipartUpload(),
        new CompleteMultipartUpload(),
        new CopyObject(),
        new CreateBucket(),
        new CreateMultipartUpload(),
        new DeleteBucket(),
        new DeleteBucketCors(),
        new DeleteBucketLifecycle(),
        new DeleteBucketTagging(),
        new DeleteObject(),
        new DeleteObjectTagging(),
        new DeleteObjects(),
        new GetBucketCors(),
        new GetBucketLifecycleConfiguration(),
        new GetBucketLocation(),
        new GetBucketTagging(),
        new GetObject(),
        new GetObjectLegalHold(),
        new GetObjectLockConfiguration(),
        new GetObjectRetention(),
        new GetObjectTagging(),
        new HeadBucket(),
        new HeadObject(),
        new ListBuckets(),
        new ListMultipartUploads(),
        new ListObjects(),
        new ListObjectsV2(),
        new ListParts(),
        new OptionsBucket(),
        new OptionsObject(),
        new PutBucketCors(),
        new PutBucketLifecycleConfiguration(),
        new PutBucketTagging(),
        new PutObject(),
        new PutObjectLegalHold(),
        new PutObjectLockConfiguration(),
        new PutObjectRetention(),
        new PutObjectTagging(),
        new UploadPart(),
        new UploadPartCopy(),
    ];
}
