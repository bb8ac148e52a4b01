using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.History;
using ZenkoFunctions.Core.Monitoring;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.History;

public sealed class HistoryTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 4, 5, 30, 0, TimeSpan.Zero);

    private readonly ManualClock clock = new(Begin);
    private readonly InMemoryTable table = new();
    private long pending;
    private int looks;

    private HistoryRecorder Recorder(RequestCounts counts) => new(table, counts, Stand, clock, NullLogger.Instance);

    private ValueTask<Standing> Stand(bool withStored, CancellationToken ct)
    {
        looks++;
        return new(new Standing(withStored ? [new("here", 10 * looks, looks)] : null, [new("far", pending, 0, 0, 100 * looks, 0, 0, null, 1.5)]));
    }

    private static void Ask(RequestCounts counts, string protocol, int status, int count = 1)
    {
        for (var i = 0; i < count; i++) counts.Of(protocol, "Any").Add(status, 10, 100, TimeSpan.FromMilliseconds(1));
    }

    private async Task Minute(params HistoryRecorder[] all)
    {
        clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var one in all) await one.Write(default);
    }

    private ValueTask<IReadOnlyList<HistoryPoint>> Read(DateTimeOffset from, int minutes) =>
        new HistoryReader(table).Read(from, clock.GetUtcNow(), TimeSpan.FromMinutes(minutes), default);

    private async Task<int> Rows() => await table.Scan(new(new("", ""), TableKey.End), null, null, default).CountAsync();

    [Fact]
    public async Task A_minute_has_what_all_processes_counted_in_it_and_how_things_stood_told_once()
    {
        var (one, other) = (new RequestCounts(), new RequestCounts());
        HistoryRecorder[] all = [Recorder(one), Recorder(other)];
        Ask(one, "s3", 200, 3);
        Ask(one, "s3", 404);
        Ask(other, "s3", 503);
        Ask(other, "blob", 201);
        await Minute(all);
        Ask(one, "s3", 200);
        pending = 7;
        await Minute(all);
        await Minute(all);
        Assert.Equal(3, looks);
        var points = await Read(Begin, 1);
        Assert.Equal([Begin, Begin.AddMinutes(1), Begin.AddMinutes(2)], points.Select(point => point.Start));
        Assert.Equal([new("blob", 1, 0, 0, 10, 100), new("s3", 3, 1, 1, 50, 500)], points[0].Requests);
        Assert.Equal([new("s3", 1, 0, 0, 10, 100)], points[1].Requests);
        Assert.Empty(points[2].Requests);
        Assert.Equal((0, 7), (points[0].Sites!.Single().Pending, points[1].Sites!.Single().Pending));
        Assert.Equal(10, points[0].Stored!.Single().Bytes);
        // Three of how things stood, two processes of the first minute, one of the second.
        Assert.Equal(6, await Rows());
    }

    [Fact]
    public async Task Quarters_of_an_hour_are_added_up_once_and_outlive_their_minutes_and_restarts()
    {
        var counts = new RequestCounts();
        var recorder = Recorder(counts);
        for (var i = 0; i < 40; i++)
        {
            Ask(counts, "s3", 200, i < 15 ? 2 : 1);
            await Minute(recorder);
        }
        // Another process comes, and finds that it is done.
        await using (var fresh = Recorder(new())) await Minute(fresh);
        async Task<string> Sums() => string.Join(' ', (await Read(Begin, 15)).Select(point => point.Requests.Sum(each => each.Done)));
        Assert.Equal("30 15 10", await Sums());
        Assert.Equal(2, await table.Scan(new(new("r.15.", ""), new("r.15/", "")), null, null, default).CountAsync());
        clock.Advance(HistoryRecorder.MinutesKept);
        foreach (var kind in recorder.Expiring) await Expire(kind);
        Assert.Equal("30 15", await Sums());
        Assert.Empty(await table.Scan(new(new("r.01.", ""), new("r.01/", "")), null, null, default).ToListAsync());
        clock.Advance(HistoryRecorder.QuartersKept);
        foreach (var kind in recorder.Expiring) await Expire(kind);
        Assert.Equal(0, await Rows());
    }

    // As the walk does it.
    private async Task Expire(ExpiringRows kind)
    {
        var now = clock.GetUtcNow();
        await foreach (var row in kind.Table.Scan(kind.Range(now), null, null, default))
            if (await kind.EndOf(row, default) is { } end && end + kind.Grace <= now) await kind.Table.Apply(row.Key.Partition, [Change.Delete(row.Key.Row, Condition.Is(row.Stamp))], default);
    }

    [Fact]
    public async Task What_was_counted_before_a_stop_or_could_not_be_written_is_written_later()
    {
        var counts = new RequestCounts();
        var recorder = Recorder(counts);
        recorder.Start();
        Ask(counts, "s3", 200);
        clock.Advance(TimeSpan.FromSeconds(20));
        await recorder.DisposeAsync();
        clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, Assert.Single(await Read(Begin, 1)).Requests.Single().Done);
        await recorder.DisposeAsync();
        Assert.Equal(1, await Rows());
    }
}
