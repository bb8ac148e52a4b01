using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What became of a run.</summary>
internal enum WalkEnd
{
    /// <summary>The walk has come to its end.</summary>
    Finished,

    /// <summary>The time of the run is over.</summary>
    Later,

    /// <summary>It has to wait: <see cref="Walk.Waiting"/> says for what.</summary>
    Waits,

    /// <summary>It was cancelled, or another is at it.</summary>
    Lost,
}

/// <summary>A run that is at a walk: it knows how far the walk is, and says so in its row from time to time.</summary>
internal sealed class WalkRun
{
    private readonly WalkTable rows;
    private readonly WalkOptions options;
    private readonly TimeProvider clock;
    private readonly long began;
    private WalkTable.Found held;
    private long saved;
    private bool isLost;

    public WalkRun(WalkTable rows, WalkTable.Found held, WalkOptions options, TimeProvider clock)
    {
        (this.rows, this.held, this.options, this.clock) = (rows, held, options, clock);
        (Walk, began) = (held.Walk, clock.GetTimestamp());
        saved = began;
    }

    /// <summary>How far the walk is. What is set here is stored at the next checkpoint.</summary>
    public Walk Walk { get; set; }

    /// <summary>Rows that are written with the walk's own.</summary>
    public Func<IReadOnlyList<Change>>? Beside { get; set; }

    /// <summary>How long the walk is left alone where it has to wait; null for as long as always.</summary>
    public TimeSpan? Pause { get; set; }

    /// <summary>Whether the run should end as soon as it can.</summary>
    public bool IsOver => isLost || clock.GetElapsedTime(began) >= options.StepTime;

    /// <summary>Whether it is time to say how far the walk is.</summary>
    public bool IsDue => clock.GetElapsedTime(saved) >= options.Checkpoint;

    /// <summary>Says how far it is where it is time for that; false where somebody else has the walk now.</summary>
    public async ValueTask<bool> Checkpoint(CancellationToken ct) => !IsDue || await Save(ct);

    /// <summary>Says how far it is; false where somebody else has the walk now.</summary>
    public async ValueTask<bool> Save(CancellationToken ct)
    {
        if (isLost) return false;
        var now = clock.GetUtcNow();
        return await Write(Walk with { At = now, Claim = Walk.Claim! with { Until = now + options.ClaimLife } }, ct);
    }

    /// <summary>Says how far it is, and that nobody is at it any more.</summary>
    public async ValueTask<bool> Leave(CancellationToken ct) => !isLost && await Write(Walk with { At = clock.GetUtcNow(), Claim = null }, ct);

    private async ValueTask<bool> Write(Walk next, CancellationToken ct)
    {
        saved = clock.GetTimestamp();
        if (await rows.Write(next, held, ct, Beside?.Invoke()) is not { } written)
        {
            isLost = true;
            return false;
        }
        (held, Walk) = (written, next);
        return true;
    }
}
