using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>Whether what copies stand on can be reached. Asked often, it looks each <see cref="Age"/>.</summary>
/// <param name="table">The table <c>replication</c>.</param>
/// <param name="queue">Where messages go.</param>
/// <param name="clock">The time.</param>
public sealed class ReplicationHealth(ITable table, IQueue queue, TimeProvider clock) : IDisposable
{
    /// <summary>How old an answer may be: a look costs a message.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly ReadOnlyMemory<byte> Nothing = ParkedMessages.Write(new() { Service = "", Site = "" });

    private readonly SemaphoreSlim turn = new(1);
    private (bool Tables, bool Queues) last;
    private long? looked;

    /// <summary>Whether tables answer, and whether queues take messages.</summary>
    public async ValueTask<(bool Tables, bool Queues)> Check(CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            if (looked is { } at && clock.GetElapsedTime(at) < Age) return last;
            using var patience = new CancellationTokenSource(Patience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
            var tables = Try(async () => await table.Get(new("states", "health"), either.Token));
            // Of no site: the job drops it.
            var queues = Try(async () => await queue.Send(SendParked.QueueName, Nothing, TimeSpan.Zero, either.Token));
            last = (await tables, await queues);
            ct.ThrowIfCancellationRequested();
            looked = clock.GetTimestamp();
            return last;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private static async Task<bool> Try(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
