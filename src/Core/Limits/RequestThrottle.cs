using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Limits;

/// <summary>
/// Keeps requests within the limits of who sends them and of the bucket that they are about: each is a bucket of tokens that holds a
/// minute's requests, or a second's bytes. In memory where one process serves. Where several do, a row of the partition <c>limits</c>
/// of each that is limited holds the levels: an instance that lets requests in reads it first, and from then on tells it every
/// <see cref="Interval"/> what it took and is told what the others took, until the buckets are full again. So what all take together
/// passes a limit by what the others took within twice that interval, which is paid back by waiting longer. Where nothing is limited
/// no row is read.
/// </summary>
/// <param name="table">Where rows are.</param>
/// <param name="isShared">Whether other processes serve, too.</param>
/// <param name="clock">The time.</param>
/// <param name="log">The server's log.</param>
public sealed class RequestThrottle(ITable table, bool isShared, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>How often instances tell each other what they took.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const string Partition = "limits";
    private const int Attempts = 10;

    /// <summary>Beyond so many, buckets of tokens that are full are looked for and forgotten.</summary>
    private const int Many = 1000;

    /// <summary>A row whose time is further ahead was written by a clock that was wrong.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    private static readonly ParallelOptions Some = new() { MaxDegreeOfParallelism = 8 };

    private readonly Lock gate = new();
    private readonly Dictionary<string, Budget> budgets = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private Task? loop;
    private int sweepAt = Many;

    /// <summary>The rows that nobody was limited by for long: full ones, worth nothing.</summary>
    public ExpiringRows Expiring => new(
        Partition, table, _ => KeyRange.Partition(Partition),
        (row, _) => new(StoredJson.Read(row.Value, LimitsJson.Default.BudgetRow).At), TimeSpan.FromDays(7));

    /// <summary>Of how many it knows what is left.</summary>
    internal int Known
    {
        get
        {
            lock (gate) return budgets.Count;
        }
    }

    private double Now => clock.GetElapsedTime(0, clock.GetTimestamp()).TotalSeconds;

    /// <summary>Lets a request in, or says when it may come again. Both limits hold; one that is refused is not counted.</summary>
    /// <param name="kind">What it does.</param>
    /// <param name="sender">Who sends it; the default for nobody.</param>
    /// <param name="bucket">What it is about; the default for none.</param>
    /// <param name="ct">Ends the wait for a row.</param>
    public ValueTask<Admission> Admit(RequestKind kind, Limited sender, Limited bucket, CancellationToken ct) =>
        sender.Limits is { IsAny: true } || bucket.Limits is { IsAny: true } ? AdmitLimited(kind, sender, bucket, ct) : default;

    /// <summary>Tells the others what was taken here, and is told what they took.</summary>
    internal async Task Sync(CancellationToken ct)
    {
        Budget[] all;
        lock (gate) all = [.. budgets.Values];
        await Parallel.ForEachAsync(all, Some, async (budget, _) => await Sync(budget, ct));
    }

    /// <summary>Pays for bytes that are about to be sent; how long to wait with that.</summary>
    internal TimeSpan Pay(Limited sender, Limited bucket, long bytes)
    {
        lock (gate)
        {
            var now = Now;
            return Max(Pay(sender), Pay(bucket));

            TimeSpan Pay(Limited of)
            {
                if (of.Limits is null) return TimeSpan.Zero;
                var (tokens, allowance) = Of(of).ForBytes;
                tokens.Take(bytes, allowance, now);
                return tokens.Wait(0, allowance, now);
            }
        }
    }

    /// <summary>Waits as long as <see cref="Pay"/> says.</summary>
    internal Task Wait(TimeSpan time, CancellationToken ct) => Task.Delay(time, clock, ct);

    /// <summary>Tells the others what they have not been told.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        Task? last;
        lock (gate) last = loop;
        if (last is not null)
        {
            await last;
            await Sync(CancellationToken.None);
        }
        stopping.Dispose();
    }

    private async ValueTask<Admission> AdmitLimited(RequestKind kind, Limited sender, Limited bucket, CancellationToken ct)
    {
        await Open(sender, ct);
        await Open(bucket, ct);
        lock (gate)
        {
            var now = Now;
            var all = new[] { sender, bucket }.Where(each => each.Limits is { IsAny: true }).Select(Of).ToArray();
            var wait = all.Select(budget => budget.For(kind)).Select(each => each.Tokens.Wait(1, each.Allowance, now)).Max();
            if (wait > TimeSpan.Zero) return new(wait, null);
            foreach (var (tokens, allowance) in all.Select(budget => budget.For(kind))) tokens.Take(1, allowance, now);
            var slowest = all.Select(budget => budget.ForBytes.Allowance).Where(each => each.IsLimit).Select(each => each.PerSecond).DefaultIfEmpty().Min();
            return new(TimeSpan.Zero, slowest > 0 ? new Pace(this, sender, bucket, slowest) : null);
        }
    }

    private async ValueTask Open(Limited of, CancellationToken ct)
    {
        if (of.Limits is not { IsAny: true }) return;
        Budget budget;
        lock (gate)
        {
            budget = Of(of);
            budget.Of = of;
            if (isShared && !stopping.IsCancellationRequested) loop ??= Task.Run(Loop, CancellationToken.None);
            if (budgets.Count > sweepAt) Sweep();
        }
        if (isShared && !Volatile.Read(ref budget.IsRead)) await Sync(budget, ct);
    }

    // Under the gate.
    private Budget Of(Limited of) => budgets.TryGetValue(of.Key, out var known) ? known : budgets[of.Key] = new(of);

    private void Sweep()
    {
        var now = Now;
        foreach (var (key, budget) in budgets)
            if (budget.IsFull(now) && (!isShared || budget.IsTold)) budgets.Remove(key);
        sweepAt = Math.Max(Many, 2 * budgets.Count);
    }

    private async Task Loop()
    {
        while (true)
        {
            try
            {
                await Task.Delay(Interval, clock, stopping.Token);
                await Sync(stopping.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.Failed(log, e); // whatever it is, the next are to be told
            }
            lock (gate)
            {
                Sweep();
                if (budgets.Count > 0) continue;
                loop = null;
                return;
            }
        }
    }

    private async ValueTask Sync(Budget budget, CancellationToken ct)
    {
        await budget.Row.WaitAsync(ct);
        try
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
                if (await TrySync(budget, ct)) return;
        }
        catch (IOException e)
        {
            // Until it can be reached each instance keeps the limit for itself.
            Log.NotTold(log, budget.Of.Key, e.Message);
        }
        finally
        {
            Volatile.Write(ref budget.IsRead, true);
            budget.Row.Release();
        }
    }

    private async ValueTask<bool> TrySync(Budget budget, CancellationToken ct)
    {
        var key = new TableKey(Partition, budget.Of.Key);
        var row = await table.Get(key, ct);
        var stored = row is null ? null : StoredJson.Read(row.Value, LimitsJson.Default.BudgetRow);
        var (now, at) = (Now, clock.GetUtcNow());
        List<(string Name, TokenBucket Tokens, double Untold, double Left)> all = [];
        lock (gate)
        {
            foreach (var (name, tokens, allowance) in budget.All())
                all.Add((name, tokens, tokens.Untold, (stored?.Level(name, allowance, at) ?? allowance.Burst) - tokens.Untold));
        }
        if (all.Exists(each => each.Untold != 0))
        {
            // Clocks may differ: time that another has let flow in does not flow in again.
            var until = stored is not null && stored.At > at && stored.At - at < Skew ? stored.At : at;
            var next = new BudgetRow { At = until, Levels = all.ToDictionary(each => each.Name, each => each.Left) };
            var outcome = await table.Apply(Partition, [Change.Put(key.Row, Condition.AsRead(row), StoredJson.Write(next, LimitsJson.Default.BudgetRow))], ct);
            if (outcome == Outcome.Refused) return false;
            if (outcome == Outcome.Unknown) throw new IOException("Nobody knows whether the row was written.");
        }
        lock (gate)
        {
            foreach (var (_, tokens, untold, left) in all) tokens.Told(untold, left, now);
        }
        return true;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

/// <summary>Whether a request is let in.</summary>
/// <param name="Wait">Zero where it is; else when it may come again.</param>
/// <param name="Pace">How fast its answer may be sent; null for any.</param>
public readonly record struct Admission(TimeSpan Wait, Pace? Pace);
