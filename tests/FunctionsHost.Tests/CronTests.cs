using System.Globalization;

namespace ZenkoFunctions.HostDouble.Tests;

public sealed class CronTests
{
    // 1 January 2026 is a Thursday.
    [Theory]
    [InlineData("0 */5 * * * *", "2026-01-01T00:00:00", "2026-01-01T00:05:00")]
    [InlineData("0 */5 * * * *", "2026-01-01T00:04:59.9", "2026-01-01T00:05:00")]
    [InlineData("*/5 * * * *", "2026-01-01T00:00:01", "2026-01-01T00:05:00")]
    [InlineData("*/10 * * * * *", "2026-01-01T00:00:10", "2026-01-01T00:00:20")]
    [InlineData("30 59 23 31 12 *", "2026-01-01T00:00:00", "2026-12-31T23:59:30")]
    [InlineData("0 0 9 * * MON-FRI", "2026-01-02T09:00:00", "2026-01-05T09:00:00")]
    [InlineData("0 0 9 * * 0,sat", "2026-01-01T00:00:00", "2026-01-03T09:00:00")]
    [InlineData("0 0 0 1 JAN,JUL *", "2026-01-01T00:00:00", "2026-07-01T00:00:00")]
    [InlineData("0 10-20/5 4 * * *", "2026-01-01T04:15:00", "2026-01-01T04:20:00")]
    [InlineData("0 10/20 * * * *", "2026-01-01T00:31:00", "2026-01-01T00:50:00")]
    [InlineData("0 0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 0 13 * 5", "2026-01-01T00:00:00", "2026-02-13T00:00:00")]
    public void The_next_time_is_the_first_that_all_fields_match(string schedule, string after, string next)
    {
        var cron = Cron.Parse(schedule, out var problem);

        Assert.Null(problem);
        Assert.Equal(Utc(next), cron!.Next(Utc(after)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("* * * * * * *")]
    [InlineData("60 * * * * *")]
    [InlineData("* * 24 * * *")]
    [InlineData("* * * 0 * *")]
    [InlineData("* * * * 13 *")]
    [InlineData("* * * * * 7")]
    [InlineData("* * * * * SUNDAY")]
    [InlineData("*/0 * * * * *")]
    [InlineData("5-1 * * * * *")]
    [InlineData("-1 * * * * *")]
    [InlineData("1, * * * * *")]
    [InlineData("0 0 0 31 2 *")]
    [InlineData("@daily")]
    public void What_is_no_schedule_is_refused(string schedule)
    {
        Assert.Null(Cron.Parse(schedule, out var problem));
        Assert.NotNull(problem);
    }

    [Theory]
    [InlineData("0 * * * * *", false)]
    [InlineData("0,30 * * * * *", true)]
    [InlineData("0,30 0 0 1 1 *", true)]
    public void Schedules_within_the_minute_are_told_apart(string schedule, bool often) =>
        Assert.Equal(often, Cron.Parse(schedule, out _)!.OftenerThanMinutes);

    private static DateTimeOffset Utc(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
