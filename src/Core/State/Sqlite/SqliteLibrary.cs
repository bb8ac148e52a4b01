using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>The system's SQLite library. None is shipped: the system's is the one that gets security updates.</summary>
internal static class SqliteLibrary
{
    /// <summary>3.35, for RETURNING; also the first whose WAL is free of the known corruption bugs.</summary>
    private const int MinimumVersion = 3_035_000;

    // SQLITE_CONFIG_MEMSTATUS
    private const int MemoryStatus = 9;

    private static readonly Lock Gate = new();
    private static nint handle;

    /// <summary>What the library is called on the systems we run on, most likely first.</summary>
    public static IReadOnlyList<string> Names { get; } =
        OperatingSystem.IsWindows() ? ["winsqlite3.dll", "sqlite3.dll"]
        : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib", "/usr/lib/libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    /// <summary>Makes SQLite callable, once a process. Throws <see cref="SqliteException"/> where it cannot be.</summary>
    public static void Load()
    {
        lock (Gate)
        {
            if (handle != 0) return;
            var found = Find(Names);
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
            handle = found;
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            // Statistics that nobody asks for take a lock of the whole process at every allocation.
            _ = raw.sqlite3_config(MemoryStatus, 0);
            if (raw.sqlite3_libversion_number() < MinimumVersion)
                throw new SqliteException($"SQLite {raw.sqlite3_libversion().utf8_to_string()} is too old: 3.35 or later is needed.");
        }
    }

    /// <summary>Opens the first library of these names that there is.</summary>
    public static nint Find(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out var found)) return found;
        throw new SqliteException(
            $"SQLite's library ({string.Join(", ", names)}) is not on this machine. Install it: "
            + "`apt-get install libsqlite3-0` (Debian, Ubuntu), `dnf install sqlite-libs` (Fedora), "
            + "`apk add sqlite-libs` (Alpine), `brew install sqlite` (macOS).");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == "e_sqlite3" ? handle : 0;
}
