using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>Lists the statistics objects that are complete and were not deleted, at most <see cref="Most"/>: delete some to see more.</summary>
public sealed class ListUsage : OstorOperation
{
    /// <summary>How many are listed.</summary>
    internal const int Most = 1000;

    /// <inheritdoc/>
    public override OstorSpec Spec { get; } = new("ListUsage", "ostor-usage", "GET");

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(OstorCall call, CancellationToken ct)
    {
        var objects = call.Installation.Statistics.Objects;
        var id = await objects.ServiceId(ct);
        var (periods, isTruncated) = await objects.List(Most, ct);
        return Reply.Json(
            OstorJson.Default.UsageListDocument,
            new(periods.Count, isTruncated, [.. periods.Select(period => OstorUsage.Name(id, period)).Order(StringComparer.Ordinal)]));
    }
}
