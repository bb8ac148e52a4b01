namespace ZenkoFunctions.Core.Replication;

/// <summary>Ends a copy that does not get on: after so long without a byte or an answer.</summary>
internal sealed class CopyWatch : IDisposable
{
    private readonly CancellationTokenSource late;
    private readonly CancellationTokenSource either;
    private readonly TimeSpan patience;
    private readonly CancellationToken outer;

    public CopyWatch(TimeSpan patience, TimeProvider clock, CancellationToken ct)
    {
        (this.patience, outer) = (patience, ct);
        late = new(patience, clock);
        either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
    }

    /// <summary>For the calls of the copy.</summary>
    public CancellationToken Token => either.Token;

    /// <summary>Whether it was this that ended the copy.</summary>
    public bool IsLate => late.IsCancellationRequested && !outer.IsCancellationRequested;

    /// <summary>Something has happened: the patience begins anew.</summary>
    public void Moved() => late.CancelAfter(patience);

    /// <summary>It is our own limit that is waited for.</summary>
    public void Rest() => late.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        either.Dispose();
        late.Dispose();
    }
}
