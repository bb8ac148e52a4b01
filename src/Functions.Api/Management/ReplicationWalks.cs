using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Api.Management;

/// <summary>Walks over the management API: started, watched, cancelled, repeated; and what they prove.</summary>
internal static class ReplicationWalks
{
    private const string Root = "/_/management/replication/";

    /// <summary>Entries that one answer lists, and rows that it looks at for them.</summary>
    private const int Most = 1000, MostSeen = 10_000;

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
        var bucket = call.Query["bucket"];
        var (walks, next) = await Page(
            call.Installation.Walks.All(Marker(call, 1)?[0], ct), walk => walk.Id,
            walk => bucket is null || walk.Request.Bucket == bucket ? WalkDocument.Of(walk) with { Differences = [] } : null);
        return Reply.Json(WalkDocumentJson.Default.WalkList, new(walks, next));
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
        var (timers, next) = await Page(call.Installation.WalkTimers.All(Marker(call, 1)?[0], ct), timer => timer.Id, TimerDocument.Of);
        return Reply.Json(WalkDocumentJson.Default.TimerList, new(timers, next));
    }

    public static async ValueTask<Reply> DeleteTimer(ManagementCall call, CancellationToken ct) =>
        await call.Installation.WalkTimers.Cancel(call.Path["id"], ct)
            ? Reply.Document("{}"u8.ToArray(), "application/json")
            : Reply.Refused(ManagementErrors.NoSuchTimer, $"There is no timer '{call.Path["id"]}'; GET {Root}timers lists them.");

    public static async ValueTask<Reply> ListReports(ManagementCall call, CancellationToken ct)
    {
        var site = call.Query["site"];
        var after = Marker(call, 3) is [var inBucket, var ofSite, var id] ? (inBucket, ofSite, id) : ((string, string, string)?)null;
        var (lines, next) = await Page(
            call.Installation.Reports.All(call.Query["bucket"], after, ct), kept => $"{kept.Report.Bucket}/{kept.Report.Site}/{kept.Report.Id}",
            kept => site is null || kept.Report.Site == site ? ReportLine.Of(kept.Report) : null);
        return Reply.Json(WalkDocumentJson.Default.ReportList, new(lines, next));
    }

    public static async ValueTask<Reply> GetReport(ManagementCall call, CancellationToken ct) =>
        await call.Installation.Reports.Find(call.Path["bucket"], call.Path["site"], call.Path["id"], ct) is { } kept
            ? Reply.Document(kept.Document.ToArray(), "application/json")
            : Reply.Refused(ManagementErrors.NoSuchReport, $"There is no such report; the last {VerifyReports.Most} of a bucket and site are kept.");

    public static async ValueTask<Reply> ListKeys(ManagementCall call, CancellationToken ct) =>
        Reply.Json(WalkDocumentJson.Default.ReportKeyList, new(await call.Installation.ReportKeys.Public(ct)));

    /// <summary>A page of a list, and the marker of the next one; null where nothing is left.</summary>
    /// <param name="rows">What there is, from behind the marker of the request.</param>
    /// <param name="marker">Names a row.</param>
    /// <param name="told">What is told of it; null for nothing.</param>
    private static async ValueTask<(IReadOnlyList<T> Entries, string? Next)> Page<TRow, T>(IAsyncEnumerable<TRow> rows, Func<TRow, string> marker, Func<TRow, T?> told)
        where T : class
    {
        List<T> entries = [];
        var (seen, last) = (0, "");
        await foreach (var row in rows)
        {
            if (entries.Count == Most || seen == MostSeen) return (entries, last);
            (seen, last) = (seen + 1, marker(row));
            if (told(row) is { } entry) entries.Add(entry);
        }
        return (entries, null);
    }

    // The names of the row that the page before ended with; none of them has a slash.
    private static string[]? Marker(ManagementCall call, int names)
    {
        if (call.Query["marker"] is not { Length: > 0 } marker) return null;
        var read = marker.Split('/');
        return read.Length == names && read.All(name => name.Length is > 0 and < 256 && name.All(letter => letter is > '!' and <= '~') && name[0] != '~')
            ? read
            : throw new S3Exception(ManagementErrors.InvalidQueryParameter, "The marker has to be what an answer said as its next.");
    }

    private static Reply Told(Walk walk, int status = 200) => Reply.Json(WalkDocumentJson.Default.WalkDocument, WalkDocument.Of(walk), status);

    private static Reply NoWalk(ManagementCall call) =>
        Reply.Refused(ManagementErrors.NoSuchWalk, $"There is no walk '{call.Path["id"]}'; GET {Root}walks lists them.");

    private static Reply Refused(Refusal refusal, string? detail) => Reply.Refused(
        refusal switch { Refusal.NoSuchBucket => S3Errors.NoSuchBucket, Refusal.NoSuchLocation => ManagementErrors.NoSuchLocation, _ => S3Errors.InvalidRequest }, detail);
}
