using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Cli.Replication;

namespace ZenkoFunctions.Cli.Searching;

/// <summary>The search indexes of a running server.</summary>
internal sealed class RemoteIndexes(RemoteServer server)
{
    private const string Root = "/_/management/search/";

    public Task<SearchIndexDocument> Find(string bucket, CancellationToken ct) =>
        server.Ask("GET", Root + RemoteServer.Segment(bucket), SearchIndexJson.Default.SearchIndexDocument, ct);

    public Task<SearchIndexDocument> Set(string bucket, SearchIndexBody body, CancellationToken ct) =>
        server.Ask("PUT", Root + RemoteServer.Segment(bucket), SearchIndexJson.Default.SearchIndexDocument, ct, JsonSerializer.SerializeToUtf8Bytes(body, SearchIndexJson.Default.SearchIndexBody));

    /// <summary>Tells how an index stands.</summary>
    public static async Task Tell(SearchIndexDocument index, bool json)
    {
        if (json)
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(index, SearchIndexJson.Default.SearchIndexDocument));
            return;
        }
        if (index.Fields.Count == 0)
        {
            await Console.Out.WriteLineAsync($"No field of {index.Bucket} is indexed: every search looks at every object. zenkofn search {index.Bucket} --index FIELD changes that.");
            return;
        }
        await Console.Out.WriteAsync(Table.Text(["FIELD", "STATE", "SINCE"], [.. index.Fields.Select(field => (IReadOnlyList<string>)[field.Name, field.State, Findings.Time(field.Since)])]));
        if (index.Walk is { } walk) await Console.Out.WriteLineAsync($"{walk.Id}: {walk.State.ToString().ToLowerInvariant()}. {WalkWatch.Progress(walk)}.{(walk.Trouble is { } trouble ? " " + trouble : "")}");
    }
}
