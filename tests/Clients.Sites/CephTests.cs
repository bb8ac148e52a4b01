using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Contracts;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>The gateway of the tests keeps what it was given over its own death.</summary>
public sealed class CephTests
{
    [CephFact]
    public async Task What_was_stored_is_there_after_the_gateway_was_killed()
    {
        await using var ceph = await RadosGateway.Start(); // the others' must not be killed
        using var s3 = Sites.Client(ceph);
        await s3.PutBucketAsync("killed");
        await s3.PutBucketVersioningAsync(new() { BucketName = "killed", VersioningConfig = new() { Status = VersionStatus.Enabled } });
        var put = await s3.PutObjectAsync(new() { BucketName = "killed", Key = "key", ContentBody = "body" });
        await ceph.KillGateway();
        await Assert.ThrowsAnyAsync<Exception>(() => s3.GetObjectAsync("killed", "key"));
        await ceph.StartGateway();
        using var got = await s3.GetObjectAsync(new GetObjectRequest { BucketName = "killed", Key = "key", VersionId = put.VersionId });
        using var reader = new StreamReader(got.ResponseStream);
        Assert.Equal("body", await reader.ReadToEndAsync());
    }
}
