namespace ZenkoFunctions.HostDouble;

/// <summary>The app's queue and timer functions.</summary>
internal sealed class Triggers
{
    private readonly List<QueueListener> queues;
    private readonly List<TimerListener> timers;

    public Triggers(App app, Invocations invocations, Faults faults, HostOptions options, HostLog log)
    {
        queues = [.. app.Functions.OfType<QueueFunction>().Select(function =>
            new QueueListener(function, app.Host.Queues, options.MessageLease, invocations, faults, log, Poisoned))];
        var statuses = new TimerStatuses(options.StateFolder, app.Settings["AzureFunctionsWebHost__hostid"] ?? "double");
        timers = [.. app.Functions.OfType<TimerFunction>().Select(function =>
            new TimerListener(function, options.TimerClock, statuses, invocations, log))];
    }

    /// <summary>Runs until the host stops or is told to; calls in flight are waited for.</summary>
    public async Task Listen(Task stopped, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _ = stopped.ContinueWith(_ => end.Cancel(), stopping, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await Task.WhenAll([.. queues.Select(queue => queue.Run(end.Token)), .. timers.Select(timer => timer.Run(end.Token))]);
    }

    /// <summary>One call past the queue or the schedule.</summary>
    public Task<InvocationResult> Fire(string function, string? message, CancellationToken cancellation)
    {
        if (timers.FirstOrDefault(timer => timer.Function.Name == function) is { } timer) return timer.Fire(cancellation);
        if (Find(function) is { } queue) return queue.Fire(message ?? "", cancellation);
        throw new ArgumentException($"{function} is no timer or queue function of this app.", nameof(function));
    }

    public Task Drained(string function, TimeSpan within) =>
        Find(function)?.Drained(within) ?? throw new ArgumentException($"{function} is no queue function of this app.", nameof(function));

    private QueueListener? Find(string function) => queues.FirstOrDefault(queue => queue.Function.Name == function);

    /// <summary>A message went to that queue from this host: who listens to it looks at once.</summary>
    private void Poisoned(string queue)
    {
        foreach (var listener in queues.Where(listener => listener.Function.Queue == queue)) listener.Wake();
    }
}
