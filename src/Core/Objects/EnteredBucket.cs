using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Core.Objects;

/// <summary>A bucket as it is while a commit into it is under way.</summary>
/// <param name="bucket">With the settings that hold for the commit.</param>
/// <param name="lease">Ends with the commit.</param>
/// <param name="consistency">What is owed to other instances.</param>
/// <param name="clock">The time.</param>
/// <param name="began">The timestamp at which it was validated.</param>
/// <param name="counters">Counts what is committed.</param>
internal readonly struct EnteredBucket(
    Bucket bucket, CommitGate.Lease lease, Consistency consistency, TimeProvider clock, long began, UsageCounters counters) : IDisposable
{
    /// <summary>With the settings that hold for the commit.</summary>
    public Bucket Bucket => bucket;

    /// <summary>
    /// Sends the commit, if what it was validated by still holds; else null: begin anew. Not to be cancelled by the caller, who
    /// would leave open whether its bytes are in use; where there are other instances it is not sent again after a time.
    /// </summary>
    public ValueTask<Outcome?> Commit(ITable table, string partition, IReadOnlyList<Change> changes)
    {
        if (consistency.IsShared) return CommitShared(table, partition, changes);
        var applying = table.Apply(partition, changes, CancellationToken.None);
        return applying.IsCompletedSuccessfully ? new(applying.Result) : Waited(applying);
    }

    /// <summary>The same for changes that make, move or remove versions or parts.</summary>
    /// <param name="table">The table.</param>
    /// <param name="partition">Where the rows are.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="usage">What they are to the bucket's usage.</param>
    /// <param name="room">What is set aside for them, and theirs once they are committed.</param>
    public async ValueTask<Outcome?> Commit(ITable table, string partition, IReadOnlyList<Change> changes, UsageChange usage, Reservation? room)
    {
        var ticket = await counters.Begin(bucket.Counted, partition, CancellationToken.None);
        Outcome? outcome = Outcome.Unknown;
        try
        {
            return outcome = await Commit(table, partition, changes);
        }
        catch (IOException)
        {
            outcome = Outcome.Refused; // nothing was changed
            throw;
        }
        finally
        {
            ticket.End(outcome, usage, room);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => lease.Dispose();

    private static async ValueTask<Outcome?> Waited(ValueTask<Outcome> applying) => await applying;

    private async ValueTask<Outcome?> CommitShared(ITable table, string partition, IReadOnlyList<Change> changes)
    {
        var left = consistency.CommitWithin - clock.GetElapsedTime(began);
        if (left <= TimeSpan.Zero) return null;
        using var deadline = new CancellationTokenSource(left, clock);
        try
        {
            return await table.Apply(partition, changes, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
