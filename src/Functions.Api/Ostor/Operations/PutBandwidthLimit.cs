using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Limits the KiB a second that are sent to a user or from a bucket. Limits of requests stay as they are.</summary>
public sealed class PutBandwidthLimit : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("PutBandwidthLimit", "ostor-limits", "PUT")
    {
        OneOf = OstorLimits.Target, Flag = "bandwidth", Optional = ["out"],
    };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var limit = call.Limit("out") ?? 0;
        return call.ChangeLimits(now => (now ?? new()) with { Out = limit }, ct);
    }
}
