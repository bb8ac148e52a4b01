using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Statistics;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Statistics;

/// <summary>What is counted is written, once, whatever happens in between.</summary>
public sealed class UsageStatisticsTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 4, 5, 30, 0, TimeSpan.Zero);
    private static readonly CountedOperation Put = new("s3:PutObject", OperationKind.Put), Get = new("s3:GetObject", OperationKind.Get), Delete = new("s3:DeleteObject", OperationKind.Other);
    private static readonly Principal Sender = new(World.Other, null, "KEY");
    private static readonly Principal User = new(World.Other, new("AIDAUSER", World.Other.Id, "user"), "KEY2");

    private readonly World world = new();
    private readonly InMemoryTable table = new();
    private readonly LiveSettings settings;

    public UsageStatisticsTests()
    {
        world.Clock.MoveTo(Begin);
        settings = new(new InMemoryTable(), LiveSettings.Started(["usage.collect=true"]), Consistency.OneMachine, world.Clock);
    }

    private static Period Half => new(Begin.ToUnixTimeSeconds(), 1800);

    private async Task<UsageStatistics> Instance(ITable? over = null)
    {
        var statistics = new UsageStatistics(over ?? table, settings, world.Usage, world.Clock, NullLogger.Instance);
        await statistics.Refresh(default);
        return statistics;
    }

    private static async Task<IReadOnlyList<string>> Told(UsageStatistics statistics, Period? period = null) =>
    [
        .. (await statistics.Objects.Read(period ?? Half, default) ?? []).Select(item =>
            $"{item.Bucket}/{item.Account}/{item.Tag}: {Of(item, OperationKind.Put)} {Of(item, OperationKind.Get)} {Of(item, OperationKind.List)} {Of(item, OperationKind.Other)}, {item.Uploaded} {item.Downloaded}"),
    ];

    private static long Of(UsageItem item, OperationKind kind) => item.Operations.GetValueOrDefault(kind);

    [Fact]
    public async Task Nothing_is_counted_before_it_is_switched_on()
    {
        await settings.Set(LiveSetting.UsageCollect, "false", default);
        var statistics = await Instance();
        statistics.Add(await world.Bucket(), Sender, Put, true, 1, 1);
        await statistics.Flush(default);
        Assert.Empty(table.Rows);
        await settings.Set(LiveSetting.UsageCollect, "true", default);
        await statistics.Refresh(default);
        statistics.Add(await world.Bucket(), Sender, Put, true, 1, 1);
        await statistics.Flush(default);
        Assert.NotEmpty(table.Rows);
    }

    [Fact]
    public async Task Every_request_is_in_one_item_and_what_was_flushed_survives_a_kill()
    {
        var (bucket, first) = (await world.Bucket(), await Instance());
        first.Add(bucket, Sender, Put, true, 100, 0);
        first.Add(bucket, User, Get, true, 0, 7);
        await first.Flush(default);
        first.Add(bucket, Sender, Put, true, 10, 0);
        first.Add(null, Sender, Get, true, 0, 3);
        first.Add(bucket, Sender, Put, isDone: false, 1, 300);
        first.Add(bucket, Principal.Anonymous, Get, true, 0, 5);
        first.Add(null, null, Delete, true, 0, 2);
        await first.Flush(default);
        // Lost by the kill, and nothing else is.
        first.Add(bucket, Sender, Put, true, 1_000_000, 0);

        world.Clock.MoveTo(Begin.AddMinutes(20));
        var second = await Instance();
        second.Add(bucket, Sender, Put, true, 1000, 0);
        second.Add(bucket, Sender, Delete, true, 0, 0);
        await second.Flush(default);
        world.Clock.MoveTo(Half.End.AddSeconds(20));
        Assert.Equal(
            ["//: 0 0 0 1, 0 2", $"/{World.Other.Id}/: 0 1 0 0, 0 3", $"bucket/{World.Owner.Id}/: 0 1 0 0, 0 5", $"bucket/{World.Other.Id}/: 3 1 0 1, 1111 307"],
            await Told(second));
    }

    /// <summary>Other versions of the server read them: forms may only grow.</summary>
    [Fact]
    public async Task Rows_have_the_form_that_they_always_had()
    {
        var (bucket, statistics) = (await world.Bucket(), await Instance());
        await world.Put(bucket, "key", "12345");
        world.Clock.MoveTo(Begin.AddMinutes(20));
        statistics.Add(bucket, User, Put, true, 5, 7);
        await statistics.Flush(default);
        world.Clock.MoveTo(Half.End.AddSeconds(20));
        Assert.True(await statistics.Objects.Delete(Half, null, default));
        var rows = table.Rows.ToDictionary(row => row.Key.Partition, row => (row.Key.Row, System.Text.Encoding.UTF8.GetString(row.Value.Span)));
        Assert.Equal(("98227395999", """{"format":1,"owner":"123456789012","epoch":1772602200,"bytes":5,"objects":1}"""), rows[$"h.{bucket.Id}"]);
        Assert.Equal(("01772602200.01800", """{"format":1,"deleted":"2026-03-04T06:00:20+00:00"}"""), rows["objects"]);
        var (name, slice) = rows["s.01772602200.01800"];
        Assert.Matches("^01772603100\\.[0-9a-f]{32}\\.0$", name);
        Assert.Equal(
            $$$$"""{"format":1,"bucket":"bucket","bucketId":"{{{{bucket.Id}}}}","epoch":1772602200,"account":"{{{{World.Other.Id}}}}","user":"AIDAUSER","tag":"","operations":{"s3:PutObject":{"kind":"put","count":1,"uploaded":5,"downloaded":7}}}""", slice);
    }

    [Fact]
    public async Task Instances_add_up_and_a_flush_may_be_repeated_after_any_failure()
    {
        var doubtful = new DoubtfulTable(table);
        var (bucket, one, other) = (await world.Bucket(), await Instance(doubtful), await Instance());
        for (var i = 0; i < 30; i++)
        {
            one.Add(bucket, Sender, Put, true, 1, 0);
            other.Add(bucket, Sender, Put, true, 100, 0);
            // Refused by the network, then done without anybody knowing, then done.
            doubtful.Fails = i % 3;
            if (i % 3 == 2) await one.Flush(default);
            else await Assert.ThrowsAsync<IOException>(async () => await one.Flush(default));
            await other.Flush(default);
            await other.Flush(default);
            world.Clock.MoveTo(world.Clock.GetUtcNow().AddSeconds(40));
        }
        await one.Flush(default);
        world.Clock.MoveTo(Half.End.AddSeconds(20));
        Assert.Equal([$"bucket/{World.Other.Id}/: 60 0 0 0, 3030 0"], await Told(other));
    }

    [Fact]
    public async Task More_keys_than_are_kept_in_memory_are_exact_and_without_a_table_memory_is_bounded()
    {
        var statistics = await Instance();
        List<Principal> senders = [.. Enumerable.Range(0, UsageStatistics.Most + 5).Select(i => new Principal(World.Other with { Id = $"{i:d12}" }, null, "KEY"))];
        foreach (var round in new[] { 1, 2 })
        {
            foreach (var sender in senders) statistics.Add(null, sender, Put, true, round, 0);
            await statistics.Flush(default);
        }
        world.Clock.MoveTo(Half.End.AddSeconds(20));
        var items = (await statistics.Objects.Read(Half, default))!;
        Assert.Equal(senders.Count, items.Count);
        Assert.All(items, item => Assert.Equal((2, 3), (Of(item, OperationKind.Put), item.Uploaded)));

        table.BeforeApply = _ => throw new IOException("away");
        for (var i = 0; i < 5 * UsageStatistics.Most; i++)
        {
            statistics.Add(null, Sender with { Account = World.Other with { Id = $"{i:d12}" } }, Put, true, 1, 0);
            if (i % UsageStatistics.Most == 0) await Assert.ThrowsAsync<IOException>(async () => await statistics.Flush(default));
        }
        table.BeforeApply = null;
        await statistics.Flush(default);
        await statistics.Flush(default);
        var next = new Period(Half.Start + 1800, 1800);
        world.Clock.MoveTo(next.End.AddSeconds(20));
        items = (await statistics.Objects.Read(next, default))!;
        // None is lost; those that there was no room for are nobody's.
        Assert.Equal(5 * UsageStatistics.Most, items.Sum(item => item.Uploaded));
        Assert.InRange(items.Count, UsageStatistics.Most, 4 * UsageStatistics.Most);
        Assert.True(Assert.Single(items, item => item.Account.Length == 0).Uploaded > UsageStatistics.Most);
    }

    [Fact]
    public async Task A_buckets_tag_parts_its_items()
    {
        var (bucket, statistics) = (await world.Bucket(), await Instance());
        statistics.Add(bucket, Sender, Put, true, 1, 0);
        var tagged = bucket with { Settings = bucket.Settings.With(BucketSettings.Tagging, new(new Dictionary<string, string> { ["other"] = "x", [UsageStatistics.BucketTag] = "gold" })) };
        statistics.Add(tagged, Sender, Put, true, 10, 0);
        await statistics.Flush(default);
        world.Clock.MoveTo(Half.End.AddSeconds(20));
        Assert.Equal([$"bucket/{World.Other.Id}/: 1 0 0 0, 1 0", $"bucket/{World.Other.Id}/gold: 1 0 0 0, 10 0"], await Told(statistics));
    }

    [Fact]
    public async Task An_object_is_there_from_when_it_is_complete_until_it_is_deleted()
    {
        var (bucket, statistics) = (await world.Bucket(), await Instance());
        statistics.Add(bucket, Sender, Put, true, 1, 0);
        await statistics.Flush(default);
        await settings.Set(LiveSetting.UsagePeriod, "300", default);
        await statistics.Refresh(default);
        world.Clock.MoveTo(Begin.AddSeconds(400));
        statistics.Add(bucket, Sender, Put, true, 2, 0);
        await statistics.Flush(default);
        var short1 = new Period(Begin.ToUnixTimeSeconds() + 300, 300);

        world.Clock.MoveTo(short1.End.AddSeconds(19));
        Assert.Empty((await statistics.Objects.List(10, default)).Periods);
        Assert.Null(await statistics.Objects.Read(short1, default));
        Assert.False(await statistics.Objects.Delete(short1, null, default));
        world.Clock.MoveTo(short1.End.AddSeconds(20));
        Assert.Equal([short1], (await statistics.Objects.List(10, default)).Periods);
        world.Clock.MoveTo(Half.End.AddSeconds(20));
        Assert.Equal([Half, short1], (await statistics.Objects.List(10, default)).Periods);
        var (one, isTruncated) = await statistics.Objects.List(1, default);
        Assert.Equal([Half], one);
        Assert.True(isTruncated);

        var request = new RequestToken("abcdefghijklmnop");
        Assert.True(await statistics.Objects.Delete(Half, request, default));
        Assert.True(await statistics.Objects.Delete(Half, request, default));
        Assert.False(await statistics.Objects.Delete(Half, null, default));
        Assert.Null(await statistics.Objects.Read(Half, default));
        Assert.Equal([short1], (await statistics.Objects.List(10, default)).Periods);
        // What it was made of is still there.
        var metric = Assert.Single(await statistics.Metrics.Read(MetricsLevel.Service, [""], Begin, Half.End, default));
        Assert.Equal(3, metric.Incoming);
    }

    [Fact]
    public async Task The_installations_number_is_made_once_and_has_16_digits()
    {
        var id = await (await Instance()).Objects.ServiceId(default);
        Assert.InRange(id, 1_000_000_000_000_000, (1L << 53) - 1);
        Assert.Equal(id, await (await Instance()).Objects.ServiceId(default));
    }

    [Fact]
    public async Task It_is_written_by_itself_and_when_it_is_stopped()
    {
        var bucket = await world.Bucket();
        var statistics = new UsageStatistics(table, settings, world.Usage, world.Clock, NullLogger.Instance);
        await statistics.Start(default);
        statistics.Add(bucket, Sender, Put, true, 1, 0);
        var until = DateTime.UtcNow.AddMinutes(2);
        // A second on the clock each time that it waits; it is due after ten.
        while (table.Rows.Count == 0 && DateTime.UtcNow < until)
        {
            world.Clock.MoveTo(world.Clock.GetUtcNow().AddSeconds(1));
            await Task.Yield();
        }
        Assert.NotEmpty(table.Rows);
        statistics.Add(bucket, Sender, Put, true, 10, 0);
        await statistics.DisposeAsync();
        world.Clock.MoveTo(world.Clock.GetUtcNow().AddHours(1));
        var read = await (await Instance()).Metrics.Read(MetricsLevel.Accounts, [World.Other.Id], Begin, world.Clock.GetUtcNow(), default);
        Assert.Equal(11, read[0].Incoming);
    }

    private sealed class DoubtfulTable(ITable inner) : ITable
    {
        /// <summary>0: refused; 1: done, but nobody knows; 2: done.</summary>
        public int Fails { get; set; } = 2;

        public ValueTask<Row?> Get(TableKey key, CancellationToken ct) => inner.Get(key, ct);

        public IAsyncEnumerable<Row> Scan(KeyRange range, string? rowPrefix, int? limit, Func<TableKey, TableKey?>? skip, ScanBudget? budget, CancellationToken ct) =>
            inner.Scan(range, rowPrefix, limit, skip, budget, ct);

        public async ValueTask<Outcome> Apply(string partition, IReadOnlyList<Change> changes, CancellationToken ct)
        {
            if (Fails == 0) throw new IOException("away");
            var outcome = await inner.Apply(partition, changes, ct);
            return Fails == 1 ? Outcome.Unknown : outcome;
        }
    }
}
