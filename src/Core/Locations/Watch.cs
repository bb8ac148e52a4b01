namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// Questions to services that may stand still: such a one ends as cancelled after a while without progress, however long it may
/// take otherwise.
/// </summary>
internal static class Watch
{
    /// <summary>A request that does not move for so long has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For tidying up, while somebody waits to be told of a failure.</summary>
    public static readonly TimeSpan CleaningPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(2);
    private const long SlowBytes = 20 << 20; // a second

    /// <summary>For what a service does by itself with so many bytes before it answers: copy them, put parts together.</summary>
    public static TimeSpan PatienceFor(long bytes) =>
        Patience + TimeSpan.FromSeconds(bytes / SlowBytes) is var patience && patience < LongestPatience ? patience : LongestPatience;

    /// <summary>One question that carries no body.</summary>
    public static async Task<T> Ask<T>(Func<CancellationToken, Task<T>> ask, CancellationToken ct, TimeSpan? patience = null)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(ct);
        watch.CancelAfter(patience ?? Patience);
        return await ask(watch.Token);
    }

    /// <summary>One question that carries a body; it may take as long as the body moves.</summary>
    public static async Task<T> Send<T>(Stream body, Func<Stream, CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(ct);
        watch.CancelAfter(Patience);
        return await ask(new WatchedStream(body, () => watch.CancelAfter(Patience)), watch.Token);
    }
}
