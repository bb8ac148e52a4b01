namespace ZenkoFunctions.Core.State;

/// <summary>
/// What a scan may spend before it ends early, and how far it came by then. Several scans may share one: see <see cref="Shared"/>.
/// </summary>
/// <remarks>
/// A scan reads at least once, and looks at the budget between reads only: whoever goes on where each scan ended comes to the end.
/// What a read is, the engine knows: a request to a service, or so many rows of a file.
/// </remarks>
public sealed class ScanBudget
{
    private readonly Purse purse;

    /// <summary>Time runs from now on.</summary>
    /// <param name="reads">How many reads.</param>
    /// <param name="time">How long.</param>
    /// <param name="clock">The time.</param>
    public ScanBudget(int reads, TimeSpan time, TimeProvider clock) => purse = new(reads, time, clock);

    private ScanBudget(Purse purse) => this.purse = purse;

    /// <summary>
    /// Where the scan ended early: the last row that it looked at, wanted or not. What is wanted up to there was returned. Null where it
    /// came to its end, or is still under way.
    /// </summary>
    public TableKey? EndedAt { get; private set; }

    /// <summary>Whether its time is over.</summary>
    public bool IsLate => purse.IsLate;

    /// <summary>Whether nothing more is to be read.</summary>
    public bool IsSpent => purse.Left <= 0 || purse.IsLate;

    /// <summary>The same budget for another scan, which ends at a place of its own.</summary>
    public ScanBudget Shared() => new(purse);

    /// <summary>The engine has read.</summary>
    public void Spend() => purse.Left--;

    /// <summary>The engine ends the scan here.</summary>
    public void End(TableKey lookedAt) => EndedAt = lookedAt;

    /// <summary>The scan is taken up again where it ended, for one read at least.</summary>
    public void GoOn() => EndedAt = null;

    private sealed class Purse(int reads, TimeSpan time, TimeProvider clock)
    {
        private readonly long began = clock.GetTimestamp();

        public int Left { get; set; } = reads;

        public bool IsLate => clock.GetElapsedTime(began) > time;
    }
}
