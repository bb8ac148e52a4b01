namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>Tells when something has happened so many times.</summary>
public sealed class Countdown(int from)
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int left = from;

    /// <summary>Ends when it has.</summary>
    public Task Reached => reached.Task;

    /// <summary>It has happened once more.</summary>
    public void Signal()
    {
        if (Interlocked.Decrement(ref left) == 0) reached.SetResult();
    }
}
