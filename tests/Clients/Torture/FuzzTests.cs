using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>Nonsense against the port, and valid signed requests that were tampered with. The seeds are fixed.</summary>
[Trait("Speed", "Slow")]
public sealed class FuzzTests : IAsyncLifetime
{
    private const string Bucket = "fuzzed";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Scratch scratch = new();
    private ServerProcess server = null!;

    private Uri Endpoint => new(server.Endpoint);

    public async Task InitializeAsync()
    {
        server = await ServerProcess.Start(scratch["data"], true, "--log-level", "warning");
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync(Bucket);
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = "small", ContentBody = "body", ContentType = "text/plain" });
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = "chunked", InputStream = new MemoryStream(Body(200_000)) });
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = "other/one", ContentBody = "1" });
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = "other/two", ContentBody = "2" });
        await s3.InitiateMultipartUploadAsync(Bucket, "open");
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        scratch.Dispose();
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task Garbage_gets_no_500_no_hang_and_changes_nothing(int seed)
    {
        var before = await State();
        var random = new Random(seed);
        for (var i = 0; i < 400; i++)
        {
            var sent = Garbage(random);
            AssertAnswer(await Exchange(sent), sent, $"seed {seed}, case {i}");
        }
        Assert.Equal(before, await State());
    }

    [Theory, InlineData(11), InlineData(12), InlineData(13)]
    public async Task Tampered_requests_get_no_500_no_hang_and_change_nothing(int seed)
    {
        var before = await State();
        var random = new Random(seed);
        for (var i = 0; i < 400; i++)
        {
            var sent = Mutated(Valid(random), random);
            AssertAnswer(await Exchange(sent), sent, $"seed {seed}, case {i}");
        }
        Assert.Equal(before, await State());
    }

    [Fact]
    public async Task The_requests_that_are_tampered_with_are_valid_before()
    {
        for (var which = 0; which < ValidCount; which++)
        {
            var request = Valid(which);
            var answer = await Exchange(request, Patience);
            Assert.True(answer.StartsWith("HTTP/1.1 2", StringComparison.Ordinal) || which == ValidCount - 1, $"{Printable(request)}\n{answer}");
        }
    }

    // Whatever these do is done already, or does nothing: a mutation that leaves one valid leaves the state alone too.
    private const int ValidCount = 10;

    private byte[] Valid(Random random) => Valid(random.Next(ValidCount));

    private byte[] Valid(int which)
    {
        var host = Endpoint.Authority;
        return which switch
        {
            0 => SignedRequest.Whole(host, "GET", $"/{Bucket}/small", "", []),
            1 => SignedRequest.Whole(host, "PUT", $"/{Bucket}/small", "", "body"u8.ToArray(), ("content-type", "text/plain")),
            2 => SignedRequest.Chunked(host, $"/{Bucket}/chunked", Body(200_000), 65536),
            3 => SignedRequest.Whole(host, "GET", $"/{Bucket}", "delimiter=%2F&encoding-type=url&list-type=2&max-keys=10&prefix=o", []),
            4 => SignedRequest.Whole(host, "DELETE", $"/{Bucket}/never-was", "", []),
            5 => Delete(host, "<Delete><Object><Key>never-was</Key></Object><Quiet>true</Quiet></Delete>"),
            6 => SignedRequest.Whole(host, "PUT", $"/{Bucket}/small", "", [], ("x-amz-copy-source", $"/{Bucket}/small"), ("x-amz-metadata-directive", "REPLACE"), ("content-type", "text/plain")),
            7 => SignedRequest.Whole(host, "HEAD", $"/{Bucket}/small", "", [], ("range", "bytes=1-2")),
            8 => SignedRequest.Whole(host, "GET", "/", "", []),
            _ => SignedRequest.Whole(host, "POST", $"/{Bucket}/small", "uploadId=none", Encoding.UTF8.GetBytes(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>0</ETag></Part></CompleteMultipartUpload>")),
        };
    }

    private static byte[] Delete(string host, string xml)
    {
        var body = Encoding.UTF8.GetBytes(xml);
        var md5 = Convert.ToBase64String(MD5.HashData(body));
        return SignedRequest.Whole(host, "POST", $"/{Bucket}", "delete=", body, ("content-md5", md5));
    }

    private static byte[] Mutated(byte[] request, Random random)
    {
        var bytes = request.ToList();
        for (var times = random.Next(1, 4); times > 0 && bytes.Count > 1; times--)
        {
            // Mostly in the head, where the meaning is.
            var bound = random.Next(4) == 0 ? bytes.Count : Math.Min(bytes.Count, 700);
            var at = random.Next(bound);
            var length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pick(random))); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }
        return [.. bytes];
    }

    private static string Pick(Random random)
    {
        string[] nasty =
        [
            "%00", "%2e%2e/", "%", "%zz", "\r\n", "\0", "?acl", "&uploads", "../", "//", "x-amz-date: 20200101T000000Z\r\n", "é", "\u00ff\u00fe",
            "99999999999999999999", "-1", "transfer-encoding: chunked\r\n", "content-length: 5\r\n", "range: bytes=0-0,5-6\r\n", "&versionId=1",
            "<!DOCTYPE x [<!ENTITY a \"b\">]>", "<Object>", "&#0;", "expect: 100-continue\r\n", "if-match: \"\r\n", "x-amz-checksum-crc32: !!!!\r\n",
            "x-amz-trailer: x-amz-checksum-crc32\r\n", "&X-Amz-Signature=0&X-Amz-Algorithm=AWS4-HMAC-SHA256", "&AWSAccessKeyId=a&Signature=b&Expires=c",
        ];
        return nasty[random.Next(nasty.Length)];
    }

    private byte[] Garbage(Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                var noise = new byte[random.Next(1, 3000)];
                random.NextBytes(noise);
                return noise;
            case 1:
                return Encoding.Latin1.GetBytes(new string('A', random.Next(1, 70_000)));
            case 2:
                string[] verbs = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get"];
                return Encoding.Latin1.GetBytes(
                    $"{verbs[random.Next(verbs.Length)]} /{Path(random)} HTTP/1.1\r\nHost: {Endpoint.Authority}\r\nConnection: close\r\n{Headers(random)}\r\n");
            case 3:
                return Encoding.Latin1.GetBytes($"PUT /{Bucket}/small HTTP/1.1\r\nHost: {Path(random)}\r\n{Headers(random)}\r\nbody");
            default:
                return Encoding.Latin1.GetBytes(
                    $"POST /{Bucket}?delete HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential={ServerProcess.AccessKey}/{Path(random)}/x, {Pick(random)}\r\n\r\n");
        }
    }

    private static string Path(Random random)
    {
        var text = new StringBuilder(random.Next(2) == 0 ? Bucket + "/" : "");
        for (var i = random.Next(12); i > 0; i--)
            text.Append(random.Next(3) == 0 ? Pick(random).ReplaceLineEndings("") : ((char)random.Next(33, 127)).ToString());
        return text.ToString();
    }

    private static string Headers(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(5); i > 0; i--)
        {
            var pick = Pick(random);
            text.Append(pick.EndsWith('\n') ? pick : $"x-amz-{(char)random.Next('a', 'z')}: {pick.ReplaceLineEndings("")}\r\n");
        }
        return text.ToString();
    }

    // Sends it and waits a moment for an answer; then says that nothing more will come (to which Kestrel reacts by giving
    // the request up, so not at once), and reads to the end.
    private async Task<string> Exchange(byte[] request, TimeSpan? moment = null)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, Endpoint.Port, timeout.Token);
        var answer = new MemoryStream();
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(request, timeout.Token);
            var first = new byte[16384];
            var read = stream.ReadAsync(first, timeout.Token).AsTask();
            await Task.WhenAny(read, Task.Delay(moment ?? TimeSpan.FromMilliseconds(300), timeout.Token));
            client.Client.Shutdown(SocketShutdown.Send);
            answer.Write(first, 0, await read);
            await stream.CopyToAsync(answer, timeout.Token);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // It hung up on the nonsense: as good as an answer.
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"No end within {Patience}: {Printable(request)}");
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private void AssertAnswer(string answer, byte[] request, string which)
    {
        Assert.False(server.HasExited, $"{which}: the server ended.\n{Printable(request)}\n{server.Error}");
        if (answer.Length == 0) return;
        Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
        var status = int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        // 501 says that a feature is not there, which is no failure. 505 is Kestrel's for HTTP/7.3.
        Assert.True(status is < 500 or 501 or 505, $"{which}: {status}\n{Printable(request)}\n{answer}\n{server.Error}");
    }

    private static string Printable(byte[] request) =>
        string.Concat(request.Take(3000).Select(b => b is >= 32 and < 127 or 10 ? $"{(char)b}" : $"\\x{b:x2}"));

    private static byte[] Body(int length)
    {
        var bytes = new byte[length];
        new Random(5).NextBytes(bytes);
        return bytes;
    }

    // All buckets, all objects with their hashes and headers, all open uploads.
    private async Task<IReadOnlyList<string>> State()
    {
        using var s3 = Sdk.Client(server.Endpoint);
        var state = new List<string>();
        foreach (var bucket in (await s3.ListBucketsAsync()).Buckets)
        {
            state.Add($"bucket {bucket.BucketName}");
            await foreach (var o in s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = bucket.BucketName }).S3Objects)
            {
                using var got = await s3.GetObjectAsync(bucket.BucketName, o.Key);
                var hash = Convert.ToHexString(await SHA256.HashDataAsync(got.ResponseStream));
                state.Add($"object {o.Key} {o.ETag} {o.Size} {hash} {got.Headers.ContentType} {string.Join(',', got.Metadata.Keys)}");
            }
            var uploads = await s3.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket.BucketName });
            foreach (var upload in uploads.MultipartUploads ?? []) state.Add($"upload {upload.Key} {upload.UploadId}");
        }
        return state;
    }
}
