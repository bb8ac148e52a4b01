using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Tells a quota, which is the one that S3's clients set, too.</summary>
public sealed class GetQuota : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GetQuota", "ostor-quotas", "GET") { OneOf = OstorQuotas.Target };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct) =>
        OstorQuotas.Told("bucket", (await call.Bucket(call["bucket"] is not null, ct)).Get(BucketSettings.Quota));
}
