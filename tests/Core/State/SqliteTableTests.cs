using ZenkoFunctions.Contracts.State;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Core.Tests.State;

public sealed class SqliteTableTests : TableContract, IDisposable
{
    private readonly StateDirectory directory = new();
    private readonly SqliteStore store;
    private int tables;

    public SqliteTableTests() => store = directory.Open();

    public void Dispose() => directory.Dispose();

    protected override Task<ITable> Open() => Task.FromResult(store.Table($"t{++tables:d4}"));
}
