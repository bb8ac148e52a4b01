using Azure.Core;
using Azure.Core.Pipeline;
using ZenkoFunctions.Contracts.State;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;

namespace ZenkoFunctions.Core.Tests.State;

[Collection(nameof(WithAzurite))]
[Trait("Speed", "Slow")]
public sealed class AzureTableLostAnswerTests(AzuriteFixture azurite) : LostAnswerContract
{
    private readonly LossyTransport transport = new();

    protected override Task<ITable> Open() => NewTable.Open(AzureTables.Open(azurite.Account, new() { Transport = transport }));

    protected override void Lose(Lost when, int writes, bool reads) => (transport.When, transport.Writes, transport.Reads) = (when, writes, reads);
}

/// <summary>A network that loses requests or answers.</summary>
internal sealed class LossyTransport : HttpPipelineTransport
{
    private readonly HttpClientTransport inner = new();

    public Lost When { get; set; }

    /// <summary>How many more writes are lost.</summary>
    public int Writes { get; set; }

    /// <summary>Whether reads are lost.</summary>
    public bool Reads { get; set; }

    /// <summary>Runs after a write whose answer is lost.</summary>
    public Func<Task>? Then { get; set; }

    public override Request CreateRequest() => inner.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException();

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        if (message.Request.Method == RequestMethod.Get ? !Reads : Writes <= 0)
        {
            await inner.ProcessAsync(message);
            return;
        }
        if (message.Request.Method != RequestMethod.Get) Writes--;
        if (When == Lost.AfterCommit) await inner.ProcessAsync(message);
        if (Then is { } then && message.Request.Method != RequestMethod.Get) await then();
        throw new IOException("The connection was lost.");
    }
}
