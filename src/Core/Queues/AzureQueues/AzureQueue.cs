using System.Collections.Concurrent;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Queues.AzureQueues;

/// <summary>
/// Queues of a storage account. Messages are Base64, as the Functions host expects them, and never expire. A queue is made where
/// it turns out to be missing; who wants to find them all there calls <see cref="Ensure"/>.
/// </summary>
/// <remarks>The client of the SDK is made at the first use. A send whose answer was lost is repeated: then the message is there twice.</remarks>
public sealed class AzureQueue : IQueue
{
    /// <summary>Unless told otherwise, the service drops messages after seven days.</summary>
    private static readonly TimeSpan Never = TimeSpan.FromSeconds(-1);

    private readonly Lazy<QueueServiceClient> service;
    private readonly ConcurrentDictionary<string, QueueClient> clients = new(StringComparer.Ordinal);

    /// <summary>The queues of the account.</summary>
    public AzureQueue(StorageAccount account) : this(account, null)
    {
    }

    internal AzureQueue(StorageAccount account, HttpPipelineTransport? transport) => service = new(() =>
    {
        // Not the SDK's own Base64: a message of somebody else that is none is to be set aside as it is.
        var options = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None }.Tuned(transport);
        return account.SharedKey is { } key ? new(account.Queue, key, options) : new(account.Queue, account.Credential, options);
    });

    /// <summary>Raised after this process sent something: to which queue, and after how long it comes to be due. Handlers only signal.</summary>
    public event Action<string, TimeSpan>? Sent;

    /// <inheritdoc/>
    public async ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct)
    {
        QueueLimits.Check(queue, message, delay);
        ct.ThrowIfCancellationRequested();
        await SendText(queue, Convert.ToBase64String(message.Span), delay, ct);
    }

    /// <summary>Makes those queues that do not exist.</summary>
    public async ValueTask Ensure(IEnumerable<string> names, CancellationToken ct)
    {
        foreach (var name in names) await Calling(name, client => client.CreateIfNotExistsAsync(cancellationToken: ct), ct);
    }

    /// <summary>Sends what a message says as it stands.</summary>
    internal async ValueTask SendText(string queue, string text, TimeSpan delay, CancellationToken ct)
    {
        var wait = WholeSeconds(delay);
        await Calling(queue, async client =>
        {
            try
            {
                return await client.SendMessageAsync(text, wait, Never, ct);
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                await client.CreateIfNotExistsAsync(cancellationToken: ct);
                return await client.SendMessageAsync(text, wait, Never, ct);
            }
        }, ct);
        Sent?.Invoke(queue, wait);
    }

    /// <summary>Does something with a queue; an outage is an <see cref="IOException"/>.</summary>
    internal async ValueTask<T> Calling<T>(string queue, Func<QueueClient, Task<T>> call, CancellationToken ct)
    {
        try
        {
            return await call(clients.GetOrAdd(queue, static (name, service) => service.Value.GetQueueClient(name), service));
        }
        catch (Exception e) when (StorageFaults.Is(e, ct))
        {
            throw StorageFaults.Outage(e, $"The queue {queue} could not be used");
        }
    }

    /// <summary>The service knows only whole seconds; never sooner than was asked for.</summary>
    internal static TimeSpan WholeSeconds(TimeSpan delay) => TimeSpan.FromSeconds(Math.Ceiling(delay.TotalSeconds));
}
