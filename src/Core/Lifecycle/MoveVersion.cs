using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Lifecycle;

/// <summary>A version that a rule moves.</summary>
internal sealed record MoveMessage
{
    public int Format { get; init; } = 1;

    public required string Bucket { get; init; }

    public required string BucketId { get; init; }

    public required string Key { get; init; }

    /// <summary>As clients name it.</summary>
    public required string VersionId { get; init; }

    /// <summary>As it is named here.</summary>
    public required string Id { get; init; }

    public required string StorageClass { get; init; }

    /// <summary>Whether that is a location.</summary>
    public bool ToLocation { get; init; }

    /// <summary>The run of the walk that found it due.</summary>
    public required string Run { get; init; }

    /// <summary>The location that it is counted at; null where it is not counted.</summary>
    public string? CountedAt { get; init; }

    /// <summary>When it was queued.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The version's size.</summary>
    public long Bytes { get; init; }

    /// <summary>How often its location did not answer.</summary>
    public int Outages { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(MoveMessage))]
internal sealed partial class LifecycleJson : JsonSerializerContext;

/// <summary>
/// The job of transitions: gives a version another storage class, and where that is a location, moves its bytes there. What cannot be
/// moved now is found due again by the next day's walk.
/// </summary>
/// <param name="parts">What it works on.</param>
/// <param name="moves">Moves bytes.</param>
/// <param name="log">Where it tells of what stays.</param>
internal sealed partial class MoveVersion(LifecycleParts parts, VersionMoves moves, ILogger log) : IJob
{
    /// <summary>The name of its queue.</summary>
    public const string QueueName = "transitions";

    /// <summary>Waits for a location that does not answer: from a minute, twice as long each time, up to an hour; a day in all, when the next walk comes.</summary>
    private const int MaxOutages = 28;

    /// <inheritdoc/>
    public string Queue => QueueName;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var move = StoredJson.Read(message, LifecycleJson.Default.MoveMessage);
        if (await parts.Buckets.Find(move.Bucket, ct) is not { } bucket || bucket.Id != move.BucketId) return Ended(move, isDone: true);
        if (await parts.States.IsPaused(SiteServices.Lifecycle, move.StorageClass, ct)) return Ended(move, isDone: false);
        var request = new MoveRequest(move.VersionId, move.Id, move.StorageClass) { ToLocation = move.ToLocation, Cause = LifecycleDeeds.CauseOf(EventNames.Transitioned, move.Run) };
        try
        {
            var moved = await moves.Move(bucket, move.Key, request, ct);
            if (moved is { Refusal: null, Value: false }) return JobOutcome.After(TimeSpan.Zero);
            if (moved.Refusal is Refusal.LocationFull) Log.Full(log, bucket.Name, move.StorageClass);
            // What was replaced or removed meanwhile is not wanted there any more; the rest is found due again.
            return Ended(move, isDone: moved.Refusal is null or Refusal.NoSuchVersion or Refusal.Conflict);
        }
        catch (LocationUnavailableException e)
        {
            if (move.Outages >= MaxOutages) return Ended(move, isDone: false);
            Log.Waits(log, bucket.Name, e.Location, e.Message);
            var wait = TimeSpan.FromMinutes(Math.Min(60, 1 << Math.Min(move.Outages, 6)));
            return JobOutcome.After(wait, StoredJson.Write(move with { Outages = move.Outages + 1 }, LifecycleJson.Default.MoveMessage));
        }
    }

    private JobOutcome Ended(MoveMessage move, bool isDone)
    {
        if (move is { CountedAt: { } location, Since: { } since })
        {
            if (isDone) parts.Counts.Completed(location, move.Bytes, since);
            else parts.Counts.Failed(location, move.Bytes, since);
        }
        return JobOutcome.Done;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Objects of the bucket {Bucket} stay where they are: the location {Location} has no room. Raise its limit, or make room.")]
        public static partial void Full(ILogger logger, string bucket, string location);

        [LoggerMessage(2, LogLevel.Warning, "Objects of the bucket {Bucket} are moved later: the location {Location} does not answer: {Reason}")]
        public static partial void Waits(ILogger logger, string bucket, string location, string reason);
    }
}
