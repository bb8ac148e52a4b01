using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The message of work that follows a commit. It says where the intent row stands; the row says what is to be done.
/// </summary>
internal sealed record FollowUp
{
    public int Format { get; init; } = 1;

    public required string Space { get; init; }

    public required string Key { get; init; }

    public required string Intent { get; init; }

    public required DateTimeOffset Sent { get; init; }

    /// <summary>When the consumer set its fence; null before.</summary>
    public DateTimeOffset? Fenced { get; init; }

    /// <summary>Whether the intent was there when the message was sent: where it is not any more, its work is done.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsCommitted { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public TableKey Row => KeyCodec.Address(Space, Key).Row(Rows.Intent, Intent);
}

/// <summary>What an intent row says is to be removed.</summary>
internal sealed record Garbage
{
    public int Format { get; init; } = 1;

    /// <summary>When the bytes lost their owner.</summary>
    public required DateTimeOffset Since { get; init; }

    public Stored? Body { get; init; }

    public ManifestPlace? Manifest { get; init; }

    /// <summary>What was deleted is kept until then (<see cref="Kept"/>); its bytes are to be removed then.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The version that is kept, by its <see cref="ObjectVersion.Id"/>.</summary>
    public string? Kept { get; init; }

    /// <summary>All pages of a version.</summary>
    public PagePlace? Pages { get; init; }

    /// <summary>
    /// Whether they are still being put together: the commit that takes them removes the row. Only when that can hardly come any more
    /// does the row say so no longer, and they are removed.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsStaged { get; init; }

    /// <summary>Some pages of a version.</summary>
    public LostPages? Lost { get; init; }

    /// <summary>
    /// The list of which <see cref="Manifest"/> is what is left, where a newer version took over the other parts: of this one only the
    /// rows are removed.
    /// </summary>
    public ManifestPlace? Replaced { get; init; }

    /// <summary>An upload that has ended: its parts that became no object's.</summary>
    public string? Upload { get; init; }

    /// <summary>
    /// Whether the upload was aborted. Without its row, nothing else tells that from one that was done and is forgotten,
    /// whose manifest is an object's.
    /// </summary>
    public bool Aborted { get; init; }

    /// <summary>Whether it looks after an upload of blocks, which is ended where nobody has added to it for long.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsIdle { get; init; }

    /// <summary>The name of the bucket of an aborted upload, or of what is kept.</summary>
    public string? Bucket { get; init; }
}

/// <summary>Pages that a change of their blob left without an owner.</summary>
/// <param name="Place">The blob's pages.</param>
/// <param name="Bodies">Bodies that no chunk has any more.</param>
/// <param name="Chunks">The chunks that had them.</param>
internal sealed record LostPages(PagePlace Place, IReadOnlyList<Stored> Bodies, IReadOnlyList<int> Chunks);

/// <summary>
/// Queue before commit, fence before drop: the message is sent first, the commit inserts the intent row. A consumer that
/// finds no row waits until the commit can hardly come any more, then inserts the row itself as a fence: exactly one of
/// the two wins, so neither is work lost nor is it done for a commit that never was.
/// </summary>
internal sealed class FollowUps(ITable table, IQueue queue, TimeProvider clock)
{
    /// <summary>How long after the message a commit is still waited for.</summary>
    private static readonly TimeSpan CommitBound = TimeSpan.FromMinutes(5);

    /// <summary>How long a fence stands: longer than any request may take from its announcement to its commit.</summary>
    public static readonly TimeSpan FenceLife = TimeSpan.FromMinutes(30);

    /// <summary>The queue of events.</summary>
    public const string EventQueue = "events";

    /// <summary>The queue of copies.</summary>
    public const string ReplicationQueue = "replication";

    private static readonly TimeSpan LookAgainFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgainLast = TimeSpan.FromSeconds(30);

    private static ReadOnlyMemory<byte> Fence { get; } = "fence"u8.ToArray();

    private static ReadOnlyMemory<byte> Seen { get; } = "done"u8.ToArray();

    /// <summary>Sends the message. To be called before the commit that will insert the intent.</summary>
    public ValueTask Announce(string space, string key, string intent, TimeSpan delay, CancellationToken ct) =>
        Send(CollectGarbage.QueueName, new() { Space = space, Key = key, Intent = intent, Sent = clock.GetUtcNow() }, delay, ct);

    /// <summary>The same with an intent of a new name, which is given.</summary>
    public async ValueTask<string> Announce(string space, string key, TimeSpan delay, CancellationToken ct)
    {
        var intent = Ids.Timed(Rows.Microseconds(clock.GetUtcNow()));
        await Announce(space, key, intent, delay, ct);
        return intent;
    }

    /// <summary>Sends the message of a copy of a blob. To be called before the commit that will insert the intent.</summary>
    public ValueTask AnnounceCopy(string space, string key, string intent, TimeSpan delay, CancellationToken ct) =>
        Send(BlobCopies.QueueName, new() { Space = space, Key = key, Intent = intent, Sent = clock.GetUtcNow() }, delay, ct);

    /// <summary>
    /// Announces rows that are put together before the commit that takes them, and inserts the intent to remove them again; gives the
    /// change by which that commit takes the intent back. It fails where the collector was faster.
    /// </summary>
    public async ValueTask<Change> Stage(string space, string key, Garbage garbage, CancellationToken ct)
    {
        var address = KeyCodec.Address(space, key);
        var now = clock.GetUtcNow();
        var intent = Ids.Timed(Rows.Microseconds(now));
        await Send(CollectGarbage.QueueName, new() { Space = space, Key = key, Intent = intent, Sent = now, IsCommitted = true }, FenceLife, ct);
        // The message does not wait for the row.
        if (clock.GetUtcNow() - now > CommitBound) throw new IOException("The queue was too slow.");
        var staged = garbage with { Since = now, IsStaged = true };
        if (await table.Apply(address.Partition, [Insert(address, intent, staged)], ct) != Outcome.Committed) throw new UnknownOutcomeException();
        var row = await table.Get(address.Row(Rows.Intent, intent), ct) ?? throw new IOException("The intent of rows that are being put together is gone.");
        return Change.Delete(row.Key.Row, Condition.Is(row.Stamp));
    }

    /// <summary>Sends the message of an event. To be called before the commit that will insert the intent.</summary>
    public ValueTask AnnounceEvent(string target, string space, string key, string intent, TimeSpan delay, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var followUp = new FollowUp { Space = space, Key = key, Intent = intent, Sent = now };
        var message = new EventMessage { Target = target, FollowUp = followUp, Sent = now };
        return queue.Send(EventQueue, StoredJson.Write(message, StateJson.Default.EventMessage), delay, ct);
    }

    /// <summary>Sends the message of a copy. To be called before the commit that will insert the intent.</summary>
    public ValueTask AnnounceReplica(string site, Bucket bucket, string key, string intent, TimeSpan delay, CancellationToken ct)
    {
        var followUp = new FollowUp { Space = Rows.ObjectSpace(bucket), Key = key, Intent = intent, Sent = clock.GetUtcNow() };
        var message = new ReplicationMessage { Site = site, FollowUp = followUp, Bucket = bucket.Name };
        return queue.Send(ReplicationQueue, StoredJson.Write(message, StateJson.Default.ReplicationMessage), delay, ct);
    }

    /// <summary>Sends the message of a copy again whose intent is there: the one before may be lost.</summary>
    /// <param name="site">The location.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="intent">The intent's name.</param>
    /// <param name="since">Since when it is there.</param>
    /// <param name="owed">What it says; null where it is done. Attempts that failed go on being counted.</param>
    /// <param name="ct">Gives up.</param>
    public ValueTask RemindReplica(string site, Bucket bucket, string key, string intent, DateTimeOffset since, ReplicationIntent? owed, CancellationToken ct)
    {
        var followUp = new FollowUp { Space = Rows.ObjectSpace(bucket), Key = key, Intent = intent, Sent = since, IsCommitted = true };
        var message = new ReplicationMessage
        {
            Site = site, FollowUp = followUp, Bucket = bucket.Name, Failures = owed?.Failures ?? 0, FailingSince = owed?.FailingSince,
        };
        return queue.Send(ReplicationQueue, StoredJson.Write(message, StateJson.Default.ReplicationMessage), TimeSpan.Zero, ct);
    }

    /// <summary>The change that makes a copy part of a commit.</summary>
    public static Change InsertReplica(KeyAddress address, string intent, ReplicationIntent row) =>
        Change.Put(address.RowName(Rows.Intent, intent), Condition.Absent, StoredJson.Write(row, StateJson.Default.ReplicationIntent));

    /// <summary>The change that makes an event part of a commit.</summary>
    public static Change InsertEvent(KeyAddress address, string intent, ObjectEvent happened) =>
        Change.Put(address.RowName(Rows.Intent, intent), Condition.Absent, StoredJson.Write(happened, StateJson.Default.ObjectEvent));

    /// <summary>The change that makes the intent part of a commit.</summary>
    public static Change Insert(KeyAddress address, string intent, Garbage garbage) =>
        Change.Put(address.RowName(Rows.Intent, intent), Condition.Absent, StoredJson.Write(garbage, StateJson.Default.Garbage));

    /// <summary>Whether the consumer has given up on this intent, so that the writer needs another one.</summary>
    public async ValueTask<bool> IsTaken(KeyAddress address, string intent, CancellationToken ct) =>
        await table.Get(address.Row(Rows.Intent, intent), ct) is not null;

    /// <summary>The committed intent of a message, or what the job has to answer instead.</summary>
    public async ValueTask<(Garbage? Garbage, JobOutcome Otherwise)> Settle(FollowUp message, CancellationToken ct)
    {
        var (row, again, next) = await Look(message, ct);
        if (row is not null) return (StoredJson.Read(row.Value, StateJson.Default.Garbage), default);
        return (null, again is { } delay ? JobOutcome.After(delay, StoredJson.Write(next, StateJson.Default.FollowUp)) : JobOutcome.Done);
    }

    /// <summary>
    /// The row of an intent that was committed; or null, and when to look again with which message; or neither, where the
    /// commit will never come.
    /// </summary>
    public async ValueTask<(Row? Row, TimeSpan? Again, FollowUp Next)> Look(FollowUp message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var row = await table.Get(message.Row, ct);
        if (row is null)
        {
            // Also where the fence has stood its time: the same message, that came twice, took it away.
            if (message.IsCommitted || message.Fenced is not null) return (null, null, message);
            var age = now - message.Sent;
            if (age < CommitBound)
                return (null, age < LookAgainFirst ? LookAgainFirst : age < LookAgainLast ? age : LookAgainLast, message);
            var fence = Change.Put(message.Row.Row, Condition.Absent, Fence);
            var fenced = await table.Apply(message.Row.Partition, [fence], ct) == Outcome.Committed;
            return fenced ? (null, FenceLife, message with { Fenced = now }) : (null, TimeSpan.Zero, message);
        }
        if (!row.Value.Span.SequenceEqual(Fence.Span)) return (row, null, message);
        if (message.Fenced is { } since && now - since >= FenceLife)
        {
            await table.Apply(message.Row.Partition, [Change.Delete(message.Row.Row, Condition.Is(row.Stamp))], ct);
            return (null, null, message);
        }
        return (null, FenceLife, message with { Fenced = message.Fenced ?? now });
    }

    /// <summary>Whether the row keeps a commit from coming, instead of telling of one.</summary>
    public static bool IsFence(Row row) => row.Value.Span.SequenceEqual(Fence.Span);

    /// <summary>The event in a row; null for a fence, and for one that was delivered already.</summary>
    public static ObjectEvent? EventIn(Row row) =>
        row.Value.Span.SequenceEqual(Fence.Span) || row.Value.Span.SequenceEqual(Seen.Span)
            ? null
            : StoredJson.Read(row.Value, StateJson.Default.ObjectEvent);

    /// <summary>What is owed by the row of a copy; null for a fence, and for what was done already.</summary>
    public static ReplicationIntent? ReplicaIn(Row row) =>
        row.Value.Span.SequenceEqual(Fence.Span) || row.Value.Span.SequenceEqual(Seen.Span)
            ? null
            : StoredJson.Read(row.Value, StateJson.Default.ReplicationIntent);

    /// <summary>The change that leaves word for an intent's own message that the work is done.</summary>
    public static Change SeenOf(KeyAddress address, string intent) => Change.Put(address.RowName(Rows.Intent, intent), Condition.Any, Seen);

    /// <summary>The change that closes an intent whose message is at hand.</summary>
    public static Change CloseOf(KeyAddress address, string intent) => Change.Delete(address.RowName(Rows.Intent, intent), Condition.Any);

    /// <summary>Leaves word for an event's own message that it was delivered.</summary>
    public async ValueTask MarkSeen(Row row, CancellationToken ct) =>
        await table.Apply(row.Key.Partition, [Change.Put(row.Key.Row, Condition.Is(row.Stamp), Seen)], ct);

    /// <summary>The work is done: the intent goes.</summary>
    public async ValueTask Close(FollowUp message, CancellationToken ct) =>
        await table.Apply(message.Row.Partition, [Change.Delete(message.Row.Row, Condition.Any)], ct);

    private ValueTask Send(string name, FollowUp message, TimeSpan delay, CancellationToken ct) =>
        queue.Send(name, StoredJson.Write(message, StateJson.Default.FollowUp), delay, ct);
}
