using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Takes the limits of a user or a bucket away; without effect where there are none.</summary>
public sealed class DeleteLimits : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("DeleteLimits", "ostor-limits", "DELETE") { OneOf = OstorLimits.Target };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(OstorCall call, CancellationToken ct) => call.ChangeLimits(_ => null, ct);
}
