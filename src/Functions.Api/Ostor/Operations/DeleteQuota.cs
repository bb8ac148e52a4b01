using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Takes a quota away; without effect where there is none.</summary>
public sealed class DeleteQuota : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("DeleteQuota", "ostor-quotas", "DELETE") { OneOf = OstorQuotas.Target };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(OstorCall call, CancellationToken ct) => call.ChangeQuota(null, ct);
}
