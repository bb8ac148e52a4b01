using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class ChecksumHeaderTests
{
    private const string Crc32 = "y/Q5Jg==";

    [Theory]
    [InlineData("x-amz-checksum-crc32", Crc32, ChecksumAlgorithm.Crc32)]
    [InlineData("x-amz-checksum-crc64nvme", "rosUhgp5mIg=", ChecksumAlgorithm.Crc64Nvme)]
    [InlineData("X-Amz-Checksum-XXHASH128", "AAAAAAAAAAAAAAAAAAAAAA==", ChecksumAlgorithm.XxHash128)]
    public void A_header_announces_its_algorithm_and_value(string name, string value, ChecksumAlgorithm algorithm)
    {
        var checksum = Parse(new HeaderDictionary { [name] = value });

        Assert.Equal(algorithm, checksum?.Algorithm);
        Assert.Equal(value, checksum?.Value());
    }

    [Fact]
    public void Algorithm_type_and_mode_are_no_checksums()
    {
        var headers = new HeaderDictionary
        {
            ["x-amz-checksum-algorithm"] = "CRC32",
            ["x-amz-checksum-type"] = "FULL_OBJECT",
            ["x-amz-checksum-mode"] = "ENABLED",
        };

        Assert.Null(Parse(headers));
    }

    [Fact]
    public void A_trailer_is_asked_for_when_the_body_has_been_read()
    {
        var isRead = false;
        var checksum = ChecksumHeaders.Parse(
            new HeaderDictionary { ["x-amz-trailer"] = "x-amz-checksum-crc32" },
            name => isRead && name == "x-amz-checksum-crc32" ? Crc32 : null);

        isRead = true;

        Assert.Equal(ChecksumAlgorithm.Crc32, checksum?.Algorithm);
        Assert.Equal(Crc32, checksum?.Value());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no checksum!")]
    public void A_trailer_that_is_missing_or_malformed_is_refused(string? value)
    {
        var checksum = ChecksumHeaders.Parse(
            new HeaderDictionary { ["x-amz-trailer"] = "x-amz-checksum-crc32" }, _ => value);

        Assert.Equal(S3Errors.InvalidRequest, Assert.Throws<S3Exception>(() => checksum!.Value()).Error);
    }

    public static TheoryData<string, string, string, string> Contradictions => new()
    {
        { "x-amz-checksum-crc32", Crc32, "x-amz-checksum-crc32c", "4waSgw==" },
        { "x-amz-checksum-crc32", Crc32, "x-amz-trailer", "x-amz-checksum-crc32" },
        { "x-amz-checksum-crc32", Crc32, "x-amz-sdk-checksum-algorithm", "SHA256" },
        { "x-amz-checksum-crc32", Crc32, "x-amz-sdk-checksum-algorithm", "CRC31" },
        { "x-other", "", "x-amz-sdk-checksum-algorithm", "CRC32" },
        { "x-other", "", "x-amz-trailer", "x-amz-meta-late" },
        { "x-other", "", "x-amz-checksum-crc32", "4waSgw!=" },
        { "x-other", "", "x-amz-checksum-crc32", "rosUhgp5mIg=" },
        { "x-other", "", "x-amz-checksum-sha256", "" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void What_contradicts_itself_or_cannot_be_a_digest_is_an_invalid_request(
        string name, string value, string other, string otherValue)
    {
        var headers = new HeaderDictionary { [name] = value, [other] = otherValue };

        Assert.Equal(S3Errors.InvalidRequest, Assert.Throws<S3Exception>(() => Parse(headers)).Error);
    }

    [Fact]
    public void A_digest_that_was_cut_short_is_a_bad_digest()
    {
        var headers = new HeaderDictionary { ["x-amz-checksum-sha256"] = "bad" };

        Assert.Equal(S3Errors.BadDigest, Assert.Throws<S3Exception>(() => Parse(headers)).Error);
    }

    [Fact]
    public void The_sdks_header_may_name_the_same_algorithm() =>
        Assert.NotNull(Parse(new HeaderDictionary
        {
            ["x-amz-checksum-crc32"] = Crc32,
            ["x-amz-sdk-checksum-algorithm"] = "crc32",
        }));

    [Theory]
    [InlineData("")]
    [InlineData("YWJyYWNhZGFicmE=")]
    [InlineData("rL0Y20xC+Fzt72VPzMSk2A")]
    [InlineData("not base64 at all !!!!!!")]
    public void Content_md5_must_be_sixteen_bytes(string header) =>
        Assert.Equal(S3Errors.InvalidDigest, Assert.Throws<S3Exception>(() => Payload.Md5(header)).Error);

    [Fact]
    public void Content_md5_is_read() => Assert.Equal(16, Payload.Md5("rL0Y20xC+Fzt72VPzMSk2A==")?.Length);

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(ChecksumAlgorithm.Crc32, null, ChecksumAlgorithm.Crc32, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.Crc32, ChecksumType.FullObject, ChecksumAlgorithm.Crc32, ChecksumType.FullObject)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, null, ChecksumAlgorithm.Crc64Nvme, ChecksumType.FullObject)]
    [InlineData(ChecksumAlgorithm.Sha256, null, ChecksumAlgorithm.Sha256, ChecksumType.Composite)]
    public void An_upload_gets_the_type_that_goes_with_its_algorithm(
        ChecksumAlgorithm? algorithm, ChecksumType? type, ChecksumAlgorithm? expected, ChecksumType? expectedType) =>
        Assert.Equal((expected, expectedType), CreateMultipartUpload.ParseChecksum(algorithm, type));

    [Theory]
    [InlineData(null, ChecksumType.FullObject)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, ChecksumType.Composite)]
    [InlineData(ChecksumAlgorithm.Sha1, ChecksumType.FullObject)]
    [InlineData(ChecksumAlgorithm.XxHash3, ChecksumType.FullObject)]
    public void Types_that_do_not_go_with_the_algorithm_are_refused(ChecksumAlgorithm? algorithm, ChecksumType type) =>
        Assert.Equal(
            S3Errors.InvalidRequest,
            Assert.Throws<S3Exception>(() => CreateMultipartUpload.ParseChecksum(algorithm, type)).Error);

    private static AnnouncedChecksum? Parse(HeaderDictionary headers) => ChecksumHeaders.Parse(headers, _ => null);
}
