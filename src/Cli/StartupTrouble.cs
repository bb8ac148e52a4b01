using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Cli;

/// <summary>Turns what stopped a start into one paragraph that says what to do.</summary>
internal static class StartupTrouble
{
    // errno, which .NET passes on as HResult, and Windows' ERROR_DISK_FULL.
    private const int NoSpace = 28, ReadOnlyFileSystem = 30, QuotaExceeded = 122, WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>The paragraph, or null where the failure is none that a person could have caused or can mend.</summary>
    public static string? Explain(Exception failure, ServeSettings settings)
    {
        for (var e = failure; e is not null; e = e.InnerException)
            if (ExplainOne(e, settings) is { } text) return text;
        return failure is IOException ? $"The data directory {settings.Data} cannot be used: {failure.Message}" : null;
    }

    private static string? ExplainOne(Exception e, ServeSettings settings) => e switch
    {
        StartupException or InvalidDataException => e.Message,
        SqliteException sqlite => Explain(sqlite, settings.Data),
        AddressInUseException =>
            $"Something else listens on {settings.EndPoint} already. Stop it, or choose another port with --port.",
        SocketException socket =>
            $"Cannot listen on {settings.EndPoint}: {socket.Message}. Choose another address with --host or another port with --port.",
        UnauthorizedAccessException =>
            $"The data directory {settings.Data} cannot be used by this user. {e.Message} Change its owner or mode, or choose "
            + "another directory with --data.",
        IOException { HResult: ReadOnlyFileSystem } =>
            $"The data directory {settings.Data} is on a file system that is mounted read-only. Mount it for writing, or choose "
            + "another directory with --data.",
        IOException { HResult: NoSpace or QuotaExceeded or WindowsDiskFull } => Full(settings.Data),
        _ => null,
    };

    // SQLite's primary codes: the low byte of the extended ones.
    private static string Explain(SqliteException e, string data) => (e.Code & 0xff) switch
    {
        13 => Full(data),
        11 or 26 => $"{e.Message} Keep a copy of {data}, then put the file back from a backup, or recover what can be read: "
            + "sqlite3 state.db .recover",
        8 or 14 => $"{e.Message} Change the mode or mount of {data}, or choose another directory with --data.",
        _ => e.Message,
    };

    private static string Full(string data) =>
        $"There is no space left for the data directory {data}. Free some and start again; nothing that was acknowledged is lost.";
}
