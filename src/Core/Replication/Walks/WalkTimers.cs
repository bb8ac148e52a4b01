using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>A walk that is started from time to time.</summary>
public sealed record WalkTimer
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The name of the walk.</summary>
    public required string Id { get; init; }

    /// <summary>Tells it from earlier ones of its name, whose messages are still under way.</summary>
    public required string Run { get; init; }

    /// <summary>What is started.</summary>
    public required WalkRequest Request { get; init; }

    /// <summary>Every so many hours; 1 to <see cref="MostHours"/>.</summary>
    public required int Hours { get; init; }

    /// <summary>How long that is, where it is no number of hours.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? Every { get; init; }

    /// <summary>How long it is from one start to the next.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public TimeSpan Period => Every ?? TimeSpan.FromHours(Hours);

    /// <summary>When it is started next.</summary>
    public required DateTimeOffset Next { get; init; }

    /// <summary>How often it was.</summary>
    public long Tick { get; init; }

    /// <summary>A year.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public static int MostHours => 366 * 24;
}

/// <summary>
/// Starts walks every so many hours: rows in the table <c>replication</c>, partition <c>walk.timer</c>, and for each one message that
/// sends itself again. The next message is sent before the row counts on, and one that the row does not wait for is nothing.
/// </summary>
/// <param name="table">The table of replication.</param>
/// <param name="queue">Takes their messages.</param>
/// <param name="walks">The walks.</param>
/// <param name="clock">The time.</param>
public sealed class WalkTimers(ITable table, IQueue queue, Walks walks, TimeProvider clock)
{
    private const string Partition = "walk.timer";

    /// <summary>Starts the walk every so many hours from now on, instead of what was said before. Refused as <see cref="Walks.Start"/> does.</summary>
    public ValueTask<Result<WalkTimer>> Set(WalkRequest request, int hours, CancellationToken ct) => Set(request, hours, null, ct);

    private async ValueTask<Result<WalkTimer>> Set(WalkRequest request, int hours, TimeSpan? every, CancellationToken ct)
    {
        if (hours < 1 || hours > WalkTimer.MostHours) return Refusal.InvalidRequest.Because($"Hours must be 1 to {WalkTimer.MostHours}.");
        var checking = await walks.Check(request, ct);
        if (checking.Refusal is not null) return checking.As<WalkTimer>();
        var timer = new WalkTimer
        {
            Id = Walks.IdOf(request), Run = Guid.NewGuid().ToString("n"), Request = request, Hours = hours, Every = every, Next = clock.GetUtcNow() + (every ?? TimeSpan.FromHours(hours)),
        };
        await Applied(Change.Put(timer.Id, Condition.Any, StoredJson.Write(timer, WalkJson.Default.WalkTimer)), ct);
        await Send(timer, ct);
        return timer;
    }

    /// <summary>
    /// Before the first job, where there are other processes: what is pending is counted anew every day, because one of them may always
    /// have been cut off without anybody knowing. A timer that somebody has set stays.
    /// </summary>
    public async ValueTask Recount(CancellationToken ct)
    {
        var request = new WalkRequest { Purpose = WalkPurpose.Recount };
        if (await Find(Walks.IdOf(request), ct) is null) await Set(request, 24, ct);
    }

    /// <summary>Before the first job: lifecycle rules are looked at every hour, or as often as their days are over where those are shorter.</summary>
    public ValueTask Lifecycle(LifecycleDay day, CancellationToken ct) =>
        Keep(new() { Purpose = WalkPurpose.Lifecycle }, day.Length < TimeSpan.FromHours(1) ? day.Length : TimeSpan.FromHours(1), ct);

    /// <summary>Before the first job: what is mirrored is compared with its source that often.</summary>
    public ValueTask Ingest(TimeSpan every, CancellationToken ct) => Keep(new() { Purpose = WalkPurpose.Ingest }, every, ct);

    /// <summary>Before the first job: bytes that are nobody's are looked for every day.</summary>
    public ValueTask Collect(CancellationToken ct) => Keep(new() { Purpose = WalkPurpose.Collect }, TimeSpan.FromDays(1), ct);

    /// <summary>Before the first job: what was left behind is removed once a day.</summary>
    public ValueTask Expire(CancellationToken ct) => Keep(new() { Purpose = WalkPurpose.Expire }, TimeSpan.FromDays(1), ct);

    private async ValueTask Keep(WalkRequest request, TimeSpan period, CancellationToken ct)
    {
        var every = period == TimeSpan.FromHours(1) ? (TimeSpan?)null : period;
        if (await Find(Walks.IdOf(request), ct) is { } timer && timer.Every == every) return;
        await Set(request, 1, every, ct);
        await walks.Start(request, ct);
    }

    /// <summary>The timer of that name; null where there is none.</summary>
    public async ValueTask<WalkTimer?> Find(string id, CancellationToken ct) =>
        TableLimits.CanBe(new(Partition, id)) && await table.Get(new(Partition, id), ct) is { } row ? Read(row) : null;

    /// <summary>The timers by name, those behind <paramref name="after"/>; null for all.</summary>
    public async IAsyncEnumerable<WalkTimer> All(string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Partition(Partition);
        if (after is not null) range = range.After(after);
        await foreach (var row in table.Scan(range, null, null, ct)) yield return Read(row);
    }

    /// <summary>Starts it no more; false where there is none of that name.</summary>
    public async ValueTask<bool> Cancel(string id, CancellationToken ct)
    {
        if (await Find(id, ct) is null) return false;
        await Applied(Change.Delete(id, Condition.Any), ct);
        return true;
    }

    /// <summary>Does what a message of a timer is for.</summary>
    internal async ValueTask<JobOutcome> Run(WalkMessage message, CancellationToken ct)
    {
        if (await table.Get(new(Partition, message.Id), ct) is not { } row) return JobOutcome.Done;
        var timer = Read(row);
        if (timer.Run != message.Run || timer.Tick != message.Tick) return JobOutcome.Done;
        var now = clock.GetUtcNow();
        if (timer.Next > now) return JobOutcome.After(DelayUntil(timer.Next, now));
        if ((await walks.Start(timer.Request, ct)).Refusal is Refusal.NoSuchBucket or Refusal.NoSuchLocation)
        {
            await table.Apply(Partition, [Change.Delete(timer.Id, Condition.Is(row.Stamp))], ct);
            return JobOutcome.Done;
        }
        // Times that were missed are not made up for.
        var late = (long)Math.Ceiling((now - timer.Next) / timer.Period);
        var next = timer with { Tick = timer.Tick + 1, Next = timer.Next + timer.Period * Math.Max(1, late) };
        await Send(next, ct);
        await table.Apply(Partition, [Change.Put(timer.Id, Condition.Is(row.Stamp), StoredJson.Write(next, WalkJson.Default.WalkTimer))], ct);
        return JobOutcome.Done;
    }

    private ValueTask Send(WalkTimer timer, CancellationToken ct) => queue.Send(
        Walks.QueueName, StoredJson.Write(new() { Id = timer.Id, Run = timer.Run, Tick = timer.Tick }, WalkJson.Default.WalkMessage),
        DelayUntil(timer.Next, clock.GetUtcNow()), ct);

    private async ValueTask Applied(Change change, CancellationToken ct)
    {
        if (await table.Apply(Partition, [change], ct) == Outcome.Unknown) throw new IOException("Whether the timer was stored is not known; try again.");
    }

    private static TimeSpan DelayUntil(DateTimeOffset due, DateTimeOffset now) =>
        due <= now ? TimeSpan.Zero : due - now < QueueLimits.Delay ? due - now : QueueLimits.Delay;

    private static WalkTimer Read(Row row) => StoredJson.Read(row.Value, WalkJson.Default.WalkTimer);
}
