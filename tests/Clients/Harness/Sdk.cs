using Amazon.Runtime;
using Amazon.S3;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>AWS's SDK, pointed at a server.</summary>
public static class Sdk
{
    /// <summary>A client with the root's key that does not try again by itself: what fails should be seen.</summary>
    public static AmazonS3Client Client(string endpoint, TimeSpan? timeout = null) => new(
        new BasicAWSCredentials(ServerProcess.AccessKey, ServerProcess.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
            Timeout = timeout ?? TimeSpan.FromMinutes(3),
        });
}
