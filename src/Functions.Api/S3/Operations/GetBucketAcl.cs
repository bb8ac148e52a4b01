using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketAcl: the bucket's access control list.</summary>
public sealed class GetBucketAcl : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketAcl", "GET", Target.Bucket, "s3:GetBucketAcl") { Query = ["acl"], Anonymous = true };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        new(AclDocument.Write(call.Bucket.Owner(), call.Bucket.Get(BucketSettings.Acl)));
}
