using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.HostDouble;

/// <summary>One line of the host's log.</summary>
/// <param name="Level">As the real host would log it.</param>
/// <param name="Source">host, handler (its stdout and stderr), or a function's name.</param>
/// <param name="Text">The message.</param>
public sealed record LogEntry(LogLevel Level, string Source, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Level}] {Source}: {Text}";
}

/// <summary>What the host logged; tests wait on it instead of on the clock.</summary>
public sealed class HostLog(Action<LogEntry>? onEntry = null)
{
    private readonly Lock gate = new();
    private readonly List<LogEntry> entries = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A snapshot, oldest first.</summary>
    public IReadOnlyList<LogEntry> Entries
    {
        get { lock (gate) return [.. entries]; }
    }

    /// <summary>How often a text was logged.</summary>
    public int Count(string text) => Entries.Count(entry => entry.Text.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until an entry with that text has been logged (also if it already was), the nth time if asked; throws
    /// <see cref="TimeoutException"/> with the log after the time.</summary>
    public async Task<LogEntry> WaitFor(string text, int times = 1, TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromMinutes(2));
        while (true)
        {
            Task next;
            lock (gate)
            {
                var found = entries.Where(entry => entry.Text.Contains(text, StringComparison.Ordinal)).Take(times).ToList();
                if (found.Count == times) return found[^1];
                next = changed.Task;
            }
            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"\"{text}\" was not logged {times} time(s). The log:\n{this}");
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', Entries);

    internal void Information(string source, string text) => Add(new(LogLevel.Information, source, text));

    internal void Warning(string source, string text) => Add(new(LogLevel.Warning, source, text));

    internal void Error(string source, string text) => Add(new(LogLevel.Error, source, text));

    private void Add(LogEntry entry)
    {
        TaskCompletionSource was;
        lock (gate)
        {
            entries.Add(entry);
            (was, changed) = (changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        was.TrySetResult();
        onEntry?.Invoke(entry);
    }
}
