using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>The kinds of work that can be paused for a site, by the names that the Backbeat API has for them.</summary>
public static class SiteServices
{
    /// <summary>Copies to the site.</summary>
    public const string Crr = "crr";

    /// <summary>Objects that come from the site.</summary>
    public const string Ingestion = "ingestion";

    /// <summary>Rules of age for objects at the site.</summary>
    public const string Lifecycle = "lifecycle";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Crr, Ingestion, Lifecycle];
}

/// <summary>Whether the work of a site is paused. A site without a row is not.</summary>
internal sealed record SiteRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Whether new work is kept back.</summary>
    public bool Paused { get; init; }

    /// <summary>When it is to go on by itself; null where somebody has to say so.</summary>
    public DateTimeOffset? ResumeAt { get; init; }

    /// <summary>Tells the schedule from those before it, whose messages are still under way; null where there is none.</summary>
    public string? Schedule { get; init; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>What is known of a site's work.</summary>
/// <param name="IsPaused">Whether new work is kept back.</param>
/// <param name="ResumeAt">When it goes on by itself; null for never.</param>
public readonly record struct SiteWork(bool IsPaused, DateTimeOffset? ResumeAt);

/// <summary>
/// Which sites' work is paused, in the partition <c>states</c> of the table <c>replication</c>: the row <c>SERVICE.SITE</c> is a
/// <see cref="SiteRow"/>. All rows together are kept in memory as rows of buckets are: on one machine until they are changed,
/// elsewhere for the time that the installation allows.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="queue">Takes the messages that let work go on.</param>
/// <param name="consistency">What is owed to other instances.</param>
/// <param name="clock">The time.</param>
public sealed class SiteStates(ITable table, IQueue queue, Consistency consistency, TimeProvider clock)
{
    /// <summary>The longest pause that can be scheduled: ten years.</summary>
    public const int MostHours = 10 * 365 * 24;

    private const string Partition = "states";
    private const int Attempts = 100;

    /// <summary>Longer than a commit may take: a message that is to come after it, whatever becomes of who sent it.</summary>
    private static readonly TimeSpan AfterCommit = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private long epoch;
    private Snapshot? known;

    private sealed record Snapshot(IReadOnlyDictionary<string, SiteRow> Rows, long Read);

    /// <summary>Whether new work of the site is to be kept back.</summary>
    public ValueTask<bool> IsPaused(string service, string site, CancellationToken ct)
    {
        if (Known() is { } rows) return new(rows.Count > 0 && rows.GetValueOrDefault(Name(service, site)) is { Paused: true });
        return Slowly();

        async ValueTask<bool> Slowly() => (await Load(ct)).GetValueOrDefault(Name(service, site)) is { Paused: true };
    }

    /// <summary>The same, read anew.</summary>
    internal async ValueTask<bool> IsPausedNow(string service, string site, CancellationToken ct)
    {
        var isPaused = (await Find(service, site, ct)).State is { Paused: true };
        if (isPaused != await IsPaused(service, site, ct)) Forget();
        return isPaused;
    }

    /// <summary>What is known of a service, by site. Sites of which nothing was ever said are not in it: they are not paused.</summary>
    public async ValueTask<IReadOnlyDictionary<string, SiteWork>> All(string service, CancellationToken ct)
    {
        var start = service + ".";
        return (Known() ?? await Load(ct)).Where(row => row.Key.StartsWith(start, StringComparison.Ordinal)).ToDictionary(
            row => row.Key[start.Length..], row => new SiteWork(row.Value.Paused, row.Value.Paused ? row.Value.ResumeAt : null), StringComparer.Ordinal);
    }

    /// <summary>Keeps new work back. What is under way is finished; nothing happens where it is paused already.</summary>
    public ValueTask Pause(string service, string site, CancellationToken ct) =>
        Change(service, site, row => row is { Paused: true } ? null : new() { Paused = true, At = clock.GetUtcNow() }, ct);

    /// <summary>Lets work go on, with what was kept back. Nothing happens where it is not paused.</summary>
    public async ValueTask Resume(string service, string site, CancellationToken ct)
    {
        if ((await Find(service, site, ct)).State is not { Paused: true }) return;
        var message = ParkedMessages.Write(new() { Service = service, Site = site });
        await queue.Send(SendParked.QueueName, message, AfterCommit, ct);
        await Change(service, site, row => row is { Paused: true } ? new() { At = clock.GetUtcNow() } : null, ct);
        await queue.Send(SendParked.QueueName, message, TimeSpan.Zero, ct);
    }

    /// <summary>Lets work go on by itself after so many hours, 1 to <see cref="MostHours"/>, instead of what was scheduled before. Nothing happens where it is not paused.</summary>
    public async ValueTask Schedule(string service, string site, int hours, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hours, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hours, MostHours);
        if ((await Find(service, site, ct)).State is not { Paused: true }) return;
        var (due, schedule) = (Rows.Now(clock) + TimeSpan.FromHours(hours), Ids.Random(16));
        var message = ParkedMessages.Write(new() { Service = service, Site = site, Schedule = schedule });
        await queue.Send(SendParked.QueueName, message, SendParked.Until(due, clock), ct);
        await Change(service, site, row => row is { Paused: true } ? row with { ResumeAt = due, Schedule = schedule, At = clock.GetUtcNow() } : null, ct);
    }

    /// <summary>Takes back what was scheduled.</summary>
    public ValueTask Cancel(string service, string site, CancellationToken ct) =>
        Change(service, site, row => row is { Schedule: not null } ? row with { ResumeAt = null, Schedule = null, At = clock.GetUtcNow() } : null, ct);

    /// <summary>The row of a site, read anew.</summary>
    internal async ValueTask<(SiteRow? State, Row? Row)> Find(string service, string site, CancellationToken ct)
    {
        var row = await table.Get(new(Partition, Name(service, site)), ct);
        return (row is null ? null : StoredJson.Read(row.Value, ReplicationJson.Default.SiteRow), row);
    }

    private static string Name(string service, string site) => service + "." + site;

    private async ValueTask Change(string service, string site, Func<SiteRow?, SiteRow?> next, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (state, row) = await Find(service, site, ct);
            if (next(state) is not { } changed) return;
            var put = State.Change.Put(Name(service, site), Condition.AsRead(row), StoredJson.Write(changed, ReplicationJson.Default.SiteRow));
            var outcome = await table.Apply(Partition, [put], ct);
            Forget();
            if (outcome == Outcome.Committed) return;
            // Of an answer that was lost nothing is known; what was meant is asked for again.
        }
        throw new IOException($"The state of the site {site} is changed too often.");
    }

    private IReadOnlyDictionary<string, SiteRow>? Known() =>
        Volatile.Read(ref known) is { } snapshot && (!consistency.IsShared || clock.GetElapsedTime(snapshot.Read) < consistency.CacheAge)
            ? snapshot.Rows
            : null;

    private async ValueTask<IReadOnlyDictionary<string, SiteRow>> Load(CancellationToken ct)
    {
        var (before, read) = (Interlocked.Read(ref epoch), clock.GetTimestamp());
        var rows = new Dictionary<string, SiteRow>(StringComparer.Ordinal);
        await foreach (var row in table.Scan(KeyRange.Partition(Partition), null, null, ct))
            rows[row.Key.Row] = StoredJson.Read(row.Value, ReplicationJson.Default.SiteRow);
        lock (gate)
        {
            if (epoch == before) known = new(rows, read);
        }
        return rows;
    }

    private void Forget()
    {
        lock (gate)
        {
            epoch++;
            known = null;
        }
    }
}
