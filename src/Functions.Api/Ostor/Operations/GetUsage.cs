using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Tells a statistics object: what each bucket and user had of operations and traffic in its period.</summary>
public sealed class GetUsage : OstorOperation
{
    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("GetUsage", "ostor-usage", "GET") { Required = ["obj"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var objects = call.Installation.Statistics.Objects;
        var id = await objects.ServiceId(ct);
        if (OstorUsage.Parse(call["obj"]!, id) is not { } period || await objects.Read(period, ct) is not { } items)
            return Reply.Refused(OstorErrors.NoSuchUsageObject);
        return Reply.Json(OstorJson.Default.UsageDocument, new(1, id, period.Start, period.Seconds, items.Count, [.. items.Select(Item)]));
    }

    private static UsageItemDocument Item(UsageItem item) => new(
        new(item.Bucket, item.Epoch, item.Account.Length == 0 ? OstorIds.Nobody : OstorIds.Of(item.Account), item.Tag),
        new(new(Of(item, OperationKind.Put), Of(item, OperationKind.Get), Of(item, OperationKind.List), Of(item, OperationKind.Other)), new(item.Uploaded, item.Downloaded)));

    private static long Of(UsageItem item, OperationKind kind) => item.Operations.GetValueOrDefault(kind);
}
