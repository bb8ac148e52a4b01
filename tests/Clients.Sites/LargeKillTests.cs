using System.Security.Cryptography;
using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>kill -9 of the server and of its site amid the parts of one large copy.</summary>
[Trait("Speed", "Slow")]
public sealed class LargeKillTests
{
    private const string Bucket = "large", Key = "film";
    private const int Size = 80 << 20; // five parts

    [Fact]
    public async Task A_copy_in_parts_survives_both_ends_and_is_there_once_with_nothing_begun_left()
    {
        await using var second = await Source.Start([]);
        await using var source = await Source.Start("--replication-retry", "1000,3600,0.2,1");
        var peer = await S3Target.At("peer", second.Server, "copies");
        var (type, details) = peer.Location;
        // Slow enough to be met amid its parts.
        await source.Management.Post(
            "/_/management/locations", JsonSerializer.Serialize(new { name = peer.Site, locationType = type, details, bandwidthLimit = 16 << 20 })).Ok();
        await source.NewBucket(Bucket, "peer");
        var body = RandomNumberGenerator.GetBytes(Size);
        await source.Put(Bucket, Key, body);

        await Eventually.Holds(async () => await Parts(peer) >= 1, "a part has come", Source.Patience);
        await source.Server.Kill();
        var parts = await Parts(peer);
        Assert.InRange(parts, 1, 4);
        await source.StartAgain();
        await Eventually.Holds(async () => await Parts(peer) > parts, "another part has come", Source.Patience);
        await second.Server.Kill();
        await second.StartAgain();

        await source.Becomes("COMPLETED", Bucket, Key, limit: TimeSpan.FromMinutes(3));
        Assert.Equal(Source.Md5(body), (await peer.Find($"{Bucket}/{Key}"))!.Md5);
        Assert.Single(await peer.Versions());
        await Eventually.Holds(async () => await Uploads(peer) is [], "nothing that was begun is left");
    }

    private static async Task<IReadOnlyList<string>> Uploads(S3Target target) =>
        [.. ((await target.S3.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = target.Bucket })).MultipartUploads ?? []).Select(upload => upload.UploadId)];

    private static async Task<int> Parts(S3Target target)
    {
        var count = 0;
        foreach (var upload in await Uploads(target))
            count += (await target.S3.ListPartsAsync(target.Bucket, $"{Bucket}/{Key}", upload)).Parts?.Count ?? 0;
        return count;
    }
}
