using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Logging;

/// <summary>
/// The access logs of buckets: lines are gathered in memory and delivered as objects into the target buckets from time to
/// time. As with AWS that is done as well as can be: a line may be lost when the process is killed, and when lines come
/// faster than they can be delivered, which is told in the server's own log.
/// </summary>
/// <param name="buckets">The buckets.</param>
/// <param name="objects">Where the objects go.</param>
/// <param name="region">The region that keys may name.</param>
/// <param name="interval">How long a line may wait for others.</param>
/// <param name="clock">The time.</param>
/// <param name="log">The server's own log.</param>
public sealed class AccessLog(Buckets buckets, ObjectStore objects, string region, TimeSpan interval, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    private const int MaxWaitingLines = 10_000;
    private const int MaxBatchBytes = 1 << 20;
    private const int MaxGatheredBytes = 16 << 20;

    private readonly Channel<Entry> lines = Channel.CreateBounded<Entry>(MaxWaitingLines);
    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<Batch, ArrayBufferWriter<byte>> batches = [];
    private Task loop = Task.CompletedTask;
    private long lost;
    private int gathered;

    /// <summary>Begins to deliver.</summary>
    public void Start() => loop = Task.Run(Loop);

    /// <summary>Adds a request, where its bucket has a log.</summary>
    public void Add(Exchange exchange, Reply reply, TimeSpan took)
    {
        if (exchange.Bucket is not { } bucket || bucket.Get(BucketSettings.Logging) is not { } setting) return;
        var at = clock.GetUtcNow() - took;
        var day = setting.KeyFormat == LogKeyFormat.ByEventTime ? at.UtcDateTime.Date : default;
        var batch = new Batch(bucket.Name, bucket.OwnerId, setting, day);
        Add(batch, LogLine.Write(exchange, bucket, reply, at, took));
        foreach (var key in reply.Keys) Add(batch, LogLine.Write(exchange, bucket, key, at));
    }

    private void Add(Batch batch, string line)
    {
        if (!lines.Writer.TryWrite(new(batch, line, null))) Interlocked.Increment(ref lost);
    }

    /// <summary>Delivers what was added before.</summary>
    public async Task Flush(CancellationToken ct)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await lines.Writer.WriteAsync(new(null, "", done), ct);
        await done.Task.WaitAsync(ct);
    }

    /// <summary>Delivers what there is and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        lines.Writer.TryComplete();
        await stopping.CancelAsync();
        await loop;
        stopping.Dispose();
    }

    private async Task Loop()
    {
        var due = clock.GetTimestamp();
        while (true)
        {
            var isOpen = await Wait(interval - clock.GetElapsedTime(due));
            while (lines.Reader.TryRead(out var entry))
            {
                if (entry.Batch is { } batch) await Gather(batch, entry.Line);
                else await DeliverAll();
                entry.Done?.SetResult();
            }
            if (isOpen && clock.GetElapsedTime(due) < interval) continue;
            await DeliverAll();
            due = clock.GetTimestamp();
            if (Interlocked.Exchange(ref lost, 0) is > 0 and var count) Log.LinesLost(log, count);
            if (!isOpen) return;
        }
    }

    /// <summary>Until there are lines, or so long; false when there will be no more.</summary>
    private async ValueTask<bool> Wait(TimeSpan most)
    {
        if (most <= TimeSpan.Zero || stopping.IsCancellationRequested) return !stopping.IsCancellationRequested;
        using var patience = new CancellationTokenSource(most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping.Token);
        try
        {
            return await lines.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return !stopping.IsCancellationRequested;
        }
    }

    private async ValueTask Gather(Batch batch, string line)
    {
        if (!batches.TryGetValue(batch, out var gatheredLines)) batches.Add(batch, gatheredLines = new());
        gathered += (int)Encoding.UTF8.GetBytes(line, gatheredLines);
        if (gathered > MaxGatheredBytes) await DeliverAll();
        else if (gatheredLines.WrittenCount >= MaxBatchBytes) await Deliver(batch);
    }

    private async ValueTask DeliverAll()
    {
        foreach (var batch in batches.Keys.ToList()) await Deliver(batch);
    }

    private async ValueTask Deliver(Batch batch)
    {
        batches.Remove(batch, out var bytes);
        gathered -= bytes!.WrittenCount;
        try
        {
            // It was checked when logging was configured; the bucket may be another by now.
            if (await buckets.Find(batch.Setting.TargetBucket, CancellationToken.None) is not { } target || target.OwnerId != batch.OwnerId)
            {
                Log.NoLogTarget(log, batch.Bucket, batch.Setting.TargetBucket);
                return;
            }
            var content = new Content(PipeReader.Create(new ReadOnlySequence<byte>(bytes.WrittenMemory)), bytes.WrittenCount);
            var description = new Description { Headers = new Dictionary<string, string> { ["Content-Type"] = "text/plain" } };
            var written = await objects.Put(
                target, Key(batch), new(target.OwnerCanonicalId, target.OwnerName), description, content, Conditions.None, CancellationToken.None);
            if (written.Refusal is { } refusal) Log.LogNotDelivered(log, batch.Bucket, batch.Setting.TargetBucket, refusal.ToString());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.LogNotDelivered(log, batch.Bucket, batch.Setting.TargetBucket, e.Message);
        }
    }

    private string Key(Batch batch)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var time = batch.Setting.KeyFormat == LogKeyFormat.ByEventTime ? batch.Day : now;
        var path = batch.Setting.KeyFormat is LogKeyFormat.ByEventTime or LogKeyFormat.ByDeliveryTime
            ? string.Create(CultureInfo.InvariantCulture, $"{batch.OwnerId}/{region}/{batch.Bucket}/{time:yyyy'/'MM'/'dd}/")
            : "";
        var unique = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        return string.Create(CultureInfo.InvariantCulture, $"{batch.Setting.TargetPrefix}{path}{time:yyyy-MM-dd-HH-mm-ss}-{unique}");
    }

    private sealed record Batch(string Bucket, string OwnerId, LoggingSetting Setting, DateTime Day);

    /// <summary>A line, or (no batch) that all is to be delivered.</summary>
    private readonly record struct Entry(Batch? Batch, string Line, TaskCompletionSource? Done);
}
