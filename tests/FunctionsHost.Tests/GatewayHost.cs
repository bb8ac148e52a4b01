namespace ZenkoFunctions.HostDouble.Tests;

/// <summary>One host for tests that only look at what passes.</summary>
public sealed class GatewayHost : IAsyncLifetime
{
    private readonly EchoApp app = new();

    /// <summary>The host.</summary>
    public FunctionsHost Host { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync() => Host = await app.Start();

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        app.Dispose();
    }
}
