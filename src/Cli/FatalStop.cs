using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Cli;

/// <summary>
/// Ends the process when the disk has failed to keep what it took: after a failed sync nobody knows what is on it, so
/// nothing more may be acknowledged.
/// </summary>
internal sealed partial class FatalStop(IHostApplicationLifetime lifetime, ILogger log)
{
    private int happened;

    /// <summary>Whether it has come to that.</summary>
    public bool HasHappened => Volatile.Read(ref happened) != 0;

    /// <summary>To be called by whoever noticed; the first call counts.</summary>
    public void Now(Exception failure)
    {
        if (Interlocked.Exchange(ref happened, 1) != 0) return;
        Failed(log, failure);
        lifetime.StopApplication();
    }

    [LoggerMessage(1, LogLevel.Critical, "The disk failed to keep what was written to it. Nothing more is accepted and the server "
        + "stops; what was acknowledged before is kept as far as the disk goes. Check the disk, then start again.")]
    private static partial void Failed(ILogger logger, Exception failure);
}
