using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Tests;

/// <summary>Hears what is logged.</summary>
internal sealed class Listener(List<string> told) : ILogger
{
    public IDisposable? BeginScope<TState>(TState scope) where TState : notnull => null;

    public bool IsEnabled(LogLevel level) => true;

    public void Log<TState>(LogLevel level, EventId id, TState what, Exception? exception, Func<TState, Exception?, string> format)
    {
        lock (told) told.Add(format(what, exception));
    }
}
