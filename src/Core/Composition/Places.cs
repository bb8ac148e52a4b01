using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.AzureBlob;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.Locations.Disk;
using ZenkoFunctions.Core.Locations.S3;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Composition;

/// <summary>Makes locations of their configurations, by what serves their types.</summary>
internal static class Places
{
    /// <summary>The location; nobody is called yet.</summary>
    public static ILocation Open(LocationConfig config, string? secret, TimeProvider clock)
    {
        var (type, details) = (LocationTypes.Find(config.LocationType)!, config.Details);
        return type.Engine switch
        {
            LocationEngine.Disk => new DiskSite(new DiskLocation(config.Name, details.Path!)),
            LocationEngine.Azure => new AzureBlobLocation(config.Name, Account(details, secret!), details.BucketName!, clock) { WholeKey = details.BucketMatch == true },
            _ => new S3Location(
                config.Name,
                new()
                {
                    Endpoint = details.Endpoint is null && type.DefaultEndpoint is null ? null : LocationTypes.EndpointOf(config),
                    Region = LocationTypes.RegionOf(config),
                    Bucket = details.BucketName!,
                    AccessKey = details.AccessKey!,
                    SecretKey = secret!,
                    PathStyle = type.PathStyle,
                    Encrypts = details.ServerSideEncryption == true,
                    WholeKey = details.BucketMatch == true,
                    KeepsVersions = type.KeepsVersions,
                    HasTags = type.HasTags,
                    MaxParts = type.MaxParts,
                },
                clock),
        };
    }

    /// <summary>How a location that the installation came with is told.</summary>
    public static LocationConfig Told(string name, ILocation location) => new()
    {
        Name = name,
        LocationType = location is AzureBlobLocation ? "location-azure-v1" : "location-file-v1",
        IsBuiltin = true,
    };

    private static StorageAccount Account(LocationDetails details, string secret) => StorageAccount.Parse(
        $"AccountName={details.AccessKey};AccountKey={secret}{(details.Endpoint is { } endpoint ? $";BlobEndpoint={endpoint}" : "")}");
}
