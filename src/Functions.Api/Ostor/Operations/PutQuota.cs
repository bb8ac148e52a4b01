using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Sets a quota in GB. What is there already stays, be it more.</summary>
public sealed class PutQuota : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("PutQuota", "ostor-quotas", "PUT") { OneOf = OstorQuotas.Target, Required = ["quota-size"] };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(OstorCall call, CancellationToken ct) => call.ChangeQuota(OstorQuotas.Bytes(call["quota-size"]!), ct);
}
