using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Takes a quota away; without effect where there is none.</summary>
public sealed class DeleteQuota : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("DeleteQuota", "ostor-quotas", "DELETE") { OneOf = OstorQuotas.Target };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var bucket = await call.Bucket(call["bucket"] is not null, ct);
        return call.Answer(await call.Installation.Buckets.Change<QuotaSetting>(bucket, BucketSettings.Quota, _ => (QuotaSetting?)null, ct));
    }
}
