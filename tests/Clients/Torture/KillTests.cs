using System.Collections.Concurrent;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>kill -9 amid writers, again and again: what was acknowledged stays, what was not is whole or absent.</summary>
[Trait("Speed", "Slow")]
public sealed class KillTests
{
    private const int Writers = 16, Rounds = 5, KeysEach = 12;
    private const string Bucket = "torture";
    private const string Absent = "absent";

    [Fact]
    public async Task Acknowledged_writes_survive_and_unacknowledged_ones_are_whole_or_absent()
    {
        using var scratch = new Scratch();
        var ledger = new ConcurrentDictionary<string, Entry>();
        var random = new Random(20260707);
        await using (var first = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(first.Endpoint);
            await s3.PutBucketAsync(Bucket);
            await first.Kill();
        }
        for (var round = 0; round < Rounds; round++)
        {
            await using (var server = await ServerProcess.Start(scratch["data"]))
            {
                var acknowledgements = new Countdown(random.Next(150, 500));
                var writers = Enumerable.Range(0, Writers)
                    .Select(i => new Writer(i, random.Next(), server.Endpoint, ledger, acknowledgements, round).Run()).ToArray();
                var reached = await Task.WhenAny(acknowledgements.Reached, Task.WhenAny(writers), Task.Delay(TimeSpan.FromMinutes(2)));
                Assert.True(reached == acknowledgements.Reached, $"The writers stopped by themselves.\n{server.Error}");
                await server.Kill();
                await Task.WhenAll(writers);
            }
            await using var restarted = await ServerProcess.Start(scratch["data"]);
            await Check(restarted.Endpoint, ledger, round);
            await restarted.Kill();
        }
    }

    private static async Task Check(string endpoint, ConcurrentDictionary<string, Entry> ledger, int round)
    {
        using var s3 = Sdk.Client(endpoint);
        var listed = new Dictionary<string, S3Object>();
        await foreach (var o in s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = Bucket, MaxKeys = 100 }).S3Objects)
            listed.Add(o.Key, o);
        Assert.Empty(listed.Keys.Except(ledger.Keys));

        foreach (var (key, entry) in ledger)
        {
            var found = Absent;
            try
            {
                using var got = await s3.GetObjectAsync(Bucket, key);
                using var bytes = new MemoryStream();
                await got.ResponseStream.CopyToAsync(bytes);
                found = Convert.ToHexStringLower(MD5.HashData(bytes.ToArray()));
                Assert.True(listed.TryGetValue(key, out var o), $"round {round}: {key} can be read but is not listed");
                Assert.Equal((got.ETag, bytes.Length), (o.ETag, o.Size!.Value));
                if (!got.ETag.Contains('-', StringComparison.Ordinal)) Assert.Equal($"\"{found}\"", got.ETag);
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
            {
                Assert.False(listed.ContainsKey(key), $"round {round}: {key} is listed but cannot be read");
            }
            Assert.True(
                entry.Allowed.Contains(found),
                $"round {round}: {key} holds {found}, but only [{string.Join(", ", entry.Allowed)}] may be there (acknowledged first)");
            entry.Settle(found);
        }
    }

    /// <summary>What may be found under a key: the acknowledged state first, then what was sent without an answer.</summary>
    private sealed class Entry
    {
        public List<string> Allowed { get; private set; } = [Absent];

        /// <summary>A multipart completion without an answer may still be finished later; the key is left alone from then on.</summary>
        public bool Retired { get; private set; }

        private bool open;

        public void Send(string state, bool mayFinishLater)
        {
            Allowed.Add(state);
            open = mayFinishLater;
        }

        public void Acknowledge(string state)
        {
            Allowed = [state];
            open = false;
        }

        public void Settle(string found)
        {
            Retired |= open;
            if (!Retired) Allowed = [found];
        }
    }

    private sealed class Writer(
        int number, int seed, string endpoint, ConcurrentDictionary<string, Entry> ledger, Countdown acknowledgements, int round)
    {
        private readonly Random random = new(seed);

        /// <summary>Writes until the server is gone.</summary>
        public async Task Run()
        {
            using var s3 = Sdk.Client(endpoint, TimeSpan.FromSeconds(30));
            try
            {
                while (true)
                {
                    var key = $"writer {number:00}/{random.Next(KeysEach)}";
                    if (ledger.TryGetValue(key, out var existing) && existing.Retired) key += $" of round {round}";
                    var entry = ledger.GetOrAdd(key, _ => new Entry());
                    if (entry.Retired) continue;
                    await (random.Next(100) switch
                    {
                        < 15 => Delete(s3, key, entry),
                        < 20 => Multipart(s3, key, entry),
                        < 50 => Put(s3, key, entry, random.Next(0, 4096)),
                        _ => Put(s3, key, entry, random.Next(64 << 10, 2 << 20)),
                    });
                    acknowledgements.Signal();
                }
            }
            catch (Exception e) when (Killed.Is(e))
            {
                // The server was killed, as intended.
            }
        }

        private async Task Put(AmazonS3Client s3, string key, Entry entry, int length)
        {
            var body = Bytes(length, out var md5);
            entry.Send(md5, mayFinishLater: false);
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = new MemoryStream(body) });
            entry.Acknowledge(md5);
        }

        private static async Task Delete(AmazonS3Client s3, string key, Entry entry)
        {
            entry.Send(Absent, mayFinishLater: false);
            await s3.DeleteObjectAsync(Bucket, key);
            entry.Acknowledge(Absent);
        }

        private async Task Multipart(AmazonS3Client s3, string key, Entry entry)
        {
            var body = Bytes((5 << 20) + random.Next(1, 100_000), out var md5);
            var upload = await s3.InitiateMultipartUploadAsync(Bucket, key);
            var tags = new List<PartETag>();
            for (var part = 1; part <= 2; part++)
            {
                var bytes = part == 1 ? body.AsMemory(0, 5 << 20) : body.AsMemory(5 << 20);
                var sent = await s3.UploadPartAsync(new UploadPartRequest
                {
                    BucketName = Bucket, Key = key, UploadId = upload.UploadId, PartNumber = part, InputStream = new MemoryStream(bytes.ToArray()),
                });
                tags.Add(new PartETag(part, sent.ETag));
            }
            entry.Send(md5, mayFinishLater: true);
            await s3.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = Bucket, Key = key, UploadId = upload.UploadId, PartETags = tags,
            });
            entry.Acknowledge(md5);
        }

        private byte[] Bytes(int length, out string md5)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            md5 = Convert.ToHexStringLower(MD5.HashData(bytes));
            return bytes;
        }
    }
}
