using ZenkoFunctions.Contracts.State;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;

namespace ZenkoFunctions.Core.Tests.State;

[Collection(nameof(WithAzurite))]
[Trait("Speed", "Slow")]
public sealed class AzureTableTests(AzuriteFixture azurite) : TableContract
{
    // A request to Azurite takes a hundred times as long as one to a file.
    protected override int Histories => 6;

    protected override Task<ITable> Open() => NewTable.Open(AzureTables.Open(azurite.Account));
}

/// <summary>Tables of a test's own in an account that others use too.</summary>
internal static class NewTable
{
    private static int count;

    public static async Task<ITable> Open(AzureTables tables)
    {
        var name = $"t{Interlocked.Increment(ref count):d6}";
        await tables.Ensure([name], CancellationToken.None);
        return tables.Table(name);
    }
}
