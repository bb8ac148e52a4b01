using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.Queues.AzureQueues;

/// <summary>
/// Receives from a storage account's queues where no Functions host does (<c>zenkofn serve --storage</c>), and settles as the host
/// does: a message that failed at its fifth delivery is copied into <c>NAME-poison</c>, and one that was delivered more often
/// goes there unrun.
/// </summary>
/// <remarks>
/// An empty queue is looked at again after 0.1 s, then after twice as long each time, up to <c>idle</c>; at once where this
/// process sends to it.
/// </remarks>
public sealed class AzureReceiver : IReceiver, IDisposable
{
    /// <summary>How long what another process sends may lie in an idle queue. As the <c>host.json</c> of the function apps has it.</summary>
    public static readonly TimeSpan DefaultIdle = TimeSpan.FromSeconds(5);

    /// <summary>The service gives no more at once.</summary>
    private const int MostReceived = 32;

    /// <summary>How long a receive may take: it cannot be cancelled, so a stop waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly AzureQueue queue;
    private readonly TimeSpan idle;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<string, Polling> pollings = new(StringComparer.Ordinal);
    private int turn;

    /// <summary>A receiver of these queues; <see cref="DefaultIdle"/> where <paramref name="idle"/> is null.</summary>
    public AzureReceiver(AzureQueue queue, TimeSpan? idle, TimeProvider clock, ILogger log)
    {
        (this.queue, this.idle, this.clock, this.log) = (queue, idle ?? DefaultIdle, clock, log);
        queue.Sent += Wake;
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public int Deliveries => JobRunner.Failures;

    /// <inheritdoc/>
    public async ValueTask<Batch> Receive(IReadOnlyList<string> queues, int most, TimeSpan lease, CancellationToken ct)
    {
        var next = DateTimeOffset.MaxValue;
        for (var i = 0; i < queues.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            var name = queues[(turn + i) % queues.Count];
            var polling = Of(name);
            if (polling.Begin(clock.GetUtcNow()))
            {
                IReadOnlyList<Delivery> received = [];
                try
                {
                    received = await Receive(name, most, lease);
                }
                finally
                {
                    polling.End(clock.GetUtcNow(), received.Count > 0);
                }
                if (received.Count > 0)
                {
                    turn = (turn + i + 1) % queues.Count;
                    return new(received, null);
                }
            }
            if (polling.Due is var due && due < next) next = due;
        }
        return new([], next);
    }

    /// <inheritdoc/>
    public async Task<bool> Acknowledge(Delivery delivery, CancellationToken ct)
    {
        var received = (AzureDelivery)delivery;
        return await IfLeased(received, client => client.DeleteMessageAsync(received.MessageId, received.Receipt, ct), ct) is not null;
    }

    /// <inheritdoc/>
    /// <remarks>The delivery was counted when it was received, and stays so.</remarks>
    public async Task<bool> Return(Delivery delivery, TimeSpan delay, CancellationToken ct)
    {
        if (!await Hide((AzureDelivery)delivery, delay, ct)) return false;
        Wake(delivery.Queue, AzureQueue.WholeSeconds(delay));
        return true;
    }

    /// <inheritdoc/>
    public Task<bool> Fail(Delivery delivery, TimeSpan delay, CancellationToken ct) =>
        delivery.Count >= JobRunner.Failures ? SetAside(delivery, ct) : Return(delivery, delay, ct);

    /// <inheritdoc/>
    /// <remarks>Cut off between its two steps, the message is set aside once more.</remarks>
    public async Task<bool> SetAside(Delivery delivery, CancellationToken ct)
    {
        await queue.SendText(JobRunner.PoisonOf(delivery.Queue), ((AzureDelivery)delivery).Text, TimeSpan.Zero, ct);
        return await Acknowledge(delivery, ct);
    }

    /// <inheritdoc/>
    public Task<bool> Renew(Delivery delivery, TimeSpan lease, CancellationToken ct) => Hide((AzureDelivery)delivery, lease, ct);

    /// <summary>Listens no more.</summary>
    public void Dispose() => queue.Sent -= Wake;

    private async Task<IReadOnlyList<Delivery>> Receive(string name, int most, TimeSpan lease)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        var messages = await queue.Calling(name, async client =>
        {
            try
            {
                return (await client.ReceiveMessagesAsync(Math.Min(most, MostReceived), AzureQueue.WholeSeconds(lease), patience.Token)).Value;
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                return []; // who sends makes it
            }
        }, CancellationToken.None);
        var deliveries = new List<Delivery>(messages.Length);
        foreach (var message in messages)
        {
            var text = message.MessageText ?? "";
            var body = Decode(text);
            var delivery = new AzureDelivery(name, message.MessageId, (int)message.DequeueCount, body) { Text = text, Receipt = message.PopReceipt };
            if (body is not null)
            {
                deliveries.Add(delivery);
                continue;
            }
            // As the host does with what it cannot read.
            await SetAside(delivery, CancellationToken.None);
            Log.SetAside(log, message.MessageId, name, JobRunner.PoisonOf(name));
        }
        return deliveries;
    }

    /// <summary>Keeps the message out of sight from now; without a text it stays what it is.</summary>
    private async Task<bool> Hide(AzureDelivery delivery, TimeSpan time, CancellationToken ct)
    {
        var wait = AzureQueue.WholeSeconds(time);
        var updated = await IfLeased(
            delivery, client => client.UpdateMessageAsync(delivery.MessageId, delivery.Receipt, visibilityTimeout: wait, cancellationToken: ct), ct);
        if (updated is null) return false;
        delivery.Receipt = updated.Value.PopReceipt;
        return true;
    }

    /// <summary>The call's answer; null where somebody else has received the message since, or removed it.</summary>
    private ValueTask<T?> IfLeased<T>(AzureDelivery delivery, Func<QueueClient, Task<T>> call, CancellationToken ct) where T : class =>
        queue.Calling(delivery.Queue, async client =>
        {
            try
            {
                return await call(client);
            }
            catch (RequestFailedException e) when (e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch)
            {
                return null;
            }
        }, ct);

    private void Wake(string name, TimeSpan delay)
    {
        Of(name).Wake(clock.GetUtcNow() + delay);
        Changed?.Invoke();
    }

    private Polling Of(string name) => pollings.GetOrAdd(name, static (_, idle) => new(idle), idle);

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length / 4 * 3 + 3];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
    }
}
