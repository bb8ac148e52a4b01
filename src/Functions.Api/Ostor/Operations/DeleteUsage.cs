using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Deletes a statistics object, which somebody has read.</summary>
public sealed class DeleteUsage : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("DeleteUsage", "ostor-usage", "DELETE") { Required = ["obj"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var objects = call.Installation.Statistics.Objects;
        return OstorUsage.Parse(call["obj"]!, await objects.ServiceId(ct)) is { } period && await objects.Delete(period, call.Token, ct)
            ? Reply.Empty(Spec.Status)
            : Reply.Refused(OstorErrors.NoSuchUsageObject);
    }
}
