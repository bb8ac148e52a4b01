using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>One bucket, three clouds at once: a real Ceph, a second server of ours, Azure.</summary>
[Trait("Speed", "Slow")]
public sealed class ThreeSitesTests : IAsyncLifetime
{
    private const string Bucket = "three";
    private const int Large = 33 * 1000 * 1000; // above the 20 MB from which copies go in parts, and no multiple of a part

    private static int runs;

    private Source source = null!;
    private S3Target ceph = null!, peer = null!;
    private AzureTarget azure = null!;
    private FaultProxy beforeAzure = null!;

    private IReadOnlyList<Target> Targets => [ceph, peer, azure];

    public async Task InitializeAsync()
    {
        if (SitesFactAttribute.Missing is not null) return;
        var run = Interlocked.Increment(ref runs);
        ceph = await S3Target.AtCeph("ceph", await Sites.Ceph, $"three-{run}");
        peer = await S3Target.At("peer", await Sites.Peer, $"three-{run}");
        azure = await AzureTarget.At("azure", await Sites.Azure, $"three-{run}", real =>
        {
            beforeAzure = new(real.Port);
            return new UriBuilder(real) { Port = new Uri(beforeAzure.Endpoint).Port }.Uri.ToString();
        });
        source = await Source.Start();
        await source.Add(ceph, peer, azure);
        await source.NewBucket(Bucket, "ceph,peer,azure:preferred_read");
    }

    public async Task DisposeAsync()
    {
        if (source is null) return;
        await source.DisposeAsync();
        await beforeAzure.DisposeAsync();
    }

    [SitesFact]
    public async Task Bytes_metadata_and_tags_come_to_every_site()
    {
        var bodies = new Dictionary<string, byte[]>
        {
            ["empty"] = [], ["a/b/small"] = RandomNumberGenerator.GetBytes(1000), ["Bäume & +%20 (1)"] = RandomNumberGenerator.GetBytes(70_000),
            ["a million"] = RandomNumberGenerator.GetBytes(1_000_000),
        };
        var versions = new Dictionary<string, string>();
        foreach (var (key, body) in bodies)
        {
            versions[key] = await source.Put(Bucket, key, body, request =>
            {
                request.ContentType = "text/x-test";
                request.Headers.CacheControl = "max-age=7";
                request.Metadata["colour"] = "blue";
                request.TagSet = [new() { Key = "team", Value = "a b+c" }, new() { Key = "Größe", Value = "" }];
            });
        }
        foreach (var (key, body) in bodies)
        {
            await source.Becomes("COMPLETED", Bucket, key);
            foreach (var target in Targets)
            {
                Assert.Equal("COMPLETED", await source.Status(Bucket, key, versions[key], target.Site));
                var copy = await target.Find($"{Bucket}/{key}");
                Assert.NotNull(copy);
                Assert.Equal((Source.Md5(body), body.Length, "text/x-test"), (copy.Md5, copy.Size, copy.ContentType));
                Assert.Equal(("blue", "REPLICA", versions[key]), (copy.Metadata["colour"], Mark(copy, "status"), Mark(copy, "version")));
                if (target != azure) Assert.Equal(new Dictionary<string, string> { ["team"] = "a b+c", ["Größe"] = "" }, copy.Tags);
            }
        }
        Assert.Equal([.. bodies.Keys.Select(key => $"{Bucket}/{key}").Order(StringComparer.Ordinal)], (await azure.Keys()).Order(StringComparer.Ordinal));
        var head = await source.S3.GetObjectMetadataAsync(Bucket, "empty");
        Assert.Equal((await peer.Versions($"{Bucket}/empty")).Single().VersionId, head.Metadata["x-amz-meta-peer-version-id"]);
    }

    [SitesFact]
    public async Task Tags_that_are_changed_or_removed_later_follow()
    {
        var version = await source.Put(Bucket, "tagged", [1, 2, 3]);
        await source.Becomes("COMPLETED", Bucket, "tagged");
        await source.S3.PutObjectTaggingAsync(new() { BucketName = Bucket, Key = "tagged", Tagging = new() { TagSet = [new() { Key = "late", Value = "1" }] } });
        await Have(new() { ["late"] = "1" });
        await source.S3.DeleteObjectTaggingAsync(new() { BucketName = Bucket, Key = "tagged" });
        await Have([]);
        Assert.Single(await peer.Versions($"{Bucket}/tagged"));

        async Task Have(Dictionary<string, string> tags)
        {
            await source.Becomes("COMPLETED", Bucket, "tagged", version);
            foreach (var target in Targets) Assert.Equal(tags, (await target.Find($"{Bucket}/tagged"))!.Tags);
        }
    }

    [SitesFact]
    public async Task Versions_come_in_their_order_and_delete_markers_remove()
    {
        var bodies = Enumerable.Range(0, 5).Select(i => RandomNumberGenerator.GetBytes(1000 + i)).ToList();
        var versions = new List<string>();
        foreach (var body in bodies) versions.Add(await source.Put(Bucket, "versions", body));
        foreach (var version in versions) await source.Becomes("COMPLETED", Bucket, "versions", version);
        foreach (var target in Targets) Assert.Equal(Source.Md5(bodies[^1]), (await target.Find($"{Bucket}/versions"))!.Md5);
        await AssertHas(markers: 0);

        await source.S3.DeleteObjectAsync(Bucket, "versions");
        foreach (var target in Targets)
            await Eventually.Holds(async () => await target.Find($"{Bucket}/versions") is null, $"it is gone at {target.Site}\n{source.Server.Error}", Source.Patience);
        await AssertHas(markers: 1);

        await source.Put(Bucket, "versions", [7]);
        await source.Becomes("COMPLETED", Bucket, "versions");
        foreach (var target in Targets) Assert.Equal(Source.Md5([7]), (await target.Find($"{Bucket}/versions"))!.Md5);

        async Task AssertHas(int markers)
        {
            foreach (var target in (S3Target[])[ceph, peer])
            {
                var there = await target.Versions($"{Bucket}/versions");
                Assert.Equal((bodies.Count + markers, markers), (there.Count, there.Count(version => version.IsDeleteMarker == true)));
                var copies = new List<string>();
                foreach (var version in there.Where(version => version.IsDeleteMarker != true)) copies.Add((await target.Read(version.Key, version.VersionId)).Md5);
                Assert.Equal(bodies.Select(Source.Md5).Reverse(), copies); // newest first
            }
        }
    }

    [SitesFact]
    public async Task What_is_large_or_came_in_parts_comes_whole()
    {
        var body = RandomNumberGenerator.GetBytes(Large);
        var upload = await source.S3.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = Bucket, Key = "parts", ContentType = "text/x-parts" });
        var parts = new List<PartETag>();
        foreach (var (i, part) in body.Chunk(7 << 20).Index())
        {
            var sent = await source.S3.UploadPartAsync(new()
            {
                BucketName = Bucket, Key = "parts", UploadId = upload.UploadId, PartNumber = i + 1, InputStream = new MemoryStream(part),
            });
            parts.Add(new(i + 1, sent.ETag));
        }
        await source.S3.CompleteMultipartUploadAsync(new() { BucketName = Bucket, Key = "parts", UploadId = upload.UploadId, PartETags = parts });
        await source.Put(Bucket, "whole", body);
        foreach (var key in (string[])["parts", "whole"])
        {
            await source.Becomes("COMPLETED", Bucket, key);
            foreach (var target in Targets)
            {
                var copy = (await target.Find($"{Bucket}/{key}"))!;
                Assert.Equal((Source.Md5(body), (long)Large), (copy.Md5, copy.Size));
            }
        }
        Assert.Equal("text/x-parts", (await azure.Find($"{Bucket}/parts"))!.ContentType);
        Assert.Contains('-', (await peer.Versions($"{Bucket}/whole")).Single().ETag);
    }

    [SitesFact]
    public async Task Readers_are_served_from_the_preferred_site_as_soon_as_it_has_the_copy()
    {
        var body = RandomNumberGenerator.GetBytes(100_000);
        await source.Put(Bucket, "preferred", body);
        await source.Becomes("COMPLETED", Bucket, "preferred");
        var gets = 0;
        beforeAzure.Decide(head =>
        {
            if (head.StartsWith("GET ", StringComparison.Ordinal) && head.Contains("preferred", StringComparison.Ordinal)) Interlocked.Increment(ref gets);
            return null;
        });
        Assert.Equal(body, await Read("preferred"));
        Assert.Equal(1, gets);

        // What the site does not have yet comes from the source.
        beforeAzure.Decide(head => head.StartsWith("PUT ", StringComparison.Ordinal) ? Fault.Answer.S3(503, "ServerBusy") : null);
        await source.Put(Bucket, "not yet", body);
        Assert.Equal(body, await Read("not yet"));
    }

    private async Task<byte[]> Read(string key)
    {
        using var got = await source.S3.GetObjectAsync(Bucket, key);
        using var bytes = new MemoryStream();
        await got.ResponseStream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    // Azure's names of metadata are names of C#.
    private static string Mark(Copy copy, string what) =>
        copy.Metadata.Single(one => one.Key.Replace('_', '-').Contains($"scal-{(what == "status" ? "replication-status" : "version-id")}", StringComparison.Ordinal)).Value;
}

/// <summary>A test with all three sites: skipped where Ceph or Azurite are not installed, unless CI=true demands them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SitesFactAttribute : FactAttribute
{
    /// <summary>A test with all of them.</summary>
    public SitesFactAttribute() => Skip = Missing;

    /// <summary>Why such tests cannot run here; null where they can.</summary>
    public static string? Missing => Contracts.RadosGateway.Missing ?? Contracts.Azurite.Missing;
}
