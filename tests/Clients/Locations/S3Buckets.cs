using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Core.Locations.S3;

namespace ZenkoFunctions.Clients.Tests.Locations;

/// <summary>Our own server as the cloud of another installation.</summary>
internal static class S3Buckets
{
    /// <summary>A new bucket there.</summary>
    public static async Task<S3Place> NewBucket(this RunningServer server, bool keepsVersions)
    {
        var name = server.NewBucketName("place");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync(name);
        if (keepsVersions)
            await s3.PutBucketVersioningAsync(new() { BucketName = name, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        return server.Place(name) with { KeepsVersions = keepsVersions };
    }

    /// <summary>A bucket there, made or not.</summary>
    public static S3Place Place(this RunningServer server, string bucket) => new()
    {
        Endpoint = new(server.Endpoint),
        Bucket = bucket,
        AccessKey = ServerProcess.AccessKey,
        SecretKey = ServerProcess.SecretKey,
        PathStyle = true,
    };

    /// <summary>Everything in the bucket, versions and delete markers too.</summary>
    public static async Task<List<S3ObjectVersion>> Versions(this RunningServer server, S3Place place)
    {
        using var s3 = Sdk.Client(server.Endpoint);
        return (await s3.ListVersionsAsync(place.Bucket)).Versions ?? [];
    }

    /// <summary>The uploads that are begun in the bucket.</summary>
    public static async Task<List<MultipartUpload>> Uploads(this RunningServer server, S3Place place)
    {
        using var s3 = Sdk.Client(server.Endpoint);
        return (await s3.ListMultipartUploadsAsync(place.Bucket)).MultipartUploads ?? [];
    }
}
