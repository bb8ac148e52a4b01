using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Usage;

/// <summary>The rows of counters (see <see cref="UsageRow"/>), as one instance reads and writes them.</summary>
internal sealed class UsageTable(ITable table, UsageOptions options, TimeProvider clock, string instance)
{
    private const string BaseRow = "base";
    private const string WalkRowName = "walk";
    private const string InstanceRows = "i.";
    private const string HourRowName = "hour";
    private const int Attempts = 100;

    /// <summary>Dead instances' rows that one commit can take; the others are taken the next time.</summary>
    private const int Folds = 50;

    private string Mine => InstanceRows + instance;

    /// <summary>What all rows say together.</summary>
    public async ValueTask<Tally> Total(string bucketId, CancellationToken ct) => (await Read(bucketId, ct)).Sum(_ => true);

    /// <summary>The same of every bucket, one after the other.</summary>
    public async IAsyncEnumerable<(CountedBucket Bucket, Tally Total)> All([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var (bucket, total) = (default(CountedBucket), default(Tally));
        await foreach (var row in table.Scan(new(new("", ""), TableKey.End), null, null, ct))
        {
            if (!IsCounter(row)) continue;
            var stored = StoredJson.Read(row.Value, UsageJson.Default.UsageRow);
            if (row.Key.Partition != bucket.Id)
            {
                if (bucket.Id is not null) yield return (bucket, total);
                (bucket, total) = (new(row.Key.Partition, stored.Bucket, stored.Account), default);
            }
            bucket = bucket with { Account = bucket.Account ?? stored.Account };
            total += stored.Amount;
        }
        if (bucket.Id is not null) yield return (bucket, total);
    }

    /// <summary>What a bucket has held in the current hour; null where its counter was never written.</summary>
    public async ValueTask<HourRow?> Hour(string bucketId, CancellationToken ct) => (await Read(bucketId, ct)).Hour?.Value;

    /// <summary>
    /// Opens a counter: from now on its row says that changes may be missing. What dead instances left is added to the base.
    /// </summary>
    /// <param name="bucket">Which bucket's.</param>
    /// <param name="ask">Asks for a walk, because a dead instance may have left out its last changes, or not all is known.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<BucketUsage> Open(CountedBucket bucket, Func<CountedBucket, CancellationToken, ValueTask> ask, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var rows = await Read(bucket.Id, ct);
            var now = clock.GetUtcNow();
            var dead = rows.Instances.Where(row => IsDead(row, now)).Take(Folds).ToList();
            List<Change> changes = [Put(Mine, Condition.AsRead(rows.Mine?.Row), new() { Bucket = bucket.Name, Account = bucket.Account, At = now })];
            if (dead.Count > 0)
            {
                changes.Add(PutBase(rows, bucket, Sum(dead, row => row.Amount), Sum(dead, row => row.Moved)));
                changes.AddRange(dead.Select(row => Change.Delete(row.Row.Key.Row, Condition.Is(row.Row.Stamp))));
            }
            // Written before locations were told apart, or left open by a walk: another one finds out.
            if (dead.Count > 0 || rows.Sum(_ => true).At(Tally.Unknown) != default) await ask(bucket, ct);
            // A walk that the last process handed over: the changes behind its cursor are counted from the first one on.
            var handed = options.IsAlone && rows.Walk is { Value.Owner: null } ? rows.Walk : null;
            if (handed is not null) changes.Add(PutWalk(Condition.Is(handed.Row.Stamp), handed.Value with { Owner = instance }));
            if (!await Settled(table.Apply(bucket.Id, changes, ct))) continue;
            var counter = new BucketUsage(bucket, rows.Sum(row => row != rows.Mine), now);
            if (handed is not null) counter.Attach(new(counter, isAlone: true, handed.Value));
            return counter;
        }
        throw new IOException($"The counters of the bucket {bucket.Name} are changed too often.");
    }

    /// <summary>Writes what the counter says, and reads what the others say.</summary>
    public async ValueTask Flush(BucketUsage counter, CancellationToken ct)
    {
        var bucket = counter.Bucket;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var rows = await Read(bucket.Id, ct);
            // Taken for dead: others have added what it said to the base.
            if (rows.Mine is null) counter.Folded();
            var (own, now) = (counter.Own, clock.GetUtcNow());
            var put = Put(Mine, Condition.AsRead(rows.Mine?.Row), new() { Bucket = bucket.Name, Account = bucket.Account, Amount = own.Amount, Moved = own.Moved, At = now });
            if (!await Settled(table.Apply(bucket.Id, [put, PutHour(rows, (own.Amount + rows.Sum(row => row != rows.Mine)).Total, now)], ct))) continue;
            counter.Flushed(own, rows.Sum(row => row != rows.Mine), now);
            return;
        }
    }

    /// <summary>Adds what a retired counter says to the base; a walk in it is handed over.</summary>
    public async ValueTask Close(BucketUsage counter, CancellationToken ct)
    {
        var bucket = counter.Bucket;
        while (true)
        {
            var rows = await Read(bucket.Id, ct);
            if (rows.Mine is null) counter.Folded();
            var own = counter.Own;
            List<Change> changes = [PutBase(rows, bucket, own.Amount, own.Moved)];
            changes.Add(PutHour(rows, (own.Amount + rows.Sum(row => row != rows.Mine)).Total, clock.GetUtcNow()));
            if (rows.Mine is { } mine) changes.Add(Change.Delete(Mine, Condition.Is(mine.Row.Stamp)));
            if (counter.Walk is { } walk) changes.Add(PutWalk(Condition.Any, walk.Row(owner: null)));
            if (await Settled(table.Apply(bucket.Id, changes, ct))) return;
        }
    }

    /// <summary>
    /// The walk that is to go on: that of the counter, or one that another run of this bucket has begun, or a new one. Null
    /// where one is running.
    /// </summary>
    public async ValueTask<UsageWalk?> BeginWalk(BucketUsage counter, CancellationToken ct)
    {
        if (counter.Walk is { } attached) return attached.Enter() ? attached : null;
        var bucket = counter.Bucket;
        var rows = await Read(bucket.Id, ct);
        // Where nobody else counts, one that is not this process's lacks the changes since it was stored.
        var stored = options.IsAlone || rows.Walk is not { } begun
            ? new WalkRow { Id = Guid.NewGuid().ToString("n"), Owner = instance, MovedBefore = rows.Moved() }
            : begun.Value with { Owner = instance };
        if (!await Settled(table.Apply(bucket.Id, [PutWalk(Condition.AsRead(rows.Walk?.Row), stored)], ct))) return null;
        var walk = new UsageWalk(counter, options.IsAlone, stored);
        walk.Enter();
        return !options.IsAlone || counter.Attach(walk) ? walk : null;
    }

    /// <summary>Stores how far a walk has come; false where another has taken it over.</summary>
    public async ValueTask<bool> Save(UsageWalk walk, CancellationToken ct)
    {
        var bucket = walk.Counter.Bucket;
        if (await table.Get(new(bucket.Id, WalkRowName), ct) is not { } row) return false;
        var stored = StoredJson.Read(row.Value, UsageJson.Default.WalkRow);
        return stored.Id == walk.Id && stored.Owner == instance
            && await Settled(table.Apply(bucket.Id, [PutWalk(Condition.Is(row.Stamp), walk.Row(instance))], ct));
    }

    /// <summary>
    /// Sets the base right by what the walk has found. Where others count too, a difference that their changes during the walk
    /// may explain is left as it is; false says that there was one.
    /// </summary>
    public async ValueTask<bool> Finish(UsageWalk walk, CancellationToken ct)
    {
        var (counter, bucket) = (walk.Counter, walk.Counter.Bucket);
        while (true)
        {
            var rows = await Read(bucket.Id, ct);
            var found = options.IsAlone ? counter.Wrong(walk) : walk.Counted - rows.Sum(_ => true);
            var wrong = options.IsAlone ? found : found.Beyond(rows.Moved() - walk.MovedBefore);
            List<Change> changes = [PutBase(rows, bucket, wrong, default)];
            if (rows.Walk is { } stored)
            {
                if (stored.Value.Id != walk.Id) return true; // another one has taken it over
                changes.Add(Change.Delete(WalkRowName, Condition.Is(stored.Row.Stamp)));
            }
            if (!await Settled(table.Apply(bucket.Id, changes, ct))) continue;
            counter.Corrected(wrong);
            return wrong == found;
        }
    }

    /// <summary>Removes everything about a bucket that is gone.</summary>
    public async ValueTask Forget(string bucketId, CancellationToken ct)
    {
        await foreach (var row in table.Scan(KeyRange.Partition(bucketId), null, null, ct))
            await table.Apply(bucketId, [Change.Delete(row.Key.Row, Condition.Any)], ct);
    }

    /// <summary>The buckets of which another instance's row stands.</summary>
    public async IAsyncEnumerable<CountedBucket> Left([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var row in table.Scan(new(new("", ""), TableKey.End), InstanceRows, null, ct))
        {
            if (row.Key.Row == Mine) continue;
            var left = StoredJson.Read(row.Value, UsageJson.Default.UsageRow);
            yield return new(row.Key.Partition, left.Bucket, left.Account);
        }
    }

    /// <inheritdoc cref="UsageCounters.Expiring"/>
    public ExpiringRows Expiring(Func<CountedBucket, CancellationToken, ValueTask<bool>> isThere) => new(
        "usage", table, _ => new(new("", ""), TableKey.End), async (row, ct) =>
        {
            if (!IsCounter(row))
            {
                // The others tell whose it is, and go first.
                await foreach (var other in table.Scan(KeyRange.Partition(row.Key.Partition), null, null, ct))
                    if (IsCounter(other)) return null;
                return DateTimeOffset.MinValue;
            }
            var stored = StoredJson.Read(row.Value, UsageJson.Default.UsageRow);
            return await isThere(new(row.Key.Partition, stored.Bucket, stored.Account), ct) ? null : stored.At;
        },
        TimeSpan.FromDays(1));

    private static bool IsCounter(Row row) => row.Key.Row is not (WalkRowName or HourRowName);

    private bool IsDead(Found<UsageRow> row, DateTimeOffset now) =>
        row.Row.Key.Row != Mine && (options.IsAlone || now - row.Value.At > options.Dead);

    private async ValueTask<UsageRows> Read(string bucketId, CancellationToken ct)
    {
        var rows = new UsageRows();
        await foreach (var row in table.Scan(KeyRange.Partition(bucketId), null, null, ct))
        {
            if (row.Key.Row == WalkRowName)
            {
                rows.Walk = new(row, StoredJson.Read(row.Value, UsageJson.Default.WalkRow));
                continue;
            }
            if (row.Key.Row == HourRowName)
            {
                rows.Hour = new(row, StoredJson.Read(row.Value, UsageJson.Default.HourRow));
                continue;
            }
            var found = new Found<UsageRow>(row, StoredJson.Read(row.Value, UsageJson.Default.UsageRow));
            if (row.Key.Row == BaseRow) rows.Base = found;
            else rows.Instances.Add(found);
            if (row.Key.Row == Mine) rows.Mine = found;
        }
        return rows;
    }

    private Change PutBase(UsageRows rows, CountedBucket bucket, Tally more, Tally moved) => Put(
        BaseRow, Condition.AsRead(rows.Base?.Row),
        new()
        {
            Bucket = bucket.Name,
            Account = bucket.Account ?? rows.Base?.Value.Account,
            Amount = (rows.Base?.Value.Amount ?? default) + more,
            Moved = (rows.Base?.Value.Moved ?? default) + moved,
            At = clock.GetUtcNow(),
        });

    // In the transaction that is made anyway. Whoever writes, another instance too, goes on from what the last one left.
    private static Change PutHour(UsageRows rows, Amount total, DateTimeOffset now)
    {
        var hour = rows.Hour?.Value.At(now) ?? new HourRow { Until = now, Held = total.Held, Peak = total.Held };
        var value = hour with { Held = total.Held, Peak = Math.Max(hour.Peak, total.Held) };
        return Change.Put(HourRowName, Condition.AsRead(rows.Hour?.Row), StoredJson.Write(value, UsageJson.Default.HourRow));
    }

    private static Change Put(string row, Condition condition, UsageRow value) =>
        Change.Put(row, condition, StoredJson.Write(value, UsageJson.Default.UsageRow));

    private static Change PutWalk(Condition condition, WalkRow value) =>
        Change.Put(WalkRowName, condition, StoredJson.Write(value, UsageJson.Default.WalkRow));

    private static Tally Sum(IEnumerable<Found<UsageRow>> rows, Func<UsageRow, Tally> what) =>
        rows.Aggregate(default(Tally), (sum, row) => sum + what(row.Value));

    private static async ValueTask<bool> Settled(ValueTask<Outcome> applying) => await applying switch
    {
        Outcome.Committed => true,
        Outcome.Refused => false,
        _ => throw new IOException("Nobody knows whether a counter was written."),
    };

    private sealed record Found<T>(Row Row, T Value);

    /// <summary>The rows of a bucket as they were read.</summary>
    private sealed class UsageRows
    {
        public Found<UsageRow>? Base { get; set; }

        public Found<UsageRow>? Mine { get; set; }

        public List<Found<UsageRow>> Instances { get; } = [];

        public Found<WalkRow>? Walk { get; set; }

        public Found<HourRow>? Hour { get; set; }

        public Tally Sum(Func<Found<UsageRow>, bool> which) => UsageTable.Sum(All().Where(which), row => row.Amount);

        public Tally Moved() => UsageTable.Sum(All(), row => row.Moved);

        private IEnumerable<Found<UsageRow>> All() => Base is null ? Instances : Instances.Prepend(Base);
    }
}
