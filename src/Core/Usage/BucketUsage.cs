namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// The counter of a bucket in this process. Each change takes its lock twice for some nanoseconds, and nothing else: what is
/// in the table is behind by what was counted since the last flush.
/// </summary>
internal sealed class BucketUsage(CountedBucket bucket, Tally others, DateTimeOffset opened)
{
    private readonly Lock gate = new();

    // Changes under way. A walk that closes a range moves those that come on to the other count, and waits until the first
    // is zero.
    private readonly int[] running = new int[2];
    private int turn;
    private TaskCompletionSource? drained;
    private TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Tally others = others, own, moved, flushed, flushedMoved;
    private DateTimeOffset changed = opened;
    private long reserved;
    private int holds;
    private bool isRetired;
    private bool isDoubtful;
    private AccountUsage? account;

    /// <summary>Which bucket it is.</summary>
    public CountedBucket Bucket => bucket;

    /// <summary>One at a time reads and writes its rows.</summary>
    public SemaphoreSlim Rows { get; } = new(1);

    /// <summary>The walk that is under way here, be it that its job is cut off just now.</summary>
    public UsageWalk? Walk { get; private set; }

    /// <summary>Everything, as this process sees it.</summary>
    public Tally Total
    {
        get
        {
            lock (gate) return others + own;
        }
    }

    /// <summary>A change of rows in that partition begins; or what to wait for before it may.</summary>
    /// <param name="partition">Where the rows are.</param>
    /// <param name="ticket">To be given back by <see cref="End"/>.</param>
    public Task? Begin(string partition, out int ticket)
    {
        lock (gate)
        {
            ticket = turn;
            if (isRetired) return closed.Task;
            if (Walk?.Gate(partition) is { } wait) return wait;
            running[turn]++;
            return null;
        }
    }

    /// <summary>A change is over.</summary>
    /// <param name="ticket">What its beginning gave.</param>
    /// <param name="partition">Where its rows are.</param>
    /// <param name="change">What it came to; nothing where it was not committed.</param>
    /// <param name="reservation">What was set aside for it, where it was committed.</param>
    public void End(int ticket, string partition, UsageChange change, Reservation? reservation)
    {
        lock (gate)
        {
            if (change != default)
            {
                own += change.Objects + change.Uploads;
                moved += change.Objects.Size() + change.Uploads.Size();
                Walk?.Changed(partition, change);
            }
            if (reservation is not null) Free(reservation);
            Tell();
            if (--running[ticket] == 0 && ticket != turn) drained?.TrySetResult();
        }
    }

    /// <summary>Nobody knows what became of a change: only a walk can tell.</summary>
    public void Doubt()
    {
        lock (gate) isDoubtful = true;
    }

    /// <summary>Whether there was a doubt since the last time it was asked.</summary>
    public bool TakeDoubt()
    {
        lock (gate) return isDoubtful && !(isDoubtful = false);
    }

    /// <summary>Sets bytes aside; null where there is no room for them, or the counter is closed.</summary>
    /// <param name="bytes">How many; none can always be had.</param>
    /// <param name="quotas">The most that may be held.</param>
    /// <param name="wait">What to wait for before it may be tried again, where the counter is closed.</param>
    public Reservation? Reserve(long bytes, Quotas quotas, out Task? wait)
    {
        lock (gate)
        {
            wait = isRetired ? closed.Task : null;
            if (isRetired || !Grow(bytes, quotas)) return null;
            holds++;
            return new(this) { Bytes = bytes, IsBoundByAccount = quotas.BoundsAccount };
        }
    }

    /// <inheritdoc cref="Reservation.Resize"/>
    public bool Resize(Reservation reservation, long bytes, Quotas quotas)
    {
        lock (gate)
        {
            var more = bytes - reservation.Bytes;
            // What was set aside before the account was bounded was not held against its bound.
            if (quotas.BoundsAccount && !reservation.IsBoundByAccount && account!.Sum > quotas.Account - Math.Max(0, more)) return false;
            if (!Grow(more, quotas)) return false;
            (reservation.Bytes, reservation.IsBoundByAccount) = (bytes, quotas.BoundsAccount);
            return true;
        }
    }

    /// <summary>What was set aside is free.</summary>
    public void Release(Reservation reservation)
    {
        lock (gate)
        {
            Free(reservation);
            Tell();
        }
    }

    /// <summary>Tells the account from now on what the bucket holds.</summary>
    public void TellTo(AccountUsage of)
    {
        lock (gate)
        {
            if (account == of) return;
            account = of;
            Tell();
        }
    }

    /// <summary>Whether something is to be written.</summary>
    public bool IsChanged
    {
        get
        {
            lock (gate) return own != flushed || moved != flushedMoved || isDoubtful;
        }
    }

    /// <summary>When a change was written last.</summary>
    public DateTimeOffset Changed
    {
        get
        {
            lock (gate) return changed;
        }
    }

    /// <summary>What its row is to say.</summary>
    public (Tally Amount, Tally Moved) Own
    {
        get
        {
            lock (gate) return (own, moved);
        }
    }

    /// <summary>The row that it had is gone: what it said has been added to the base.</summary>
    public void Folded()
    {
        lock (gate)
        {
            others += flushed;
            own -= flushed;
            moved -= flushedMoved;
            (flushed, flushedMoved) = (default, default);
        }
    }

    /// <summary>Its row says that now, and all others together say this.</summary>
    public void Flushed((Tally Amount, Tally Moved) row, Tally otherRows, DateTimeOffset at)
    {
        lock (gate)
        {
            if (row != (flushed, flushedMoved)) changed = at;
            (flushed, flushedMoved) = row;
            others = otherRows;
            Tell();
        }
    }

    /// <summary>The base was set right by so much.</summary>
    public void Corrected(Tally correction)
    {
        lock (gate)
        {
            others += correction;
            Walk = null;
            Tell();
        }
    }

    /// <summary>What the rows are wrong by, once a walk has seen them all.</summary>
    public Tally Wrong(UsageWalk walk)
    {
        lock (gate) return walk.Counted + walk.Behind - others - own;
    }

    /// <summary>The walk is under way from now on; false where one is already.</summary>
    public bool Attach(UsageWalk walk)
    {
        lock (gate)
        {
            if (isRetired || Walk is not null) return false;
            Walk = walk;
            return true;
        }
    }

    /// <summary>Does something while nothing changes, for an instant.</summary>
    public T Still<T>(Func<T> look)
    {
        lock (gate) return look();
    }

    /// <summary>Lets the changes that come be counted apart; completes when those before them are over.</summary>
    public Task Drain(Action close)
    {
        lock (gate)
        {
            close();
            var before = turn;
            turn ^= 1;
            if (running[before] == 0) return Task.CompletedTask;
            drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return drained.Task;
        }
    }

    /// <summary>Nobody may begin anything any more; false where something is under way.</summary>
    /// <param name="withWalk">Whether a walk does not count as that: it is handed over.</param>
    public bool Retire(bool withWalk)
    {
        lock (gate)
        {
            if (running[0] + running[1] + holds > 0 || (Walk is not null && !withWalk)) return false;
            return isRetired = true;
        }
    }

    /// <summary>Those who wait look for another counter, or for this one where it goes on after all.</summary>
    public void Closed(bool isOver)
    {
        lock (gate)
        {
            isRetired = isOver;
            closed.TrySetResult();
            if (!isOver) closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private bool Grow(long more, Quotas quotas)
    {
        var held = (others + own).Total.Held + reserved;
        if (more > 0 && held > quotas.Bucket - more) return false;
        if (account?.Grow(bucket.Id, held + more, quotas.Account) == false) return false;
        reserved += more;
        return true;
    }

    private void Tell() => account?.Set(bucket.Id, (others + own).Total.Held + reserved);

    private void Free(Reservation reservation)
    {
        if (reservation.IsReleased) return;
        reservation.IsReleased = true;
        reserved -= reservation.Bytes;
        holds--;
    }
}
