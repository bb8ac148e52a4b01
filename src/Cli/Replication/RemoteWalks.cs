using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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

    public Task<IReadOnlyList<WalkDocument>> Of(string bucket, CancellationToken ct) =>
        All("walks", bucket, WalkDocumentJson.Default.WalkList, page => (page.Walks, page.Next), ct);

    public Task<IReadOnlyList<ReportLine>> Reports(string bucket, CancellationToken ct) =>
        All("reports", bucket, WalkDocumentJson.Default.ReportList, page => (page.Reports, page.Next), ct);

    public Task<byte[]> Report(string bucket, string site, string id, CancellationToken ct) =>
        server.Send("GET", $"{Root}reports/{RemoteServer.Segment(bucket)}/{RemoteServer.Segment(site)}/{RemoteServer.Segment(id)}", null, "", ct);

    public Task<IReadOnlyList<TimerDocument>> Timers(CancellationToken ct) =>
        All("timers", null, WalkDocumentJson.Default.TimerList, page => (page.Timers, page.Next), ct);

    public Task<TimerDocument> SetTimer(WalkBody body, CancellationToken ct) =>
        server.Ask("PUT", Root + "timers", WalkDocumentJson.Default.TimerDocument, ct, Written(body));

    public Task EndTimer(string id, CancellationToken ct) => server.Send("DELETE", Root + "timers/" + RemoteServer.Segment(id), null, "", ct);

    private async Task<IReadOnlyList<T>> All<TPage, T>(
        string list, string? bucket, JsonTypeInfo<TPage> type, Func<TPage, (IReadOnlyList<T> Entries, string? Next)> read, CancellationToken ct)
    {
        List<T> all = [];
        for (string? marker = ""; marker is not null;)
        {
            var query = string.Join('&', new[] { ("bucket", bucket), ("marker", marker) }.Where(each => each.Item2 is { Length: > 0 }).Select(each => $"{each.Item1}={RemoteServer.Segment(each.Item2!)}"));
            (var entries, marker) = read(await server.Ask("GET", Root + list, type, ct, query: query));
            all.AddRange(entries);
        }
        return all;
    }

    private static byte[] Written(WalkBody body) => JsonSerializer.SerializeToUtf8Bytes(body, WalkDocumentJson.Default.WalkBody);
}
