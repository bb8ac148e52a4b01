namespace ZenkoFunctions.Core.Queues.AzureQueues;

/// <summary>A message of a storage queue that was received. The service counts deliveries, so each earlier one counts as a failure.</summary>
internal sealed record AzureDelivery(string Queue, string MessageId, int Count, ReadOnlyMemory<byte> Body) : Delivery(Queue, MessageId, Count, Count - 1, Body)
{
    /// <summary>The message as it stands in the queue.</summary>
    public required string Text { get; init; }

    /// <summary>Settles it; each renewal brings another one.</summary>
    public required string Receipt { get; set; }
}
