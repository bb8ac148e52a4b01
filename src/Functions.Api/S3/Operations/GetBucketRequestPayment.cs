using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>GetBucketRequestPayment: who pays for requests.</summary>
public sealed class GetBucketRequestPayment : Operation
{
    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("GetBucketRequestPayment", "GET", Target.Bucket, "s3:GetBucketRequestPayment") { Query = ["requestPayment"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var isRequester = call.Bucket.Get(BucketSettings.RequestPayment) is not null;
        return new(Reply.Document(
            PutBucketRequestPayment.Shape,
            new() { Payer = isRequester ? PutBucketRequestPayment.Configuration.Requester : PutBucketRequestPayment.Configuration.Owner }));
    }
}
