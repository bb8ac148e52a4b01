using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>The sites that a path means.</summary>
internal static class Sites
{
    private const string Every = "all";

    /// <summary>
    /// Those of the service that the path names: one, or, where it says <c>all</c> or nothing, every one, in order; null where it names
    /// none. Rules of age are about any location, the others about those that can have copies.
    /// </summary>
    public static async ValueTask<IReadOnlyList<string>?> Of(ManagementCall call, string service, CancellationToken ct)
    {
        var locations = call.Installation.Buckets.Locations;
        var named = call.Path.GetValueOrDefault("site", Every);
        if (named != Every) return await Has(locations, service, named, ct) ? [named] : null;
        var sites = new List<string>();
        foreach (var name in await locations.Names(ct))
            if (await Has(locations, service, name, ct)) sites.Add(name);
        sites.Sort(StringComparer.Ordinal);
        return sites;
    }

    /// <summary>The one that the path names; null where it is none, or <c>all</c>.</summary>
    public static async ValueTask<string?> One(ManagementCall call, CancellationToken ct) =>
        call.Path["site"] is var site && site != Every && await Has(call.Installation.Buckets.Locations, SiteServices.Crr, site, ct) ? site : null;

    private static async ValueTask<bool> Has(LocationCatalog locations, string service, string name, CancellationToken ct) =>
        await locations.Find(name, ct) is { } location && (service == SiteServices.Lifecycle || location is IReplicas);
}

/// <summary>Documents of this API.</summary>
internal static class BackbeatJson
{
    /// <summary>A JSON object.</summary>
    public static Reply Object(Action<Utf8JsonWriter> members, int status = 200)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Reply.Document(bytes.WrittenSpan.ToArray(), "application/json", status);
    }

    /// <summary>An object without members: done.</summary>
    public static Reply Done() => Object(_ => { });

    /// <summary>A time as JavaScript writes it.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
