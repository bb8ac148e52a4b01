using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class ConditionTests
{
    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT")] // the wrong day of the week
    public void All_three_forms_of_a_date_are_read(string header) =>
        Assert.Equal(new DateTimeOffset(1994, 11, 6, 8, 49, 37, TimeSpan.Zero), HttpDates.Parse(header));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("1994-11-06T08:49:37Z")]
    [InlineData("Sun, 31 Feb 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 CET")]
    public void What_is_no_date_is_passed_over(string? header) => Assert.Null(HttpDates.Parse(header));

    [Fact]
    public void Dates_are_written_as_they_are_read()
    {
        var date = new DateTimeOffset(2026, 11, 1, 2, 3, 4, TimeSpan.Zero);

        Assert.Equal("Sun, 01 Nov 2026 02:03:04 GMT", HttpDates.Format(date));
        Assert.Equal(date, HttpDates.Parse(HttpDates.Format(date)));
    }

    [Theory]
    [InlineData("\"a\"", "a")]
    [InlineData("a", "a")]
    [InlineData("*", "*")]
    [InlineData("\"a\", W/\"b\" ,c", "a|b|c")]
    [InlineData("\"a,b\",\"c\"", "a,b|c")]
    [InlineData("\"abc-3\"", "abc-3")]
    [InlineData("\"\"", "")]
    public void Lists_of_etags_are_read_without_quotes_and_weak_marks(string header, string tags) =>
        Assert.Equal(tags.Split('|'), ETags.Parse(header));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" , ")]
    public void A_list_without_etags_is_none(string? header) => Assert.Null(ETags.Parse(header));

    [Theory]
    [InlineData("If-Match", "")]
    [InlineData("If-Match", " , ")]
    [InlineData("If-None-Match", "")]
    public void A_condition_that_says_nothing_does_not_let_a_write_pass(string name, string value)
    {
        var headers = new HeaderDictionary { [name] = value };

        Assert.Equal(S3Errors.InvalidArgument, Assert.Throws<S3Exception>(() => ConditionHeaders.ForWrite(headers)).Error);
        Assert.ThrowsAny<S3Exception>(() => ConditionHeaders.ForDelete(headers));
    }

    [Fact]
    public void A_read_takes_all_four_conditions()
    {
        var conditions = ConditionHeaders.ForRead(new HeaderDictionary
        {
            ["If-Match"] = "\"a\"",
            ["If-None-Match"] = "\"b\"",
            ["If-Modified-Since"] = "Sun, 06 Nov 1994 08:49:37 GMT",
            ["If-Unmodified-Since"] = "Sun, 06 Nov 1994 08:49:38 GMT",
        });

        Assert.Equal(["a"], conditions.IfMatch!);
        Assert.Equal(["b"], conditions.IfNoneMatch!);
        Assert.Equal(37, conditions.IfModifiedSince?.Second);
        Assert.Equal(38, conditions.IfUnmodifiedSince?.Second);
    }

    [Fact]
    public void A_copy_has_conditions_of_its_own_for_the_source()
    {
        var headers = new HeaderDictionary { ["x-amz-copy-source-if-match"] = "s", ["If-None-Match"] = "*" };

        Assert.Equal(["s"], ConditionHeaders.ForCopySource(headers).IfMatch!);
        Assert.Null(ConditionHeaders.ForCopySource(headers).IfNoneMatch);
        Assert.Equal(["*"], ConditionHeaders.ForWrite(headers).IfNoneMatch!);
    }

    [Theory]
    [InlineData("If-Match", "If-None-Match")]
    [InlineData("If-Unmodified-Since", "x-other")]
    public void Conditions_that_a_write_cannot_keep_are_not_implemented(string one, string other)
    {
        var headers = new HeaderDictionary { [one] = "Sun, 06 Nov 1994 08:49:37 GMT", [other] = "*" };

        Assert.Equal(S3Errors.NotImplemented, Assert.Throws<S3Exception>(() => ConditionHeaders.ForWrite(headers)).Error);
    }

    [Theory]
    [InlineData("If-None-Match")]
    [InlineData("If-Unmodified-Since")]
    public void Conditions_that_a_delete_cannot_keep_are_not_implemented(string name)
    {
        var headers = new HeaderDictionary { [name] = "1" };

        Assert.Equal(S3Errors.NotImplemented, Assert.Throws<S3Exception>(() => ConditionHeaders.ForDelete(headers)).Error);
    }

    [Theory]
    [InlineData("x-amz-if-match-size", "-1")]
    [InlineData("x-amz-if-match-size", "")]
    [InlineData("x-amz-if-match-last-modified-time", "yesterday")]
    public void Conditions_of_a_delete_that_cannot_be_read_are_refused(string name, string value)
    {
        var headers = new HeaderDictionary { [name] = value };

        Assert.Equal(S3Errors.InvalidArgument, Assert.Throws<S3Exception>(() => ConditionHeaders.ForDelete(headers)).Error);
    }

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("1994-11-06T08:49:37.123Z")]
    public void A_delete_may_depend_on_the_second_of_the_last_change(string value) => Assert.Equal(
        new DateTimeOffset(1994, 11, 6, 8, 49, 37, TimeSpan.Zero), ConditionHeaders.ForDelete(null, value, null).IfLastModified);
}
