using System.Text;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace ZenkoFunctions.HostDouble;

/// <summary>
/// One queue function: receives in batches, calls, and deletes, releases or poisons, as the storage queue extension does. An error of the
/// storage service is logged and counts as an empty queue.
/// </summary>
internal sealed class QueueListener
{
    private readonly QueueOptions options;
    private readonly TimeSpan lease;
    private readonly Invocations invocations;
    private readonly Faults faults;
    private readonly HostLog log;
    private readonly Action<string> poisoned;
    private readonly QueueClient queue;
    private readonly QueueClient poison;
    private readonly Backoff backoff;
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly Lock gate = new();
    private readonly List<Task> inFlight = [];
    private TaskCompletionSource emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool exists;

    public QueueListener(
        QueueFunction function, QueueOptions options, TimeSpan lease, Invocations invocations, Faults faults, HostLog log,
        Action<string> poisoned)
    {
        (Function, this.options, this.lease, this.invocations) = (function, options, lease, invocations);
        (this.faults, this.log, this.poisoned) = (faults, log, poisoned);
        // The text on the wire is decoded here, so that what cannot be decoded keeps its bytes on the way to the poison queue.
        queue = new(function.Connection, function.Queue);
        poison = new(function.Connection, function.Queue + "-poison");
        backoff = new(options.MaxPollingInterval);
    }

    public QueueFunction Function { get; }

    public async Task Run(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var messages = await Receive(stopping);
                if (messages.Length > 0)
                {
                    backoff.Reset();
                    foreach (var message in messages) inFlight.Add(Task.Run(() => Handle(message), CancellationToken.None));
                    while (inFlight.Count > options.NewBatchThreshold) inFlight.Remove(await Task.WhenAny(inFlight).WaitAsync(stopping));
                    continue;
                }
                inFlight.RemoveAll(task => task.IsCompleted);
                if (inFlight.Count == 0) SayEmptied();
                await wake.WaitAsync(backoff.Next(), stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(inFlight);
        }
    }

    /// <summary>Ends the current back-off.</summary>
    public void Wake()
    {
        lock (gate)
            if (wake.CurrentCount == 0) wake.Release();
    }

    /// <summary>Two empty looks: the first may have begun before the caller's last message.</summary>
    public async Task Drained(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        for (var looks = 0; looks < 2; looks++)
        {
            Task next;
            lock (gate) next = emptied.Task;
            while (!next.IsCompleted)
            {
                Wake();
                await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token));
                if (limit.IsCancellationRequested)
                    throw new TimeoutException($"{Function.Name} has not drained {Function.Queue} within {within}. The log:\n{log}");
            }
        }
    }

    public Task<InvocationResult> Fire(string message, CancellationToken cancellation) => invocations.Call(
        Function, Function.Parameter, Envelope.TwiceEncoded(message), [], "This function was programmatically called.", DateTimeOffset.UtcNow,
        cancellation);

    private void SayEmptied()
    {
        lock (gate)
        {
            emptied.TrySetResult();
            emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task<QueueMessage[]> Receive(CancellationToken stopping)
    {
        try
        {
            exists = exists || await queue.ExistsAsync(stopping);
            return exists ? await queue.ReceiveMessagesAsync(options.BatchSize, lease, stopping) : [];
        }
        // Whatever it is: a client that waited too long throws other things.
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            if (e is RequestFailedException { ErrorCode: var code } && code == QueueErrorCode.QueueNotFound) exists = false;
            else log.Error(Function.Name, $"Receiving from {Function.Queue} failed: {e.Message}");
            return [];
        }
    }

    private async Task Handle(QueueMessage message)
    {
        try
        {
            var raw = message.MessageText;
            if (!TryDecode(raw, out var text))
            {
                log.Warning(Function.Name, $"Message {message.MessageId} in {Function.Queue} is not Base64 (messageEncoding): it goes to the poison queue as it is.");
                await Poison(message.MessageId, message.PopReceipt, raw);
                return;
            }
            if (message.DequeueCount > options.MaxDequeueCount)
            {
                await Poison(message.MessageId, message.PopReceipt, raw);
                return;
            }
            using var renewing = new CancellationTokenSource();
            var renewal = Renew(message, renewing.Token);
            var result = await invocations.Call(
                Function, Function.Parameter, Envelope.TwiceEncoded(text),
                Envelope.OfMessage(text, message.DequeueCount, message.MessageId, message.PopReceipt, message.InsertedOn, message.ExpiresOn, message.NextVisibleOn),
                $"New queue message detected on '{Function.Queue}'.", DateTimeOffset.UtcNow, CancellationToken.None);
            await renewing.CancelAsync();
            await Complete(message, await renewal, raw, result.Succeeded);
        }
        catch (Exception e)
        {
            log.Error(Function.Name, $"Message {message.MessageId} of {Function.Queue}: {e.Message}");
        }
    }

    private async Task Complete(QueueMessage message, string receipt, string raw, bool succeeded)
    {
        if (succeeded && faults.TakeLostReceipt(Function.Name))
        {
            log.Warning(Function.Name, $"Injected: message {message.MessageId} was done, and is delivered again.");
            await Unless(() => queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: TimeSpan.Zero), "released");
        }
        else if (succeeded) await Delete(message.MessageId, receipt);
        else if (message.DequeueCount >= options.MaxDequeueCount) await Poison(message.MessageId, receipt, raw);
        else await Unless(() => queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: options.VisibilityTimeout), "released");
    }

    /// <summary>Prolongs the lease at half-time until told to stop; the receipt that holds then.</summary>
    private async Task<string> Renew(QueueMessage message, CancellationToken done)
    {
        var receipt = message.PopReceipt;
        try
        {
            while (true)
            {
                await Task.Delay(lease / 2, done);
                var update = await queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: lease, cancellationToken: CancellationToken.None);
                receipt = update.Value.PopReceipt;
                log.Information(Function.Name, $"Renewed message {message.MessageId}.");
            }
        }
        catch (OperationCanceledException)
        {
            return receipt;
        }
        catch (RequestFailedException e)
        {
            log.Warning(Function.Name, $"Message {message.MessageId} could not be renewed ({e.ErrorCode}): somebody else may receive it.");
            return receipt;
        }
    }

    private async Task Poison(string id, string receipt, string raw)
    {
        log.Warning(Function.Name, $"Message {id} has reached MaxDequeueCount of {options.MaxDequeueCount}, or cannot be read. Moving it to '{poison.Name}'.");
        await poison.CreateIfNotExistsAsync();
        await poison.SendMessageAsync(raw);
        poisoned(poison.Name);
        await Delete(id, receipt);
    }

    private Task Delete(string id, string receipt) => Unless(() => queue.DeleteMessageAsync(id, receipt), "deleted");

    /// <summary>Somebody else has the message, or it is gone: then it is theirs.</summary>
    private async Task Unless(Func<Task> act, string done)
    {
        try
        {
            await act();
        }
        catch (RequestFailedException e) when (e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch)
        {
            log.Warning(Function.Name, $"A message could not be {done} ({e.ErrorCode}): its pop receipt has changed.");
        }
    }

    private bool TryDecode(string raw, out string text)
    {
        text = raw;
        if (!options.Base64) return true;
        var bytes = new byte[raw.Length];
        if (!Convert.TryFromBase64String(raw, bytes, out var length)) return false;
        text = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }
}

/// <summary>How long an empty queue is left alone: from 100 ms, growing and randomised, to the longest interval.</summary>
internal sealed class Backoff(TimeSpan longest)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private int empty;

    public void Reset() => empty = 0;

    public TimeSpan Next()
    {
        var grown = Shortest * Math.ScaleB(1, Math.Min(empty++, 20)) * (0.8 + 0.4 * Random.Shared.NextDouble());
        return grown < Shortest ? Shortest : grown < longest ? grown : longest;
    }
}
