using ZenkoFunctions.Core.Tests.Objects;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Tests.Usage;

/// <summary>What a bucket has held in an hour: byte-seconds, and the most.</summary>
public sealed class HourTests
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.FromUnixTimeSeconds(424241L * 3600);

    private readonly World world = new();

    /// <summary>A vendor's published samples.</summary>
    [Theory]
    [InlineData(12288, 599, 7360512)]
    [InlineData(46700160, 603, 28160196480)]
    public void A_level_is_integrated_over_the_seconds_of_the_hour(long bytes, int seconds, long integral)
    {
        var hour = new HourRow { Until = Begin, Held = bytes, Peak = bytes }.At(Begin.AddSeconds(seconds));
        Assert.Equal((424241, integral, bytes), (hour.Hour, hour.Integral, hour.Peak));
        // The next hour begins with what was held at the end of this one, and with nothing of its sum.
        var next = (hour with { Peak = bytes * 2 }).At(Begin.AddSeconds(3610));
        Assert.Equal((424242, bytes * 10, bytes), (next.Hour, next.Integral, next.Peak));
        Assert.Equal(next, next.At(Begin));
    }

    [Fact]
    public async Task It_is_kept_with_the_counters_and_survives_them()
    {
        world.Clock.MoveTo(DateTimeOffset.FromUnixTimeSeconds(((world.Clock.GetUtcNow().ToUnixTimeSeconds() / 3600) + 1) * 3600));
        var (hour, bucket) = (world.Clock.GetUtcNow(), await world.Bucket());
        await world.Put(bucket, "key", new('x', 100));
        await world.Usage.Flush(default);
        await At(100, bytes: new('y', 300));
        await At(300, bytes: new('z', 50));
        await At(400, bytes: null);
        var read = await world.Usage.ReadHour(bucket.Id, bucket.Created, default);
        Assert.Equal((100 * 100) + (300 * 200) + (50 * 100), read.Integral);
        Assert.Equal((50, 300, hour.ToUnixTimeSeconds() / 3600), (read.Held, read.Peak, read.Hour));

        await world.Usage.DisposeAsync();
        world.Clock.MoveTo(hour.AddSeconds(3600 + 7));
        var restarted = new UsageCounters(world.UsageTable, world.Queue, world.UsageOptions, world.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.Equal((50 * 7, 50, 50), Numbers(await restarted.ReadHour(bucket.Id, bucket.Created, default)));

        async Task At(int seconds, string? bytes)
        {
            world.Clock.MoveTo(hour.AddSeconds(seconds));
            if (bytes is null) return;
            await world.Put(bucket, "key", bytes);
            await world.Usage.Flush(default);
        }
    }

    private static (decimal, long, long) Numbers(HourRow hour) => (hour.Integral, hour.Held, hour.Peak);
}
