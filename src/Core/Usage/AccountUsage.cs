namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// What the buckets of an account hold together, with what is set aside: of each what its counter says last, where it is open in this
/// process, and else what its rows said when they were read. It takes its lock for some nanoseconds only.
/// </summary>
internal sealed class AccountUsage
{
    private readonly Lock gate = new();

    // By bucket. When a value came tells whether it is younger than rows that were read.
    private readonly Dictionary<string, (long Held, long At)> buckets = new(StringComparer.Ordinal);
    private long sum;
    private long turn;
    private bool isRead;

    /// <summary>The buckets are read for the first time, or again; completes when they have been. This and what follows is the owner's to guard.</summary>
    public Task Reading { get; set; } = Task.CompletedTask;

    /// <summary>When a reading began that came to its end; null for none.</summary>
    public long? Read { get; set; }

    /// <summary>When somebody asked last.</summary>
    public long Asked { get; set; }

    /// <summary>What they hold, and what is set aside.</summary>
    public long Sum
    {
        get
        {
            lock (gate) return sum;
        }
    }

    /// <summary>The rows of all buckets are about to be read, which <see cref="EndRead"/> ends. To be kept till then.</summary>
    public long BeginRead()
    {
        lock (gate)
        {
            isRead = true;
            return turn;
        }
    }

    /// <summary>They have been read.</summary>
    /// <param name="began">What the beginning gave.</param>
    /// <param name="all">All buckets that there are: others that were not changed since are gone. Null where not all could be read.</param>
    public void EndRead(long began, IReadOnlySet<string>? all)
    {
        lock (gate)
        {
            isRead = false;
            foreach (var (bucket, (held, at)) in buckets)
                if (held == 0 || (all is not null && at <= began && !all.Contains(bucket))) Remove(bucket);
        }
    }

    /// <summary>To be taken before rows are read.</summary>
    public long Look()
    {
        lock (gate) return turn;
    }

    /// <summary>What the rows of a bucket say whose counter is not open, read since that look.</summary>
    public void Found(string bucket, long held, long look)
    {
        lock (gate)
        {
            if (!buckets.TryGetValue(bucket, out var known) || known.At <= look) Put(bucket, held);
        }
    }

    /// <summary>What a counter says.</summary>
    public void Set(string bucket, long held)
    {
        lock (gate) Put(bucket, held);
    }

    /// <summary>What a counter is about to say; false, and all as it was, where that is more than there is room for.</summary>
    public bool Grow(string bucket, long held, long quota)
    {
        lock (gate)
        {
            var more = held - buckets.GetValueOrDefault(bucket).Held;
            if (more > 0 && sum > quota - more) return false;
            Put(bucket, held);
            return true;
        }
    }

    /// <summary>The bucket is gone.</summary>
    public void Forget(string bucket)
    {
        lock (gate)
        {
            // Whoever reads its rows meanwhile must see that they are older.
            if (isRead) Put(bucket, 0);
            else Remove(bucket);
        }
    }

    private void Put(string bucket, long held)
    {
        sum += held - buckets.GetValueOrDefault(bucket).Held;
        buckets[bucket] = (held, ++turn);
    }

    private void Remove(string bucket)
    {
        if (buckets.Remove(bucket, out var known)) sum -= known.Held;
    }
}
