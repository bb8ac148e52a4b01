using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Core.Tests.State;

/// <summary>A directory of a test's own, and the stores that are opened in it.</summary>
public sealed class StateDirectory : IDisposable
{
    private readonly List<SqliteStore> stores = [];

    public string Path { get; } = Directory.CreateTempSubdirectory("zenkofn-state-").FullName;

    public string File => System.IO.Path.Combine(Path, "state.db");

    public SqliteStore Open(TimeProvider? clock = null)
    {
        var store = SqliteStore.Open(Path, clock ?? TimeProvider.System, NullLogger.Instance);
        stores.Add(store);
        return store;
    }

    public void Dispose()
    {
        foreach (var store in stores) store.Dispose();
        Directory.Delete(Path, true);
    }
}
