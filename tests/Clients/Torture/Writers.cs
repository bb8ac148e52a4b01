using System.Collections.Concurrent;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>Clients that write, overwrite and delete what is theirs, and a ledger of what was acknowledged.</summary>
/// <param name="bucket">Their bucket.</param>
/// <param name="count">How many of them there are.</param>
/// <param name="seed">Of what they do.</param>
public sealed class Writers(string bucket, int count, int seed)
{
    private const int KeysEach = 12;
    private const string Absent = "absent";

    private readonly ConcurrentDictionary<string, Entry> ledger = new();
    private readonly Random random = new(seed);
    private int round;

    /// <summary>Their bucket.</summary>
    public string Bucket => bucket;

    /// <summary>Lets them write until so many of their requests have been acknowledged, then ends the server under them.</summary>
    /// <param name="acknowledged">That many.</param>
    /// <param name="endpoint">Where they write.</param>
    /// <param name="kill">Ends the server.</param>
    /// <param name="isKilled">Whether an exception tells of that end: any other fails.</param>
    /// <param name="log">What the server said, for failures.</param>
    public async Task WriteUntil(int acknowledged, string endpoint, Func<Task> kill, Func<Exception, bool> isKilled, Func<string> log)
    {
        var acknowledgements = new Countdown(acknowledged);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, count).Select(i => Run(new(i, random.Next(), this, endpoint), acknowledgements, isKilled, stop.Token)).ToArray();
        var reached = await Task.WhenAny(acknowledgements.Reached, Task.WhenAny(writers), Task.Delay(TimeSpan.FromMinutes(5)));
        Assert.True(reached == acknowledgements.Reached, $"The writers stopped by themselves.\n{log()}");
        await kill();
        await stop.CancelAsync();
        await Task.WhenAll(writers);
    }

    /// <summary>Everything that was acknowledged is there, byte for byte, and nothing that nobody sent.</summary>
    public async Task Check(string endpoint)
    {
        using var s3 = Sdk.Client(endpoint);
        var listed = new Dictionary<string, S3Object>();
        await foreach (var o in s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = bucket, MaxKeys = 100 }).S3Objects)
            listed.Add(o.Key, o);
        Assert.Empty(listed.Keys.Except(ledger.Keys));

        foreach (var (key, entry) in ledger)
        {
            var found = Absent;
            try
            {
                using var got = await s3.GetObjectAsync(bucket, key);
                using var bytes = new MemoryStream();
                await got.ResponseStream.CopyToAsync(bytes);
                found = Convert.ToHexStringLower(MD5.HashData(bytes.ToArray()));
                // What was sent without an answer may have come to be since the listing.
                if (!listed.TryGetValue(key, out var o) || o.ETag != got.ETag) o = await Listed(s3, key);
                Assert.True(o is not null, $"round {round}: {key} can be read but is not listed");
                Assert.Equal((got.ETag, bytes.Length), (o.ETag, o.Size!.Value));
                if (!got.ETag.Contains('-', StringComparison.Ordinal)) Assert.Equal($"\"{found}\"", got.ETag);
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
            {
                Assert.False(listed.ContainsKey(key) && await Listed(s3, key) is not null, $"round {round}: {key} is listed but cannot be read");
            }
            Assert.True(
                entry.Allowed.Contains(found),
                $"round {round}: {key} holds {found}, but only [{string.Join(", ", entry.Allowed)}] may be there (acknowledged first)");
            entry.Settle(found);
        }
        round++;
    }

    private async Task<S3Object?> Listed(AmazonS3Client s3, string key) =>
        (await s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = key })).S3Objects?.Find(o => o.Key == key);

    private static async Task Run(Writer writer, Countdown acknowledgements, Func<Exception, bool> isKilled, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
                if (await writer.Write()) acknowledgements.Signal();
        }
        catch (Exception e) when (isKilled(e))
        {
            // The server was killed, as intended.
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

    private sealed class Writer(int number, int seed, Writers all, string endpoint)
    {
        private readonly AmazonS3Client s3 = Sdk.Client(endpoint, TimeSpan.FromMinutes(2));
        private readonly Random random = new(seed);

        /// <summary>One change; false where there was nothing to do.</summary>
        public async Task<bool> Write()
        {
            var key = $"writer {number:00}/{random.Next(KeysEach)}";
            if (all.ledger.TryGetValue(key, out var existing) && existing.Retired) key += $" of round {all.round}";
            var entry = all.ledger.GetOrAdd(key, _ => new Entry());
            if (entry.Retired) return false;
            await (random.Next(100) switch
            {
                < 15 => Delete(key, entry),
                < 20 => Multipart(key, entry),
                < 50 => Put(key, entry, random.Next(0, 4096)),
                _ => Put(key, entry, random.Next(64 << 10, 2 << 20)),
            });
            return true;
        }

        private async Task Put(string key, Entry entry, int length)
        {
            var body = Bytes(length, out var md5);
            entry.Send(md5, mayFinishLater: false);
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = all.Bucket, Key = key, InputStream = new MemoryStream(body) });
            entry.Acknowledge(md5);
        }

        private async Task Delete(string key, Entry entry)
        {
            entry.Send(Absent, mayFinishLater: false);
            await s3.DeleteObjectAsync(all.Bucket, key);
            entry.Acknowledge(Absent);
        }

        private async Task Multipart(string key, Entry entry)
        {
            var body = Bytes((5 << 20) + random.Next(1, 100_000), out var md5);
            var upload = await s3.InitiateMultipartUploadAsync(all.Bucket, key);
            var tags = new List<PartETag>();
            for (var part = 1; part <= 2; part++)
            {
                var bytes = part == 1 ? body.AsMemory(0, 5 << 20) : body.AsMemory(5 << 20);
                var sent = await s3.UploadPartAsync(new UploadPartRequest
                {
                    BucketName = all.Bucket, Key = key, UploadId = upload.UploadId, PartNumber = part, InputStream = new MemoryStream(bytes.ToArray()),
                });
                tags.Add(new PartETag(part, sent.ETag));
            }
            entry.Send(md5, mayFinishLater: true);
            await s3.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = all.Bucket, Key = key, UploadId = upload.UploadId, PartETags = tags,
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
