using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class CopySourceTests
{
    [Theory]
    [InlineData("b/k", "b", "k", null)]
    [InlineData("/b/k", "b", "k", null)]
    [InlineData("b%2Fk%20a", "b", "k a", null)]
    [InlineData("%2Fb%2Fk", "b", "k", null)]
    [InlineData("b/k/", "b", "k/", null)]
    [InlineData("b//k", "b", "/k", null)]
    [InlineData("b/a+b", "b", "a+b", null)]
    [InlineData("b/%C3%A9", "b", "é", null)]
    [InlineData("b/é", "b", "é", null)]
    [InlineData("b/100%25", "b", "100%", null)]
    [InlineData("b/%2525", "b", "%25", null)]
    [InlineData("b/k?versionId=null", "b", "k", "null")]
    [InlineData("b/%3FversionId", "b", "?versionId", null)]
    [InlineData("b/%3FversionId%3D1?versionId=2", "b", "?versionId=1", "2")]
    [InlineData("b/k?a=b", "b", "k?a=b", null)]
    public void The_source_is_decoded_first_and_split_then(string header, string bucket, string key, string? version) =>
        Assert.Equal(new CopySource(bucket, key, version), CopySource.Parse(header));

    [Theory]
    [InlineData("")]
    [InlineData("b")]
    [InlineData("/b")]
    [InlineData("b/")]
    [InlineData("/")]
    [InlineData("//k")]
    [InlineData("b/%")]
    [InlineData("b/%4")]
    [InlineData("b/%zz")]
    [InlineData("b/%FF")]
    [InlineData("b/%25%C3")]
    public void What_names_no_object_is_an_invalid_argument(string header) =>
        Assert.Equal(S3Errors.InvalidArgument, Assert.Throws<S3Exception>(() => CopySource.Parse(header)).Error);

    [Fact]
    public void A_key_may_not_have_more_than_1024_bytes()
    {
        Assert.Equal(1024, CopySource.Parse("b/" + new string('k', 1024)).Key.Length);
        Assert.Equal(
            S3Errors.KeyTooLongError,
            Assert.Throws<S3Exception>(() => CopySource.Parse("b/" + new string('é', 513))).Error);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("10000", 10000)]
    public void Part_numbers_go_from_1_to_10000(string text, int number) => Assert.Equal(number, Numbers.PartNumber(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1.0")]
    [InlineData("10001")]
    [InlineData("99999999999999999999")]
    public void Other_part_numbers_are_invalid_arguments(string? text) =>
        Assert.Equal(S3Errors.InvalidArgument, Assert.Throws<S3Exception>(() => Numbers.PartNumber(text)).Error);

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY_MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo")]
    public void A_version_id_is_taken_as_it_is(string? id) => Assert.Equal(id, VersionIds.Parse(id));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    public void What_cannot_be_a_version_id_is_an_invalid_argument(string id) =>
        Assert.Equal(S3Errors.InvalidArgument, Assert.Throws<S3Exception>(() => VersionIds.Parse(id)).Error);
}
