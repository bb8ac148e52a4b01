namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// A walk over the rows of a bucket, which finds out what it really holds. It goes by ranges of partitions: where nobody
/// else counts, a range is closed to changes while it is read, some milliseconds, so that each change is certain to be either
/// in what was read or behind the cursor, and is counted once whatever goes on.
/// </summary>
internal sealed class UsageWalk
{
    private readonly BucketUsage counter;
    private readonly bool isAlone;
    private TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? closedTo;
    private int isRunning;

    public UsageWalk(BucketUsage counter, bool isAlone, WalkRow row)
    {
        (this.counter, this.isAlone) = (counter, isAlone);
        (Id, Phase, Cursor, Counted, Behind, MovedBefore) = (row.Id, row.Phase, row.Cursor, row.Counted, row.Behind, row.MovedBefore);
    }

    /// <summary>Of this walk alone.</summary>
    public string Id { get; }

    /// <summary>The bucket's counter.</summary>
    public BucketUsage Counter => counter;

    /// <summary>What is being walked.</summary>
    public UsagePhase Phase { get; private set; }

    /// <summary>The last partition that was counted; null at the beginning of a phase.</summary>
    public string? Cursor { get; private set; }

    /// <summary>What was counted so far.</summary>
    public Tally Counted { get; private set; }

    /// <summary>The changes behind the cursor.</summary>
    public Tally Behind { get; private set; }

    /// <summary>All movements before it began.</summary>
    public Tally MovedBefore { get; }

    /// <summary>Whether it has not been settled yet, nor waited with that for what others have not flushed.</summary>
    public bool IsFresh { get; set; }

    /// <summary>One run at a time; false where there is one.</summary>
    public bool Enter() => Interlocked.Exchange(ref isRunning, 1) == 0;

    /// <summary>The run is over.</summary>
    public void Leave() => Volatile.Write(ref isRunning, 0);

    /// <summary>Closes the partitions behind the cursor up to this one; completes when no change of them is under way.</summary>
    public async ValueTask Close(string last)
    {
        // Not to be cancelled: what is under way ends by itself.
        if (isAlone) await counter.Drain(() => closedTo = last);
    }

    /// <summary>The range that was closed has been counted.</summary>
    public void Pass(string last, Tally counted) => counter.Still(() =>
    {
        Counted += counted;
        Cursor = last;
        return Open();
    });

    /// <summary>The range that was closed has not been counted: nothing is different.</summary>
    public void Reopen() => counter.Still(Open);

    /// <summary>All of the phase has been counted.</summary>
    public void NextPhase() => counter.Still(() =>
    {
        Cursor = null;
        IsFresh = true;
        return Phase++;
    });

    /// <summary>How far it has come, as it is stored.</summary>
    /// <param name="owner">The instance that goes on; null where it is handed over.</param>
    public WalkRow Row(string? owner) => counter.Still(() => new WalkRow
    {
        Id = Id, Owner = owner, Phase = Phase, Cursor = Cursor, Counted = Counted, Behind = Behind, MovedBefore = MovedBefore,
    });

    /// <summary>What a change of the partition has to wait for. Called under the counter's lock.</summary>
    internal Task? Gate(string partition) =>
        closedTo is not null && !IsBehind(partition) && Compare(partition, closedTo) <= 0 ? opened.Task : null;

    /// <summary>A change was committed. Called under the counter's lock.</summary>
    internal void Changed(string partition, UsageChange change)
    {
        if (Phase > UsagePhase.Objects || IsBehind(partition)) Behind += change.Objects;
        if (Phase > UsagePhase.Uploads || (Phase == UsagePhase.Uploads && IsBehind(partition))) Behind += change.Uploads;
    }

    private bool Open()
    {
        closedTo = null;
        opened.TrySetResult();
        opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return true;
    }

    private bool IsBehind(string partition) => Phase == UsagePhase.Settling || (Cursor is not null && Compare(partition, Cursor) <= 0);

    // The first letter tells versions from uploads: a key stands at the same place among both.
    private static int Compare(string a, string b) => string.CompareOrdinal(a, 1, b, 1, int.MaxValue);
}
