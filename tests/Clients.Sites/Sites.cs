using Amazon.Runtime;
using Amazon.S3;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Locations.S3;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>
/// The clouds that tests replicate to: each is started when first asked for, once for all tests, and ends with the process of the tests.
/// </summary>
public static class Sites
{
    private static readonly Lazy<Task<RadosGateway>> ceph = new(RadosGateway.Start);
    private static readonly Lazy<Task<Azurite>> azure = new(Azurite.Start);
    private static readonly Lazy<Task<ServerProcess>> peer = new(StartPeer);

    /// <summary>A Ceph with its S3 gateway.</summary>
    public static Task<RadosGateway> Ceph => ceph.Value;

    /// <summary>A storage account.</summary>
    public static Task<Azurite> Azure => azure.Value;

    /// <summary>Another server of our own, with the same root key.</summary>
    public static Task<ServerProcess> Peer => peer.Value;

    /// <summary>A client of the Ceph gateway.</summary>
    public static AmazonS3Client Client(RadosGateway gateway) => new(
        new BasicAWSCredentials(RadosGateway.AccessKey, RadosGateway.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = gateway.Endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    /// <summary>A new bucket of the gateway, as locations take it.</summary>
    public static async Task<S3Place> CephPlace(string bucket, bool versioned)
    {
        var gateway = await Ceph;
        using var s3 = Client(gateway);
        await s3.PutBucketAsync(bucket);
        if (versioned) await s3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
        return new()
        {
            Endpoint = new(gateway.Endpoint), Bucket = bucket, AccessKey = RadosGateway.AccessKey, SecretKey = RadosGateway.SecretKey, PathStyle = true,
            KeepsVersions = versioned,
        };
    }

    private static async Task<ServerProcess> StartPeer()
    {
        var scratch = new Scratch();
        var server = await ServerProcess.Start(scratch["data"]);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.Kill().Wait();
            scratch.Dispose();
        };
        return server;
    }
}
