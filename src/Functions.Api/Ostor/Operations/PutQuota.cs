using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Sets a quota in GB. What is there already stays, be it more.</summary>
public sealed class PutQuota : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("PutQuota", "ostor-quotas", "PUT") { OneOf = OstorQuotas.Target, Required = ["quota-size"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var quota = new QuotaSetting(OstorQuotas.Bytes(call["quota-size"]!));
        var bucket = await call.Bucket(call["bucket"] is not null, ct);
        return call.Answer(await call.Installation.Buckets.Change<QuotaSetting>(bucket, BucketSettings.Quota, _ => quota, ct));
    }
}
