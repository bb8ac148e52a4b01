namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Waits for what happens by itself in the end.</summary>
public static class Eventually
{
    /// <summary>Asks until it holds; fails, saying what it waited for, after three minutes (or as told).</summary>
    public static async Task Holds(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        using var timeout = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(3));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            try
            {
                await poll.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"It did not come about: {what}");
            }
        }
    }

    /// <summary>The same for what is known at once.</summary>
    public static Task Holds(Func<bool> condition, string what, TimeSpan? limit = null) => Holds(() => Task.FromResult(condition()), what, limit);
}
