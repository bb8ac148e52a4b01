using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class RangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 0L, 0L)]
    [InlineData("bytes=4-10", 4L, 10L)]
    [InlineData("bytes=4-", 4L, null)]
    [InlineData("bytes=-7", null, 7L)]
    [InlineData("bytes=-0", null, 0L)]
    [InlineData("BYTES = 1 - 2 ", 1L, 2L)]
    [InlineData("bytes=5-99999999999999999999", 5L, long.MaxValue)]
    [InlineData("bytes=99999999999999999999-", long.MaxValue, null)]
    public void A_single_range_is_read(string header, long? first, long? last)
    {
        var range = Ranges.Parse(header);

        Assert.Equal((first, last), (range?.First, range?.Last));
        Assert.NotNull(range);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1--2")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("items=0-1")]
    public void Anything_else_asks_for_the_whole(string? header) => Assert.Null(Ranges.Parse(header));

    [Fact]
    public void A_copy_source_range_names_both_ends() =>
        Assert.Equal(new ByteRange(5, 3), Ranges.ParseCopySource("bytes=5-7"));

    [Fact]
    public void No_copy_source_range_copies_all() => Assert.Null(Ranges.ParseCopySource(null));

    [Theory]
    [InlineData("0-2")]
    [InlineData("bytes=0")]
    [InlineData("bytes=hello-world")]
    [InlineData("bytes=0-bar")]
    [InlineData("bytes=hello-")]
    [InlineData("bytes=0-2,3-5")]
    [InlineData("bytes=4-")]
    [InlineData("bytes=-4")]
    [InlineData("bytes=4-3")]
    [InlineData("bytes=0-99999999999999999999")]
    public void Any_other_copy_source_range_is_an_invalid_argument(string header) =>
        Assert.Equal(S3Errors.InvalidArgument, Assert.Throws<S3Exception>(() => Ranges.ParseCopySource(header)).Error);

    [Fact]
    public void Content_range_names_first_last_and_size() =>
        Assert.Equal("bytes 4-10/11", Ranges.ContentRange(new ByteRange(4, 7), 11));
}
