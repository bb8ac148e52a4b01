using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The messages of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error,
        "The bucket {Name} ({Id}) was removed at {Removed}, but {Found} rows arrived in it since, from requests that stalled beyond every bound. " +
        "They are kept, and no bucket shows them; please report this.")]
    public static partial void ArrivedLate(ILogger log, string name, string id, DateTimeOffset removed, int found);
}
