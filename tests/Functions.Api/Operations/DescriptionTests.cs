using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class DescriptionTests
{
    [Fact]
    public void Names_of_metadata_become_lower_case_and_values_stay()
    {
        var description = Descriptions.Parse(new HeaderDictionary { ["X-Amz-Meta-Colour"] = "Dark  Blue", ["x-other"] = "no" }, "");

        Assert.Equal([new("colour", "Dark  Blue")], description.Metadata);
    }

    [Fact]
    public void System_headers_are_kept_and_a_missing_type_is_binary()
    {
        var description = Descriptions.Parse(new HeaderDictionary
        {
            ["Cache-Control"] = "no-cache",
            ["Expires"] = "Sun, 06 Nov 1994 08:49:37 GMT",
            ["x-amz-website-redirect-location"] = "/elsewhere",
        }, "");

        Assert.Equal("no-cache", description.Headers["Cache-Control"]);
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", description.Headers["Expires"]);
        Assert.Equal("/elsewhere", description.Headers["x-amz-website-redirect-location"]);
        Assert.Equal("binary/octet-stream", description.Headers["Content-Type"]);
        Assert.Equal(4, description.Headers.Count);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate, gzip", "deflate, gzip")]
    [InlineData("gzip, aws-chunked", "gzip")]
    [InlineData("aws-chunked,gzip", "gzip")]
    [InlineData("AWS-Chunked", null)]
    [InlineData("aws-chunked, aws-chunked", null)]
    [InlineData(null, null)]
    public void The_chunked_framing_is_not_the_objects_encoding(string? sent, string? kept) =>
        Assert.Equal(kept, Descriptions.StripChunked(sent));

    /// <summary>AWS's 2 KiB, or as much as Zenko takes, which counts the prefixes of the names too.</summary>
    [Theory]
    [InlineData(1, 2125, true)]
    [InlineData(1, 2126, false)]
    [InlineData(8, 256, true)]
    [InlineData(8, 257, false)]
    [InlineData(32, 64, true)]
    [InlineData(32, 65, false)]
    public void Metadata_may_have_two_kibibytes(int entries, int bytesEach, bool isTaken)
    {
        var headers = new HeaderDictionary();
        for (var i = 0; i < entries; i++) headers[$"x-amz-meta-ab{i:d2}"] = new string('x', bytesEach - 4);
        if (isTaken) Assert.Equal(entries, Descriptions.Parse(headers, "").Metadata.Count);
        else Assert.Equal(S3Errors.MetadataTooLarge, Assert.Throws<S3Exception>(() => Descriptions.Parse(headers, "")).Error);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("STANDARD", null)]
    [InlineData("GLACIER_IR", "GLACIER_IR")]
    public void Known_storage_classes_are_kept(string? sent, string? kept) =>
        Assert.Equal(kept, Descriptions.ParseStorageClass(sent));

    [Theory]
    [InlineData("")]
    [InlineData("standard")]
    [InlineData("COLD")]
    public void Other_storage_classes_are_refused(string sent) =>
        Assert.Equal(S3Errors.InvalidStorageClass, Assert.Throws<S3Exception>(() => Descriptions.ParseStorageClass(sent)).Error);

    [Theory]
    [InlineData("=?UTF-8?B?w6k=?=", "é")]
    [InlineData("=?utf-8?q?caf=C3=A9_au_lait?=", "café au lait")]
    [InlineData("=?ISO-8859-1?Q?caf=E9?=", "café")]
    [InlineData("a =?UTF-8?B?w6k=?= b", "a é b")]
    [InlineData("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", "éé")]
    [InlineData("=?UTF-8?B?w6?=", "=?UTF-8?B?w6?=")]
    [InlineData("=?UTF-8?B?/w==?=", "=?UTF-8?B?/w==?=")]
    [InlineData("=?KOI8-R?B?w6k=?=", "=?KOI8-R?B?w6k=?=")]
    [InlineData("=?UTF-8?X?w6k=?=", "=?UTF-8?X?w6k=?=")]
    [InlineData("=?UTF-8?B?", "=?UTF-8?B?")]
    [InlineData("a=?b", "a=?b")]
    [InlineData("=?UTF-8?Q?a=4?=", "=?UTF-8?Q?a=4?=")]
    public void Encoded_words_are_decoded_and_all_else_stays(string sent, string meant) =>
        Assert.Equal(meant, EncodedWords.Decode(sent));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a=?b", "a=?b")]
    [InlineData("é", "=?UTF-8?B?w6k=?=")]
    [InlineData("a\r\nb", "=?UTF-8?B?YQ0KYg==?=")]
    public void Values_that_are_not_ascii_are_answered_as_encoded_words(string value, string answered) =>
        Assert.Equal(answered, EncodedWords.Encode(value));

    [Fact]
    public void Every_value_comes_back_as_it_was() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<string>().Filter(text => text is not null && text.EnumerateRunes().All(r => r.Value != 0xfffd)),
            text => EncodedWords.Decode(EncodedWords.Encode(text)) == text).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("x-amz-server-side-encryption-colour", "blue")]
    [InlineData("x-amz-write-offset-bytes", "0")]
    [InlineData("X-Amz-Object-Annotation-Directive", "COPY")]
    public void What_is_not_there_yet_is_refused_and_never_dropped(string name, string value)
    {
        var headers = new HeaderDictionary { [name] = value };

        Assert.Equal(S3Errors.NotImplemented, Assert.Throws<S3Exception>(() => UnservedHeaders.Refuse(headers)).Error);
    }
}
