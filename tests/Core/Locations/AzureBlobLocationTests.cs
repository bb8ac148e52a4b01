using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.AzureBlob;

namespace ZenkoFunctions.Core.Tests.Locations;

[Collection(nameof(WithAzurite))]
public sealed class AzureBlobLocationTests(AzuriteFixture azurite) : LocationContract
{
    private static int containers;
    private readonly string container = $"objects-{Interlocked.Increment(ref containers)}";

    protected override long LargeBody => 64L << 20;

    protected override ValueTask<ILocation> Create() => new(new AzureBlobLocation("cloud", azurite.Account, container));
}
