using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;

namespace ZenkoFunctions.Api.Tests;

/// <summary>
/// Requests whose signature is right but that say odd things: for each operation, its own request with odd parameters,
/// headers, keys and bodies. What a tampered request meets at the signature, these meet behind it. The seeds are fixed.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class OddRequestTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static readonly string[] Names =
    [
        "acl", "attributes", "bucket-region", "continuation-token", "delete", "delimiter", "encoding-type", "fetch-owner", "id", "key-marker",
        "list-type", "location", "marker", "max-buckets", "max-keys", "max-parts", "max-uploads", "part-number-marker", "partNumber", "prefix",
        "response-content-type", "response-expires", "start-after", "tagging", "upload-id-marker", "uploadId", "uploads", "versionId", "versions",
        "x-id", "x-amz-acl", "X-Amz-Foo", "", "%00", "PREFIX",
    ];

    private static readonly string[] Values =
    [
        "", "0", "1", "2", "-1", "+1", "1.0", "1e9", "2147483647", "2147483648", "9223372036854775807", "99999999999999999999", "null", "true", "url",
        "URL", "%00", "%01", "%0A", "%0D%0A", "%20", "%25", "%2F", "%2F%2F", "..", "a%00b", "%C3%A9", "%F0%9F%98%80", "%EF%BF%BF", "%ED%9F%BF", "a", "a%2F",
        "b%26c%3Dd", "%22", "%3Cx%3E", "*", "~", "abc", "00000000000000000000000000000000", "aQQ", "a_-", "LONG",
    ];

    private static readonly string[] Headers =
    [
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-MD5", "Content-Type", "Expect", "Expires", "If-Match",
        "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Range", "x-amz-acl", "x-amz-bucket-object-lock-enabled",
        "x-amz-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-checksum-crc64nvme", "x-amz-checksum-mode", "x-amz-checksum-sha256",
        "x-amz-checksum-type", "x-amz-copy-source", "x-amz-copy-source-if-match", "x-amz-copy-source-if-modified-since", "x-amz-copy-source-range",
        "x-amz-decoded-content-length", "x-amz-expected-bucket-owner", "x-amz-meta-a", "x-amz-meta-\u0061b", "x-amz-metadata-directive",
        "x-amz-mp-object-size", "x-amz-object-ownership", "x-amz-sdk-checksum-algorithm", "x-amz-source-expected-bucket-owner", "x-amz-storage-class",
        "x-amz-tagging", "x-amz-tagging-directive", "x-amz-trailer", "x-amz-website-redirect-location",
    ];

    private static readonly string[] HeaderValues =
    [
        "", "*", "\"\"", "\"", "W/\"", ",,,", "bytes=0-", "bytes=-0", "bytes=-1", "bytes=-", "bytes=0-0", "bytes=1-0", "bytes=0-0,2-2", "bytes=9223372036854775807-",
        "bytes=0-9223372036854775807", "bytes=-9223372036854775807", "bytes=-99999999999999999999", "bytes=99999999999999999999-99999999999999999999", "items=0-1",
        "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 +1400", "0", "-1", "1", "9223372036854775807",
        "COPY", "REPLACE", "bkt/small", "/bkt/small", "bkt%2Fsmall", "bkt", "/", "bkt/", "//", "%", "%zz/k", "%FF/k", "bkt/%00", "bkt/small?versionId=", "bkt/small?versionId=null",
        "bkt/small?versionId=x?versionId=y", "nowhere/k", "LONG/k", "bkt/LONG", "CRC32", "SHA256", "crc64nvme", "MD5", "COMPOSITE", "FULL_OBJECT", "ENABLED", "AAAAAA==", "AAAAAAAAAAA=",
        "x-amz-checksum-crc32", "x-amz-checksum-crc32,x-amz-checksum-sha1", "=?UTF-8?B?4pyT?=", "=?UTF-8?B?!!?=", "=?UTF-8?Q?=E2?=", "=?x?y?z?=", "=?", "é✓", "\u0001\u0002", "a\tb",
        "STANDARD", "GLACIER", "private", "public-read", "100-continue", "aws-chunked", "aws-chunked,gzip", "gzip", "http://x", "k=v&k=v", "true", "LONG",
    ];

    private static readonly string[] Keys =
    [
        "small", "none", "a/", "a//b", "/", "//", ".", "..", "../x", "a/../b", "%00", "%0A", "%25", "%2F", "%20", "+", "%C3%A9", "%F0%9F%98%80", "%EF%BF%BF", "%FF", "%zz", "%", "~", "'()*!", "a;b", "a:b@c",
        "$KEY1024", "$KEY1025",
    ];

    [Theory, InlineData(21), InlineData(22), InlineData(23), InlineData(24)]
    public async Task An_odd_request_gets_an_answer_and_no_500(int seed)
    {
        await server.Send("PUT", "/bkt/small", "0123456789");
        upload = (await server.Send("POST", "/bkt/small?uploads")).Element("UploadId")!;
        var random = new Random(seed);
        var (cases, signed) = (0, 0);
        foreach (var operation in ZenkoFunctions.Api.S3.Operations.All)
        {
            for (var i = 0; i < 60; i++)
            {
                var request = Odd(operation.Spec, random);
                var answer = await server.SendRaw(request);
                var what = $"seed {seed}, {operation.Spec.Name}, case {i}\n{Encoding.UTF8.GetString(request.AsSpan(0, Math.Min(request.Length, 3000)))}\n\n{answer}";
                Assert.True(RawHttp.Status(answer) is (>= 200 and < 500) or 501, what);
                Assert.False(answer.Contains("InternalError", StringComparison.Ordinal), what);
                cases++;
                if (!answer.Contains("<Code>SignatureDoesNotMatch<", StringComparison.Ordinal)) signed++;
            }
        }
        // It would find nothing if the signer and the odd requests did not go together.
        Assert.True(signed > cases * 0.9, $"Only {signed} of {cases} signatures held.");
        Assert.Equal(200, (await server.Send("GET", "/bkt?list-type=2")).Status);
    }

    private string upload = "";

    private byte[] Odd(OperationSpec spec, Random random)
    {
        var path = spec.Target switch
        {
            Target.Service => "/",
            Target.Bucket => spec.Name is "CreateBucket" or "DeleteBucket" ? $"/odd-{random.Next(4)}" : "/bkt",
            _ => "/bkt/" + Key(random),
        };
        var query = spec.Query.Select(q => q switch
        {
            "uploadId" => $"{q}={(random.Next(2) == 0 ? upload : Value(random))}",
            "partNumber" => $"{q}={Value(random)}",
            _ => q.Contains('=') ? q : q + "=",
        }).ToList();
        for (var more = random.Next(4); more > 0; more--) query.Add($"{Pick(Names, random)}={Value(random)}");
        var body = spec.Verb is "PUT" or "POST" || random.Next(8) == 0 ? Body(spec, random) : [];
        var request = server.Request(spec.Verb, path, body);
        request.Query = string.Join('&', query);
        if (spec.Header is { } needed) request.With(needed, random.Next(2) == 0 ? "bkt/small" : HeaderValue(random));
        if (spec.Name == "DeleteObjects") request.With("Content-MD5", Convert.ToBase64String(MD5.HashData(body)));
        for (var more = random.Next(4); more > 0; more--) request.With(Pick(Headers, random), HeaderValue(random));

        var signer = server.Signer();
        var form = spec.Verb is "PUT" or "POST" && random.Next(3) == 0 ? (PayloadForm)random.Next(5) : PayloadForm.Hashed;
        if (form is PayloadForm.SignedChunksAndTrailer or PayloadForm.UnsignedChunksAndTrailer && random.Next(2) == 0)
            signer.Trailers.Add((Pick(Headers, random).ToLowerInvariant(), Pick(["", "AAAAAA==", "x", "é"], random)));
        if (random.Next(6) == 0) signer.Presign(request, 60);
        else signer.Sign(request, form);
        return RawHttp.Bytes(request);
    }

    private static byte[] Body(OperationSpec spec, Random random)
    {
        var xml = spec.Name switch
        {
            "CreateBucket" => "<CreateBucketConfiguration><LocationConstraint>us-east-1</LocationConstraint></CreateBucketConfiguration>",
            "DeleteObjects" => "<Delete><Quiet>true</Quiet><Object><Key>none</Key><VersionId>null</VersionId></Object><Object><Key>a/</Key></Object></Delete>",
            "CompleteMultipartUpload" => "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"0\"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></CompleteMultipartUpload>",
            _ => "0123456789",
        };
        for (var times = random.Next(4); times > 0; times--)
        {
            var at = random.Next(xml.Length + 1);
            xml = random.Next(4) switch
            {
                0 => xml.Insert(at, Pick(["<", ">", "&", "&#0;", "&#x1F600;", "&x;", "<!--", "<![CDATA[", "]]>", "<?x?>", "</Delete>", " xmlns='x'", "\u0000", "\ufeff", "-1", "99999999999999999999", " ", "é"], random)),
                1 => xml[..at],
                2 => xml.Remove(at, Math.Min(random.Next(20), xml.Length - at)),
                _ => Pick(
                    [
                        "<?xml version=\"1.0\" encoding=\"utf-16\"?>", "<?xml version=\"1.0\" encoding=\"nonsense\"?>", "<?xml version=\"1.1\"?>",
                        "<!DOCTYPE x [<!ENTITY a \"b\">]>", "\n\n", "<a>", "<a:b xmlns:a='x'/>", "\ufeff",
                    ], random) + xml,
            };
            if (xml.Length == 0) break;
        }
        byte[] bytes = [.. Encoding.UTF8.GetBytes(xml)];
        if (bytes.Length > 0 && random.Next(8) == 0) bytes[random.Next(bytes.Length)] = 0xff;
        return random.Next(12) switch { 0 => [], 1 => Encoding.Unicode.GetBytes(xml), _ => bytes };
    }

    private static string Key(Random random) => random.Next(3) == 0 ? "small" : Pick(Keys, random) switch
    {
        "$KEY1024" => new string('k', 1024),
        "$KEY1025" => new string('k', 1025),
        var key => key,
    };

    private static string Value(Random random) => Pick(Values, random) is "LONG" ? new string('v', random.Next(900, 3000)) : Pick(Values, random);

    private static string HeaderValue(Random random) =>
        Pick(HeaderValues, random).Replace("LONG", new string('h', random.Next(900, 3000)), StringComparison.Ordinal);

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
