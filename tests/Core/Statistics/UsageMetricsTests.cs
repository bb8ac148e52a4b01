using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Statistics;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Statistics;

/// <summary>Sums over times, what was held at their ends, and what is forgotten.</summary>
public sealed class UsageMetricsTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 4, 5, 30, 0, TimeSpan.Zero);
    private static readonly CountedOperation Put = new("s3:PutObject", OperationKind.Put), Get = new("s3:GetObject", OperationKind.Get);
    private static readonly Principal Sender = new(World.Other, null, "KEY"), User = new(World.Other, new("AIDAUSER", World.Other.Id, "user"), "KEY2");

    private readonly World world = new();
    private readonly InMemoryTable table = new();
    private readonly LiveSettings settings;
    private readonly UsageStatistics statistics;

    public UsageMetricsTests()
    {
        world.Clock.MoveTo(Begin);
        settings = new(new InMemoryTable(), LiveSettings.Started(["usage.collect=true"]), Consistency.OneMachine, world.Clock);
        statistics = new(table, settings, world.Usage, world.Clock, NullLogger.Instance);
    }

    private async Task<UsageMetric> Of(MetricsLevel level, string id, DateTimeOffset from, DateTimeOffset to) => Assert.Single(await statistics.Metrics.Read(level, [id], from, to, default));

    private async Task Write(Bucket bucket, string key, int bytes)
    {
        Assert.Null((await world.Put(bucket, key, new('x', bytes))).Refusal);
        statistics.Add(bucket, Sender, Put, true, bytes, 0);
        await statistics.Flush(default);
    }

    /// <summary>Times are made of whole quarters of an hour, whatever ostor's periods are at the time.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(450)]
    [InlineData(900)]
    [InlineData(2700)]
    [InlineData(86400)]
    public async Task A_time_has_all_that_was_counted_in_it_and_nothing_else(int period)
    {
        await settings.Set(LiveSetting.UsagePeriod, $"{period}", default);
        await statistics.Refresh(default);
        var bucket = await world.Bucket();
        // A digit for each minute around the quarter.
        foreach (var (at, bytes) in new[] { (-0.1, 1), (0, 10), (7.5, 100), (14.99, 1000), (15, 10_000) })
        {
            world.Clock.MoveTo(Begin.AddDays(1).AddMinutes(at));
            statistics.Add(bucket, at < 10 ? Sender : User, Put, true, bytes, 2 * bytes);
            await statistics.Flush(default);
        }
        var (from, to) = (Begin.AddDays(1), Begin.AddDays(1).AddMinutes(15).AddMilliseconds(-1));
        foreach (var (level, id, bytes) in new[] { (MetricsLevel.Buckets, bucket.Id, 1110), (MetricsLevel.Accounts, World.Other.Id, 1110), (MetricsLevel.Users, "AIDAUSER", 1000), (MetricsLevel.Service, "", 1110), (MetricsLevel.Accounts, World.Owner.Id, 0) })
        {
            var metric = await Of(level, id, from, to);
            Assert.Equal((bytes, 2 * bytes), (metric.Incoming, metric.Outgoing));
            Assert.Equal(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture).Count(c => c == '1'), metric.Operations.GetValueOrDefault(Put.Name));
        }
        Assert.Equal(11_111, (await Of(MetricsLevel.Service, "", Begin, Begin.AddDays(2))).Incoming);
        Assert.Equal(0, (await Of(MetricsLevel.Service, "", Begin, from.AddMinutes(-15).AddMilliseconds(-1))).Incoming);
    }

    [Fact]
    public async Task Storage_is_told_as_it_was_at_both_ends()
    {
        await statistics.Refresh(default);
        var (bucket, never) = (await world.Bucket(), await world.Bucket("never"));
        Assert.Null((await world.Put(never, "key", new('x', 5))).Refusal);
        await Write(bucket, "a", 100);
        world.Clock.MoveTo(Begin.AddMinutes(20));
        await Write(bucket, "b", 1000);
        world.Clock.MoveTo(Begin.AddMinutes(50));
        var late = await world.Bucket("late");
        await Write(late, "c", 10_000);
        statistics.Add(bucket, Sender, Get, true, 0, 100); // changes nothing
        await statistics.Flush(default);
        world.Clock.MoveTo(Begin.AddMinutes(70));

        Assert.Equal((new Held(100, 1), new Held(1100, 2)), await Ends(MetricsLevel.Buckets, bucket.Id, 15, 30));
        // Before anything was noted, what was first is the best that is known.
        Assert.Equal((new Held(100, 1), new Held(1100, 2)), await Ends(MetricsLevel.Buckets, bucket.Id, 0, 45));
        // There was no such bucket yet.
        Assert.Equal((default, new Held(10_000, 1)), await Ends(MetricsLevel.Buckets, late.Id, 30, 60));
        Assert.Equal((new Held(5, 1), new Held(5, 1)), await Ends(MetricsLevel.Buckets, never.Id, 0, 60));
        foreach (var (level, id) in new[] { (MetricsLevel.Accounts, World.Owner.Id), (MetricsLevel.Service, "") })
        {
            Assert.Equal((new Held(105, 2), new Held(1105, 3)), await Ends(level, id, 15, 30));
            Assert.Equal((new Held(1105, 3), new Held(11_105, 4)), await Ends(level, id, 30, 75));
        }
        Assert.Equal((default, default), await Ends(MetricsLevel.Accounts, World.Other.Id, 15, 75));
        Assert.Equal((default, default), await Ends(MetricsLevel.Users, "AIDAUSER", 15, 75));

        async Task<(Held, Held)> Ends(MetricsLevel level, string id, int from, int to)
        {
            await world.Usage.Flush(default);
            var metric = await Of(level, id, Begin.AddMinutes(from), Begin.AddMinutes(to).AddMilliseconds(-1));
            return (metric.AtStart, metric.AtEnd);
        }
    }

    [Fact]
    public async Task What_is_older_than_400_days_goes_but_for_objects_that_nobody_deleted()
    {
        await statistics.Refresh(default);
        var (kept, emptied) = (await world.Bucket("kept"), await world.Bucket("emptied"));
        List<Period> periods = [];
        foreach (var minutes in new[] { 0, 30, 60 })
        {
            world.Clock.MoveTo(Begin.AddMinutes(minutes));
            await Write(kept, $"{minutes}", 1);
            await Write(emptied, "key", 1);
            periods.Add(new(Begin.AddMinutes(minutes).ToUnixTimeSeconds(), 1800));
        }
        Assert.Null((await world.Objects.Delete(emptied, "key", new(), default)).Refusal);
        statistics.Add(emptied, Sender, Put, true, 0, 0);
        await statistics.Flush(default);
        world.Clock.MoveTo(Begin.AddHours(2));
        Assert.True(await statistics.Objects.Delete(periods[0], null, default));
        Assert.True(await statistics.Objects.Delete(periods[2], null, default));

        // Deletions are forgotten first, and nothing comes back by that.
        world.Clock.MoveTo(Begin.AddDays(31));
        await Expire();
        Assert.Equal([periods[1]], (await statistics.Objects.List(10, default)).Periods);
        Assert.Equal(6, (await Of(MetricsLevel.Service, "", Begin, Begin.AddHours(2))).Incoming);
        world.Clock.MoveTo(Begin.AddDays(400).AddMinutes(45));
        await Expire();
        Assert.Equal(4, (await Of(MetricsLevel.Service, "", Begin, Begin.AddHours(2))).Incoming);
        world.Clock.MoveTo(Begin.AddDays(500));
        await Expire();
        Assert.Equal(2, (await Of(MetricsLevel.Service, "", Begin, Begin.AddHours(2))).Incoming);
        Assert.NotNull(await statistics.Objects.Read(periods[1], default));
        // Of a bucket the last that was noted stays, as long as there is something in it.
        Assert.Equal(kept.Id, Assert.Single(table.Rows, row => row.Key.Partition.StartsWith("h.", StringComparison.Ordinal)).Key.Partition[2..]);
        Assert.True(await statistics.Objects.Delete(periods[1], null, default));
        await Expire();
        Assert.Equal(0, (await Of(MetricsLevel.Service, "", Begin, Begin.AddHours(2))).Incoming);
    }

    // As the walk does it.
    private async Task Expire()
    {
        foreach (var kind in statistics.Expiring)
            await foreach (var row in kind.Table.Scan(kind.Range(world.Clock.GetUtcNow()), null, null, default))
                if (await kind.EndOf(row, default) is { } end && end + kind.Grace <= world.Clock.GetUtcNow())
                    Assert.Equal(Outcome.Committed, await kind.Table.Apply(row.Key.Partition, [Change.Delete(row.Key.Row, Condition.Is(row.Stamp))], default));
    }
}
