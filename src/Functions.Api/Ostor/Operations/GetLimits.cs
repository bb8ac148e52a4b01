using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Tells the limits of a user or a bucket; an error where none were ever set.</summary>
public sealed class GetLimits : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GetLimits", "ostor-limits", "GET") { OneOf = OstorLimits.Target };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct) => await call.Limits(ct) is { } limits
        ? Reply.Json(OstorJson.Default.LimitsDocument, OstorLimits.Document(limits))
        : Reply.Refused(OstorErrors.NoSuchLimits);
}
