using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Api.Management;

/// <summary>Walks over the management API: started, watched, cancelled, repeated; and what they prove.</summary>
internal static class ReplicationWalks
{
    private const string Root = "/_/management/replication/";

    public static async ValueTask<Reply> Start(ManagementCall call, CancellationToken ct)
    {
        var purpose = call.Path["purpose"] switch { "existing" => WalkPurpose.Existing, "arrived" => WalkPurpose.Arrived, "verify" => WalkPurpose.Verify, "retry" => WalkPurpose.Retry, _ => WalkPurpose.Recount };
        return await Start(call, purpose, ct);
    }

    public static ValueTask<Reply> StartLifecycle(ManagementCall call, CancellationToken ct) => Start(call, WalkPurpose.Lifecycle, ct);

    public static ValueTask<Reply> StartExpiry(ManagementCall call, CancellationToken ct) => Start(call, WalkPurpose.Expire, ct);

    public static ValueTask<Reply> StartIngestion(ManagementCall call, CancellationToken ct) => Start(call, WalkPurpose.Ingest, ct);

    public static ValueTask<Reply> StartCollection(ManagementCall call, CancellationToken ct) => Start(call, WalkPurpose.Collect, ct);

    private static async ValueTask<Reply> Start(ManagementCall call, WalkPurpose purpose, CancellationToken ct)
    {
        var body = call.Body.IsEmpty && purpose is WalkPurpose.Recount or WalkPurpose.Lifecycle or WalkPurpose.Ingest or WalkPurpose.Collect or WalkPurpose.Expire or WalkPurpose.Retry ? new() : call.Read(WalkDocumentJson.Default.WalkBody);
        var started = await call.Installation.Walks.Start(body.As(purpose), ct);
        return started.Refusal is null ? Told(started.Value, 202) : Refused(started.Refusal.Value, started.Detail);
    }

    public static async ValueTask<Reply> List(ManagementCall call, CancellationToken ct)
    {
        List<WalkDocument> walks = [];
        await foreach (var walk in call.Installation.Walks.All(ct))
            if (call.Query["bucket"] is not { } bucket || walk.Request.Bucket == bucket) walks.Add(WalkDocument.Of(walk) with { Differences = [] });
        return Reply.Json(WalkDocumentJson.Default.WalkList, new(walks));
    }

    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct) =>
        await call.Installation.Walks.Find(call.Path["id"], ct) is { } walk ? Told(walk) : NoWalk(call);

    public static async ValueTask<Reply> Cancel(ManagementCall call, CancellationToken ct) =>
        await call.Installation.Walks.Cancel(call.Path["id"], ct) is { } walk ? Told(walk) : NoWalk(call);

    public static async ValueTask<Reply> PutTimer(ManagementCall call, CancellationToken ct)
    {
        var body = call.Read(WalkDocumentJson.Default.WalkBody);
        // Nobody would be there to say which objects may go.
        if (body.Purpose == WalkPurpose.Empty) return Refused(Refusal.InvalidRequest, "A bucket is not emptied from time to time; a lifecycle rule does that.");
        var set = await call.Installation.WalkTimers.Set(body.As(body.Purpose ?? WalkPurpose.Verify), body.Hours ?? 0, ct);
        return set.Refusal is null ? Reply.Json(WalkDocumentJson.Default.TimerDocument, TimerDocument.Of(set.Value)) : Refused(set.Refusal.Value, set.Detail);
    }

    public static async ValueTask<Reply> ListTimers(ManagementCall call, CancellationToken ct)
    {
        List<TimerDocument> timers = [];
        await foreach (var timer in call.Installation.WalkTimers.All(ct)) timers.Add(TimerDocument.Of(timer));
        return Reply.Json(WalkDocumentJson.Default.TimerList, new(timers));
    }

    public static async ValueTask<Reply> DeleteTimer(ManagementCall call, CancellationToken ct) =>
        await call.Installation.WalkTimers.Cancel(call.Path["id"], ct)
            ? Reply.Document("{}"u8.ToArray(), "application/json")
            : Reply.Refused(ManagementErrors.NoSuchTimer, $"There is no timer '{call.Path["id"]}'; GET {Root}timers lists them.");

    public static async ValueTask<Reply> ListReports(ManagementCall call, CancellationToken ct)
    {
        List<ReportLine> lines = [];
        await foreach (var (report, _) in call.Installation.Reports.All(call.Query["bucket"], ct))
        {
            if (call.Query["site"] is { } site && report.Site != site) continue;
            lines.Add(new(
                report.Id, report.Bucket, report.Site, report.Began, report.Ended, report.IsComplete, report.Counts.Versions, report.Counts.Different, report.Counts.Pending));
        }
        return Reply.Json(WalkDocumentJson.Default.ReportList, new(lines));
    }

    public static async ValueTask<Reply> GetReport(ManagementCall call, CancellationToken ct) =>
        await call.Installation.Reports.Find(call.Path["bucket"], call.Path["site"], call.Path["id"], ct) is { } kept
            ? Reply.Document(kept.Document.ToArray(), "application/json")
            : Reply.Refused(ManagementErrors.NoSuchReport, $"There is no such report; the last {VerifyReports.Most} of a bucket and site are kept.");

    public static async ValueTask<Reply> ListKeys(ManagementCall call, CancellationToken ct) =>
        Reply.Json(WalkDocumentJson.Default.ReportKeyList, new(await call.Installation.ReportKeys.Public(ct)));

    private static Reply Told(Walk walk, int status = 200) => Reply.Json(WalkDocumentJson.Default.WalkDocument, WalkDocument.Of(walk), status);

    private static Reply NoWalk(ManagementCall call) =>
        Reply.Refused(ManagementErrors.NoSuchWalk, $"There is no walk '{call.Path["id"]}'; GET {Root}walks lists them.");

    private static Reply Refused(Refusal refusal, string? detail) => Reply.Refused(
        refusal switch { Refusal.NoSuchBucket => S3Errors.NoSuchBucket, Refusal.NoSuchLocation => ManagementErrors.NoSuchLocation, _ => S3Errors.InvalidRequest }, detail);
}
