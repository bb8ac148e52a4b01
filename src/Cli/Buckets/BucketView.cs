using System.Xml.Linq;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Cli.Searching;

namespace ZenkoFunctions.Cli.Buckets;

/// <summary>A bucket, with all that is set for it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Location">Where it keeps its objects; empty for the default.</param>
/// <param name="Versioning"><c>Enabled</c>, <c>Suspended</c> or <c>none</c>.</param>
/// <param name="ObjectLock">Whether its versions can be locked.</param>
internal sealed record BucketView(string Name, string Location, string Versioning, bool ObjectLock)
{
    /// <summary>The most bytes that it may hold; null for no quota.</summary>
    public long? QuotaBytes { get; init; }

    /// <summary>What it holds; null where the caller may not ask for it.</summary>
    public UsageAmount? Held { get; init; }

    /// <summary>Where its objects are copied to.</summary>
    public required IReadOnlyList<RuleLine> Replication { get; init; }

    /// <summary>What becomes of them in time.</summary>
    public required IReadOnlyList<RuleLine> Lifecycle { get; init; }

    /// <summary>The fields that searches find by an index; null where the caller may not ask for them.</summary>
    public IReadOnlyList<string>? Indexed { get; init; }

    /// <summary>Asks for all of it.</summary>
    public static async Task<BucketView> Of(RemoteServer server, string bucket, CancellationToken ct)
    {
        var buckets = new RemoteBuckets(server);
        var location = await server.AskXml(new("GET", "/" + RemoteServer.Segment(bucket)) { Query = "location" }, ct);
        return new(bucket, location.Value, (await buckets.Find(bucket, "versioning", ct))?.Of("Status") ?? "none", (await buckets.Find(bucket, "object-lock", ct))?.Of("ObjectLockEnabled") == "Enabled")
        {
            QuotaBytes = (await buckets.Find(bucket, "quota", ct))?.Of("Quota") is { } bytes ? long.Parse(bytes, System.Globalization.CultureInfo.InvariantCulture) : null,
            Replication = Rules(await buckets.Find(bucket, "replication", ct), rule => string.Join(", ", rule.All("Destination").Select(each => each.Of("StorageClass") ?? each.Of("Bucket")))),
            Lifecycle = Rules(await buckets.Find(bucket, "lifecycle", ct), rule => string.Join(", ", rule.Elements().Select(each => each.Name.LocalName).Where(name => name is not ("ID" or "Status" or "Filter" or "Prefix")).Distinct())),
            Held = (await ForAdministrators(() => server.Ask("GET", "/_/management/usage", UsageDocumentJson.Default.UsageDocument, ct, query: "bucket=" + RemoteServer.Segment(bucket))))?.Total,
            Indexed = (await ForAdministrators(() => new RemoteIndexes(server).Find(bucket, ct)))?.Fields.Select(field => field.Name).ToList(),
        };
    }

    /// <summary>For people.</summary>
    public string Text() => Output.Pairs(
        ("bucket", Name), ("location", Location.Length == 0 ? "(default)" : Location), ("versioning", Versioning), ("object lock", ObjectLock ? "yes" : "no"),
        ("quota", QuotaBytes is { } quota ? $"{Output.Number(quota)} bytes" : "none"),
        ("holds", Held is { } held ? $"{Output.Number(held.Bytes)} bytes in {Output.Number(held.Versions)} versions, and {Output.Number(held.UploadBytes)} in uploads" : null),
        ("replication", Text(Replication)), ("lifecycle", Text(Lifecycle)), ("indexed", Indexed is null ? null : Indexed.Count == 0 ? "nothing" : string.Join(", ", Indexed)));

    private static string Text(IReadOnlyList<RuleLine> rules) =>
        rules.Count == 0 ? "none" : string.Join("; ", rules.Select(rule => $"{rule.Id} ({(rule.Enabled ? "" : "disabled; ")}{rule.What})"));

    private static List<RuleLine> Rules(XElement? configuration, Func<XElement, string> what) =>
        configuration is null ? [] : [.. configuration.All("Rule").Select(rule => new RuleLine(rule.Of("ID") ?? "", rule.Of("Status") == "Enabled", what(rule)))];

    private static async Task<T?> ForAdministrators<T>(Func<Task<T>> ask) where T : class
    {
        try
        {
            return await ask();
        }
        catch (RemoteException e) when (e.Status == 403)
        {
            return null;
        }
    }
}

/// <summary>A rule of a bucket's.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Enabled">Whether it holds.</param>
/// <param name="What">What it does, in short.</param>
internal sealed record RuleLine(string Id, bool Enabled, string What);
