using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>The proxy does what it is told, or the tests behind it would show nothing.</summary>
public sealed class FaultProxyTests : IAsyncLifetime
{
    private const string Bucket = "faults";
    private static readonly byte[] Body = RandomNumberGenerator.GetBytes(1 << 20);

    private FaultProxy proxy = null!;
    private AmazonS3Client s3 = null!;

    public async Task InitializeAsync()
    {
        proxy = new(new Uri((await Sites.Peer).Endpoint).Port);
        s3 = Sdk.Client(proxy.Endpoint);
        await s3.PutBucketAsync(Bucket);
    }

    public async Task DisposeAsync()
    {
        s3.Dispose();
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_fault_everything_passes()
    {
        await Put("whole");
        Assert.Equal(Body, await Get("whole"));
        Assert.Equal(0, proxy.Faults);
        Assert.True(proxy.Seen.Count >= 3);
    }

    [Fact]
    public async Task A_service_that_answers_errors_does_nothing()
    {
        proxy.Always(Fault.Answer.S3(503, "SlowDown"));
        var e = await Assert.ThrowsAsync<AmazonS3Exception>(() => Put("error"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "SlowDown"), (e.StatusCode, e.ErrorCode));
        await AssertAbsent("error");
    }

    [Fact]
    public async Task A_connection_is_reset_or_cut()
    {
        foreach (var (key, fault) in ((string, Fault)[])[("reset", new Fault.Reset()), ("cut", new Fault.CutRequest(1000))])
        {
            proxy.Always(fault);
            await AssertLost(Put(key));
            await AssertAbsent(key);
        }
    }

    [Fact]
    public async Task A_request_whose_answer_is_lost_was_done()
    {
        proxy.Always(new Fault.LoseAnswer());
        await AssertLost(Put("answered"));
        proxy.Always(null);
        Assert.Equal(Body, await Get("answered"));
    }

    [Fact]
    public async Task Bytes_that_were_changed_or_are_missing_do_not_arrive_as_they_were()
    {
        await Put("bytes");
        proxy.Always(new Fault.CorruptAnswer(70_000));
        var got = await Get("bytes");
        Assert.Equal([70_000], Enumerable.Range(0, Body.Length).Where(i => got[i] != Body[i]));
        proxy.Always(new Fault.CutAnswer(70_000));
        await AssertLost(Get("bytes"));
        proxy.Always(new Fault.CorruptRequest(70_000));
        Assert.Equal("XAmzContentSHA256Mismatch", (await Assert.ThrowsAsync<AmazonS3Exception>(() => Put("changed"))).ErrorCode);
        proxy.Always(new Fault.ShortenRequest(70_000));
        Assert.Equal("SignatureDoesNotMatch", (await Assert.ThrowsAsync<AmazonS3Exception>(() => Put("shorter"))).ErrorCode);
    }

    [Fact]
    public async Task Nothing_is_answered_until_the_client_gives_up()
    {
        proxy.Always(new Fault.Hang());
        using var impatient = Sdk.Client(proxy.Endpoint, TimeSpan.FromSeconds(1));
        await AssertLost(impatient.GetObjectAsync(Bucket, "any"));
        // What the client does after that, connecting anew for instance, is its own matter.
        Assert.NotEqual(0, proxy.Faults);
    }

    private Task<PutObjectResponse> Put(string key) => s3.PutObjectAsync(new PutObjectRequest
    {
        BucketName = Bucket, Key = key, InputStream = new MemoryStream(Body), MD5Digest = Convert.ToBase64String(MD5.HashData(Body)), UseChunkEncoding = false,
    });

    // By a client that does not check what it gets.
    private async Task<byte[]> Get(string key)
    {
        using var http = new HttpClient();
        return await http.GetByteArrayAsync(await s3.GetPreSignedURLAsync(
            new() { BucketName = Bucket, Key = key, Expires = DateTime.UtcNow.AddMinutes(5), Protocol = Protocol.HTTP }));
    }

    private async Task AssertAbsent(string key)
    {
        proxy.Always(null);
        Assert.Equal("NoSuchKey", (await Assert.ThrowsAsync<NoSuchKeyException>(() => s3.GetObjectAsync(Bucket, key))).ErrorCode);
    }

    private static async Task AssertLost(Task task)
    {
        var e = await Assert.ThrowsAnyAsync<Exception>(() => task);
        Assert.True(e is not AmazonServiceException { StatusCode: not 0 }, $"{e}");
    }
}
