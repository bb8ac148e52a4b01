using System.Globalization;
using ZenkoFunctions.Api.S3.Signatures;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>The dates that clients put into headers.</summary>
public sealed class TimestampTests
{
    [Theory]
    [InlineData("20300707T215304Z")]
    [InlineData("Sun, 07 Jul 2030 21:53:04 GMT")]
    [InlineData("Tue, 07 Jul 2030 21:53:04 GMT")]
    [InlineData("07 Jul 2030 21:53:04 GMT")]
    [InlineData("Sun, 7 Jul 2030 23:53:04 +0200")]
    [InlineData("Sunday, 07-Jul-30 21:53:04 GMT")]
    [InlineData("Sun Jul  7 21:53:04 2030")]
    [InlineData("2030-07-07T21:53:04Z")]
    public void All_forms_are_read_and_the_day_of_the_week_does_not_count(string text)
    {
        Assert.True(Timestamps.TryHeader(text, out var time));
        Assert.Equal("20300707T215304Z", time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("today")]
    [InlineData("Tue, 07 Jul 1950 21:53:04 GMT")]
    [InlineData("<b>, 07 Jul 2030 21:53:04 GMT")]
    [InlineData("Sun, Sun, 07 Jul 2030 21:53:04 GMT")]
    [InlineData(", 07 Jul 2030 21:53:04 GMT")]
    public void Nothing_else_is_a_date(string text) => Assert.False(Timestamps.TryHeader(text, out _));
}
