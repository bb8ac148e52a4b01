using System.Text.Json;
using System.Threading.Channels;
using ZenkoFunctions.Core.Notifications;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>A target that keeps what it is told.</summary>
internal sealed class RecordingTarget : IEventTarget
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Channel<byte[]> documents = Channel.CreateUnbounded<byte[]>();

    /// <summary>How many deliveries are still to fail.</summary>
    public int Failures { get; set; }

    public ValueTask Deliver(ReadOnlyMemory<byte> document, CancellationToken ct)
    {
        if (Failures > 0)
        {
            Failures--;
            throw new DeliveryException("Not now.");
        }
        documents.Writer.TryWrite(document.ToArray());
        return default;
    }

    /// <summary>The next document about this bucket.</summary>
    public async Task<JsonElement> Next(string bucket)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var document = JsonSerializer.Deserialize<JsonElement>(await documents.Reader.ReadAsync(patience.Token));
            var name = document.TryGetProperty("Records", out var records)
                ? records[0].GetProperty("s3").GetProperty("bucket").GetProperty("name")
                : document.GetProperty("Bucket");
            if (name.GetString() == bucket) return document;
        }
    }
}
