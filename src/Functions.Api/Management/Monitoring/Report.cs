using System.Reflection;
using System.Runtime.InteropServices;
using ZenkoFunctions.Api.Management.Backbeat;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>What this installation is, in the members of Zenko's report that there is something to tell of.</summary>
internal static class Report
{
    private const int ModelVersion = 1;

    private static readonly string Version =
        typeof(Report).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    // Zenko's words for them.
    private static readonly (string Capability, string Type)[] LocationCapabilities =
    [
        ("locationTypeDigitalOcean", "location-do-spaces-v1"), ("locationTypeS3Custom", "location-s3-v1"), ("locationTypeSproxyd", "location-scality-sproxyd-v1"),
        ("locationTypeNFS", "location-nfs-mount-v1"), ("locationTypeCephRadosGW", "location-ceph-radosgw-s3-v1"),
        ("locationTypeHyperdriveV2", "location-scality-hdclient-v2"), ("locationTypeLocal", "location-file-v1"),
    ];

    private static readonly (string Capability, bool IsThere)[] OtherCapabilities =
    [
        ("preferredReadLocation", true), ("managedLifecycle", true), ("managedLifecycleTransition", true), ("secureChannelOptimizedPath", false),
        ("s3cIngestLocation", true), ("nfsIngestLocation", false), ("cephIngestLocation", true), ("awsIngestLocation", true),
    ];

    /// <summary>The document.</summary>
    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct)
    {
        var domain = call.Installation;
        var (buckets, amount, at) = await domain.Totals.Read(ct);
        var locations = await domain.Locations.All(ct);
        var paused = await domain.SiteStates.All(Core.Replication.SiteServices.Crr, ct);
        return BackbeatJson.Object(json =>
        {
            json.WriteString("utcTime"u8, BackbeatJson.Time(domain.Clock.GetUtcNow()));
            json.WriteNumber("reportModelVersion"u8, ModelVersion);
            json.WriteString("serverVersion"u8, Version);

            json.WriteStartObject("systemStats"u8);
            json.WriteStartObject("memory"u8);
            json.WriteNumber("total"u8, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            json.WriteEndObject();
            json.WriteStartObject("cpu"u8);
            json.WriteNumber("count"u8, Environment.ProcessorCount);
            json.WriteEndObject();
            json.WriteString("arch"u8, RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant());
            json.WriteString("platform"u8, RuntimeInformation.OSDescription);
            json.WriteString("hostname"u8, Environment.MachineName);
            json.WriteEndObject();

            json.WriteStartObject("itemCounts"u8);
            json.WriteNumber("buckets"u8, buckets);
            json.WriteNumber("versions"u8, amount.Versions);
            json.WriteNumber("bytes"u8, amount.Bytes);
            json.WriteString("countedAt"u8, BackbeatJson.Time(at));
            json.WriteEndObject();

            json.WriteStartObject("repStatus"u8);
            json.WriteStartObject("states"u8);
            foreach (var location in locations) json.WriteString(location.Name, paused.GetValueOrDefault(location.Name).IsPaused ? "disabled" : "enabled");
            json.WriteEndObject();
            json.WriteEndObject();

            json.WriteStartObject("config"u8);
            json.WriteStartObject("locations"u8);
            foreach (var location in locations)
            {
                json.WriteStartObject(location.Name);
                json.WriteString("locationType"u8, location.LocationType);
                json.WriteBoolean("isBuiltin"u8, location.IsBuiltin);
                json.WriteBoolean("isTransient"u8, location.IsTransient);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();

            json.WriteStartObject("capabilities"u8);
            foreach (var (capability, type) in LocationCapabilities) json.WriteBoolean(capability, LocationTypes.All.Any(each => each.Name == type));
            foreach (var (capability, isThere) in OtherCapabilities) json.WriteBoolean(capability, isThere);
            json.WriteEndObject();
        });
    }
}
