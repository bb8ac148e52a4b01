using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Tells a quota: of a bucket the one that S3's clients set, too.</summary>
public sealed class GetQuota : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GetQuota", "ostor-quotas", "GET") { OneOf = OstorQuotas.Target };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var (bytes, type) = await call.Quota(ct);
        return OstorQuotas.Told(bytes, type);
    }
}
