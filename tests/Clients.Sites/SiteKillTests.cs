using System.Collections.Concurrent;
using Amazon.Runtime;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts;
using Xunit.Abstractions;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>
/// kill -9 of the server and of its sites, at random, amid writers: afterwards every object is at every site, once, with the right bytes.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class SiteKillTests(ITestOutputHelper output)
{
    private const string Bucket = "killed";
    private const int Rounds = 6, Clients = 8, KeysOfClient = 10;

    private readonly Random random = new(20261121);
    private readonly ConcurrentDictionary<string, byte> uncertain = new();
    private readonly ConcurrentDictionary<string, string?> acknowledged = new(); // key → MD5; null where it was deleted

    [CephFact]
    public async Task Whatever_is_killed_in_the_end_every_object_is_at_every_site_once()
    {
        await using var second = await Source.Start([]);
        await using var gateway = await RadosGateway.Start();
        // While a site is away nothing is to be given up.
        await using var source = await Source.Start("--replication-retry", "1000,3600,0.2,1");
        var peer = await S3Target.At("peer", second.Server, "copies");
        var ceph = await S3Target.AtCeph("ceph", gateway, "copies");
        await source.Add(peer, ceph);
        await source.NewBucket(Bucket, "peer,ceph");

        var gatewayKills = new List<DateTime>();
        for (var round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var acknowledgements = 0;
            var wanted = random.Next(40, 160);
            var writers = Enumerable.Range(0, Clients).Select(i => Write(source, i, random.Next(), () => Interlocked.Increment(ref acknowledgements), stop.Token)).ToList();
            await Eventually.Holds(() => acknowledgements >= wanted || writers.TrueForAll(task => task.IsCompleted), "writers write");
            Func<Task>[] victims = [source.Server.Kill, second.Server.Kill, gateway.KillGateway];
            var first = random.Next(victims.Length);
            var killed = round % 3 == 2 ? [0, 1, 2] : new[] { first };
            if (killed.Contains(2)) gatewayKills.Add(DateTime.UtcNow);
            foreach (var victim in killed) await victims[victim]();
            if (!killed.Contains(0)) await Eventually.Holds(() => acknowledgements >= wanted + 60, "writers write on while a site is away");
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            Func<Task>[] starts = [source.StartAgain, second.StartAgain, gateway.StartGateway];
            foreach (var victim in killed) await starts[victim]();
            output.WriteLine($"round {round}: {acknowledgements} acknowledged, killed {string.Join(", ", killed)}");
        }

        foreach (var key in await Keys(source))
        {
            await source.Becomes("COMPLETED", Bucket, key, limit: TimeSpan.FromMinutes(2));
            var bytes = await Md5(source, key);
            if (!uncertain.ContainsKey(key)) Assert.Equal(acknowledged[key], bytes);
            Assert.Equal((bytes, bytes), ((await peer.Find($"{Bucket}/{key}"))?.Md5, (await ceph.Find($"{Bucket}/{key}"))?.Md5));
        }
        // Deletions follow, too.
        var expected = (await Keys(source)).Select(key => $"{Bucket}/{key}").ToList();
        foreach (var target in (S3Target[])[peer, ceph])
        {
            await Eventually.Holds(
                async () => (await target.Keys()).SequenceEqual(expected), $"{target.Site} has the keys of the source\n{source.Server.Error}", TimeSpan.FromMinutes(2));
            await AssertOnce(target, target == ceph ? gatewayKills : []);
            // What was not written of the counts when the source was killed is put right three minutes after its start.
            await source.Settles(target.Site, TimeSpan.FromMinutes(6));
            Assert.Empty(await source.Failed(target.Site));
            Assert.Equal(0, (await source.Walk("verify", Bucket, target.Site)).GetProperty("counts").GetProperty("different").GetInt32());
        }
        Assert.All(acknowledged.Where(one => one.Value is null && !uncertain.ContainsKey(one.Key)), one => Assert.DoesNotContain($"{Bucket}/{one.Key}", expected));
    }

    private async Task Write(Source source, int client, int seed, Action acknowledge, CancellationToken stop)
    {
        var mine = new Random(seed);
        var s3 = source.S3; // after a restart there is another
        while (!stop.IsCancellationRequested)
        {
            var key = $"{client}/{mine.Next(KeysOfClient)}";
            var body = mine.Next(5) == 0 ? null : new byte[mine.Next(2) == 0 ? mine.Next(0, 5000) : mine.Next(50_000, 600_000)];
            if (body is not null) mine.NextBytes(body);
            uncertain[key] = 0;
            try
            {
                if (body is null) await s3.DeleteObjectAsync(Bucket, key, CancellationToken.None);
                else await s3.PutObjectAsync(new() { BucketName = Bucket, Key = key, InputStream = new MemoryStream(body) }, CancellationToken.None);
            }
            catch (Exception e) when (e is not AmazonServiceException { StatusCode: not 0 })
            {
                return; // it was killed
            }
            acknowledged[key] = body is null ? null : Source.Md5(body);
            uncertain.TryRemove(key, out _);
            acknowledge();
        }
    }

    private static async Task<List<string>> Keys(Source source)
    {
        var keys = new List<string>();
        await foreach (var found in source.S3.Paginators.ListObjectsV2(new() { BucketName = Bucket }).S3Objects) keys.Add(found.Key);
        return keys;
    }

    private static async Task<string> Md5(Source source, string key)
    {
        using var got = await source.S3.GetObjectAsync(Bucket, key);
        using var bytes = new MemoryStream();
        await got.ResponseStream.CopyToAsync(bytes);
        return Source.Md5(bytes.ToArray());
    }

    /// <summary>
    /// No version of the source is there twice, but for this: what a gateway of Ceph was writing when it was killed is not there when
    /// that is asked, and comes back with the key's next write.
    /// </summary>
    private static async Task AssertOnce(S3Target target, List<DateTime> kills)
    {
        var seen = new HashSet<string>();
        foreach (var version in await target.Versions()) // the newest of a key first
        {
            if (version.IsDeleteMarker == true) continue;
            var head = await target.S3.GetObjectMetadataAsync(new() { BucketName = target.Bucket, Key = version.Key, VersionId = version.VersionId });
            if (seen.Add(head.Metadata["x-amz-meta-scal-version-id"])) continue;
            var written = version.LastModified!.Value.ToUniversalTime();
            Assert.True(kills.Exists(kill => (kill - written).Duration() < TimeSpan.FromSeconds(1)), $"{version.Key} is there twice at {target.Site}");
        }
    }
}
