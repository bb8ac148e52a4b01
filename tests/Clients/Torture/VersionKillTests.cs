using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>kill -9 amid writers of versions: each that was acknowledged is there, in its place, and whole.</summary>
[Trait("Speed", "Slow")]
public sealed class VersionKillTests
{
    private const int Writers = 10, Rounds = 4, KeysEach = 4;
    private const string Bucket = "versions";

    [Fact]
    public async Task Acknowledged_versions_keep_their_bytes_and_their_order()
    {
        using var scratch = new Scratch();
        var random = new Random(20260708);
        var keys = Enumerable.Range(0, Writers).Select(i => Enumerable.Range(0, KeysEach).Select(k => new Key($"{i}/{k}")).ToArray()).ToArray();
        await using (var first = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(first.Endpoint);
            await s3.PutBucketAsync(Bucket);
            await s3.PutBucketVersioningAsync(new() { BucketName = Bucket, VersioningConfig = new() { Status = VersionStatus.Enabled } });
            await first.Kill();
        }
        for (var round = 0; round < Rounds; round++)
        {
            await using (var server = await ServerProcess.Start(scratch["data"]))
            {
                var acknowledgements = new Countdown(random.Next(100, 350));
                var writers = keys.Select(own => Write(server.Endpoint, own, new Random(random.Next()), acknowledgements)).ToArray();
                var reached = await Task.WhenAny(acknowledgements.Reached, Task.WhenAny(writers), Task.Delay(TimeSpan.FromMinutes(2)));
                Assert.True(reached == acknowledgements.Reached, $"The writers stopped by themselves.\n{server.Error}");
                await server.Kill();
                await Task.WhenAll(writers);
            }
            await using var restarted = await ServerProcess.Start(scratch["data"]);
            await Check(restarted.Endpoint, keys.SelectMany(own => own), round);
            await restarted.Kill();
        }
    }

    /// <summary>Writes until the server is gone.</summary>
    private static async Task Write(string endpoint, Key[] keys, Random random, Countdown acknowledgements)
    {
        using var s3 = Sdk.Client(endpoint, TimeSpan.FromSeconds(30));
        try
        {
            while (true)
            {
                var key = keys[random.Next(keys.Length)];
                await (random.Next(100) switch
                {
                    < 15 => key.Hide(s3),
                    < 30 when key.Acknowledged.Count > 0 => key.Remove(s3, key.Acknowledged[random.Next(key.Acknowledged.Count)]),
                    < 80 => key.Put(s3, RandomBytes(random, random.Next(4096))),
                    _ => key.Put(s3, RandomBytes(random, random.Next(40_000, 1 << 20))),
                });
                acknowledgements.Signal();
            }
        }
        catch (Exception e) when (Killed.Is(e))
        {
            // As intended.
        }
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task Check(string endpoint, IEnumerable<Key> keys, int round)
    {
        using var s3 = Sdk.Client(endpoint);
        var listed = new List<S3ObjectVersion>();
        await foreach (var page in s3.Paginators.ListVersions(new() { BucketName = Bucket, MaxKeys = 50 }).Responses)
            listed.AddRange(page.Versions ?? []);
        var byKey = listed.GroupBy(version => version.Key).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var key in keys)
        {
            var found = byKey.Remove(key.Name, out var versions) ? versions : [];
            key.Settle(found.Select(v => (v.VersionId, v.IsDeleteMarker == true)).Reverse().ToList(), round);
            Assert.All(found, version => Assert.Equal(version == found[0], version.IsLatest));
            foreach (var version in key.Acknowledged.Where(version => version.Md5 != Marker))
            {
                using var got = await s3.GetObjectAsync(Bucket, key.Name, version.Id);
                Assert.Equal(version.Md5, Convert.ToHexStringLower(await MD5.HashDataAsync(got.ResponseStream)));
                Assert.Equal($"\"{version.Md5}\"", got.ETag);
            }
        }
        Assert.Empty(byKey.Keys);
    }

    private const string Marker = "delete marker";

    private sealed record Version(string Id, string Md5);

    /// <summary>A key that one writer has to itself: what was acknowledged, oldest first, and what was sent without an answer.</summary>
    private sealed class Key(string name)
    {
        /// <summary>The MD5 of a body under way, or that it is a marker; null when all was answered.</summary>
        private string? sent;
        private Version? removed;

        public string Name => name;

        public List<Version> Acknowledged { get; } = [];

        public async Task Put(AmazonS3Client s3, byte[] body)
        {
            sent = Convert.ToHexStringLower(MD5.HashData(body));
            Took((await s3.PutObjectAsync(new() { BucketName = Bucket, Key = name, InputStream = new MemoryStream(body) })).VersionId);
        }

        public async Task Hide(AmazonS3Client s3)
        {
            sent = Marker;
            Took((await s3.DeleteObjectAsync(Bucket, name)).VersionId);
        }

        public async Task Remove(AmazonS3Client s3, Version version)
        {
            removed = version;
            await s3.DeleteObjectAsync(Bucket, name, version.Id);
            Acknowledged.Remove(version);
            removed = null;
        }

        /// <summary>Compares with what is there, oldest first. What was sent without an answer has happened, or has not.</summary>
        public void Settle(List<(string Id, bool IsMarker)> found, int round)
        {
            if (removed is not null && found.All(version => version.Id != removed.Id)) Acknowledged.Remove(removed);
            if (sent is not null && found.Count == Acknowledged.Count + 1) Acknowledged.Add(new(found[^1].Id, sent));
            Assert.True(
                Acknowledged.Select(version => (version.Id, version.Md5 == Marker)).SequenceEqual(found),
                $"round {round}: {name} should hold, oldest first, [{string.Join(", ", Acknowledged)}] but holds [{string.Join(", ", found)}]");
            (sent, removed) = (null, null);
        }

        private void Took(string id)
        {
            Acknowledged.Add(new(id, sent!));
            sent = null;
        }
    }
}
