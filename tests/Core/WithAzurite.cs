using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Tests;

/// <summary>Tests that share one Azurite. They run one after the other: it is slow, and some look at the whole process.</summary>
[CollectionDefinition(nameof(WithAzurite), DisableParallelization = true)]
public sealed class WithAzurite : ICollectionFixture<AzuriteFixture>;

/// <summary>The Azurite of the collection.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private Azurite? azurite;

    /// <summary>What clients connect by.</summary>
    public string ConnectionString => azurite?.ConnectionString ?? throw new InvalidOperationException(Azurite.Missing);

    /// <summary>Its storage account.</summary>
    public StorageAccount Account => StorageAccount.Parse(ConnectionString);

    public async Task InitializeAsync()
    {
        if (Azurite.Missing is null) azurite = await Azurite.Start();
    }

    public async Task DisposeAsync()
    {
        if (azurite is not null) await azurite.DisposeAsync();
    }
}
