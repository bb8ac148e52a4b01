using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Replication;

/// <summary>The walks of a running server.</summary>
internal sealed class RemoteWalks(RemoteServer server)
{
    private const string Root = "/_/management/replication/";

    public Task<WalkDocument> Start(string purpose, WalkBody body, CancellationToken ct) =>
        server.Ask("POST", Root + purpose, WalkDocumentJson.Default.WalkDocument, ct, Written(body));

    /// <summary>Starts what is no matter of a site: <c>lifecycle</c>, <c>ingest</c> or <c>collect</c>.</summary>
    public Task<WalkDocument> Begin(string what, WalkBody body, CancellationToken ct) =>
        server.Ask("POST", "/_/management/" + what, WalkDocumentJson.Default.WalkDocument, ct, Written(body));

    public Task<WalkDocument> Find(string id, CancellationToken ct) =>
        server.Ask("GET", Root + "walks/" + RemoteServer.Segment(id), WalkDocumentJson.Default.WalkDocument, ct);

    public Task<WalkDocument> Cancel(string id, CancellationToken ct) =>
        server.Ask("DELETE", Root + "walks/" + RemoteServer.Segment(id), WalkDocumentJson.Default.WalkDocument, ct);

    public async Task<IReadOnlyList<WalkDocument>> Of(string bucket, CancellationToken ct) =>
        (await server.Ask("GET", Root + "walks", WalkDocumentJson.Default.WalkList, ct, query: "bucket=" + RemoteServer.Segment(bucket))).Walks;

    public async Task<IReadOnlyList<ReportLine>> Reports(string bucket, CancellationToken ct) =>
        (await server.Ask("GET", Root + "reports", WalkDocumentJson.Default.ReportList, ct, query: "bucket=" + RemoteServer.Segment(bucket))).Reports;

    public Task<byte[]> Report(string bucket, string site, string id, CancellationToken ct) =>
        server.Send("GET", $"{Root}reports/{RemoteServer.Segment(bucket)}/{RemoteServer.Segment(site)}/{RemoteServer.Segment(id)}", null, "", ct);

    public async Task<IReadOnlyList<TimerDocument>> Timers(CancellationToken ct) =>
        (await server.Ask("GET", Root + "timers", WalkDocumentJson.Default.TimerList, ct)).Timers;

    public Task<TimerDocument> SetTimer(WalkBody body, CancellationToken ct) =>
        server.Ask("PUT", Root + "timers", WalkDocumentJson.Default.TimerDocument, ct, Written(body));

    public Task EndTimer(string id, CancellationToken ct) => server.Send("DELETE", Root + "timers/" + RemoteServer.Segment(id), null, "", ct);

    private static byte[] Written(WalkBody body) => JsonSerializer.SerializeToUtf8Bytes(body, WalkDocumentJson.Default.WalkBody);
}
