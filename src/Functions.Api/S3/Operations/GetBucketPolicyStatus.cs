using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// GetBucketPolicyStatus: whether the bucket is open to the public. Grants count too, and a bucket without a policy is not
/// public: AWS answers that one NoSuchBucketPolicy, Ceph and its suite do not.
/// </summary>
public sealed class GetBucketPolicyStatus : Operation
{
    private static readonly XmlShape<Status> Shape = new XmlShape<Status>("PolicyStatus").Flag("IsPublic", s => s.IsPublic);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketPolicyStatus", "GET", Target.Bucket, "s3:GetBucketPolicyStatus") { Query = ["policyStatus"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var (bucket, block) = (call.Bucket, call.Bucket.PublicAccessBlock());
        var isPublic = (bucket.Get(BucketSettings.Policy) is { Policy.IsPublic: true } && !block.RestrictPublicBuckets)
            || (bucket.Get(BucketSettings.Acl) is { IsPublic: true } && !block.IgnorePublicAcls);
        return new(Reply.Document(Shape, new Status { IsPublic = isPublic }));
    }

    private sealed class Status
    {
        public bool IsPublic { get; init; }
    }
}
