using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Makes a bucket a website.</summary>
public sealed class PutBucketWebsite : Operation
{
    private const int MaxBody = 128 * 1024;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketWebsite", "PUT", Target.Bucket, "s3:PutBucketWebsite") { Query = ["website"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct) =>
        await call.ChangeSetting(BucketSettings.Website, WebsiteDocument.Parse(await Payload.ReadMessage(call, MaxBody, false, ct)), 200, ct);
}
