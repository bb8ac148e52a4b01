using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>The examples that AWS publishes with their signatures: so neither the signer nor the verifier vouches for itself.</summary>
public sealed class AwsExamples
{
    private const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const string Host = "examplebucket.s3.amazonaws.com";

    private static SignedRequest Request(string verb, string path, string query, string signedHeaders, string signature, string host = Host) =>
        new SignedRequest { Verb = verb, Path = path, Query = query }
            .With("Host", host)
            .With("x-amz-date", "20130524T000000Z")
            .With("Authorization", $"AWS4-HMAC-SHA256 Credential={Gate.KeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders={signedHeaders},Signature={signature}");

    private static readonly SignedRequest
        GetObject = Request("GET", "/test.txt", "", "host;range;x-amz-content-sha256;x-amz-date",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
            .With("Range", "bytes=0-9").With("x-amz-content-sha256", EmptyHash),
        GetLifecycle = Request("GET", "/", "lifecycle", "host;x-amz-content-sha256;x-amz-date",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
            .With("x-amz-content-sha256", EmptyHash),
        ListObjects = Request("GET", "/", "max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
            .With("x-amz-content-sha256", EmptyHash);

    public static TheoryData<string> Bodiless => new(nameof(GetObject), nameof(GetLifecycle), nameof(ListObjects));

    [Theory, MemberData(nameof(Bodiless))]
    public async Task A_published_request_without_a_body_verifies(string example)
    {
        var gate = await Gate.Open();
        var request = example switch { nameof(GetObject) => GetObject, nameof(GetLifecycle) => GetLifecycle, _ => ListObjects };
        var sender = await gate.Verify(request);
        Assert.Equal(gate.Owner, sender.Principal.Account);
        Assert.Equal(Gate.KeyId, sender.Principal.AccessKeyId);

        var altered = request.Copy();
        altered.Verb = "PUT";
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(altered)).Error);
    }

    [Fact]
    public async Task The_published_put_verifies_and_its_body_is_covered()
    {
        var gate = await Gate.Open();
        var put = Request("PUT", "/test%24file.text", "", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
            .With("Date", "Fri, 24 May 2013 00:00:00 GMT").With("x-amz-storage-class", "REDUCED_REDUNDANCY")
            .With("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
        put.Body = Encoding.ASCII.GetBytes("Welcome to Amazon S3.");
        Assert.Equal(put.Body, (await gate.Receive(put)).Payload);

        put.Body[0] ^= 1;
        Assert.Equal(S3Errors.XAmzContentSHA256Mismatch, (await gate.Refusal(put)).Error);
    }

    [Fact]
    public async Task The_published_presigned_url_verifies()
    {
        var gate = await Gate.Open();
        var request = new SignedRequest
        {
            Path = "/test.txt",
            Query = $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Gate.KeyId}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        }.With("Host", Host);
        gate.Clock.Now = Gate.Day.AddSeconds(86_400);
        Assert.Equal(gate.Owner, (await gate.Verify(request)).Principal.Account);
    }

    [Fact]
    public async Task The_published_chunked_upload_verifies()
    {
        var (body, payload) = Chunks(
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", "");
        Assert.Equal(66_824, body.Length);
        var put = Request("PUT", "/examplebucket/chunkObject.txt", "",
                "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
                "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", "s3.amazonaws.com")
            .With("x-amz-storage-class", "REDUCED_REDUNDANCY").With("Content-Encoding", "aws-chunked")
            .With("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD").With("x-amz-decoded-content-length", "66560");
        put.Body = body;
        var (sender, read) = await (await Gate.Open()).Receive(put, 4096);
        Assert.Equal(66_560, sender.Length);
        Assert.Equal(payload, read);
    }

    [Fact]
    public async Task The_published_chunked_upload_with_a_signed_trailer_verifies()
    {
        var (body, payload) = Chunks(
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n");
        var put = Request("PUT", "/examplebucket/chunkObject.txt", "",
                "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
                "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", "s3.amazonaws.com")
            .With("x-amz-storage-class", "REDUCED_REDUNDANCY").With("Content-Encoding", "aws-chunked")
            .With("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER").With("x-amz-decoded-content-length", "66560")
            .With("x-amz-trailer", "x-amz-checksum-crc32c");
        put.Body = body;
        var gate = await Gate.Open();
        var sender = await gate.Verify(put);
        Assert.Null(sender.Trailer("x-amz-checksum-crc32c"));
        Assert.Equal(payload, await Gate.ReadAll(sender.Body));
        Assert.Equal("sOO8/Q==", sender.Trailer("x-amz-checksum-crc32c"));
    }

    private static (byte[] Body, byte[] Payload) Chunks(string first, string second, string last, string trailers)
    {
        var (a, b) = (new string('a', 65_536), new string('a', 1024));
        return (Encoding.ASCII.GetBytes($"10000;chunk-signature={first}\r\n{a}\r\n400;chunk-signature={second}\r\n{b}\r\n0;chunk-signature={last}\r\n{trailers}\r\n"),
            Encoding.ASCII.GetBytes(a + b));
    }
}
