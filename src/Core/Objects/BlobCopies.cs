using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Copies of blobs that are too large for a request. The target is an empty version whose copy is pending, and an intent row beside it
/// says what is to come; a job fills a list of parts, which nothing names but that row, and in the commit of the last one the version
/// gets them. Before a body is begun its name stands in the row, so that a process that dies leaves nothing behind.
/// </summary>
/// <param name="table">The table of objects.</param>
/// <param name="queue">Takes the messages.</param>
/// <param name="buckets">The buckets.</param>
/// <param name="objects">Where the source is, and the target.</param>
/// <param name="locations">Where bytes go.</param>
/// <param name="options">Settings.</param>
/// <param name="clock">The time.</param>
public sealed partial class BlobCopies(
    ITable table, IQueue queue, Buckets buckets, ObjectStore objects, LocationCatalog locations, ObjectOptions options, TimeProvider clock) : IJob
{
    /// <summary>The name of its queue.</summary>
    public const string QueueName = "copies";

    /// <summary>A message that came sooner than the commit would have to be sent once more.</summary>
    private static readonly TimeSpan CommitTime = TimeSpan.FromMilliseconds(200);

    /// <summary>A run ends after so long, and another one goes on.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);

    /// <summary>As Azure has it: what did not come about in two weeks failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(14);

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    /// <summary>Neither a lease nor the copy itself keeps its bytes from coming.</summary>
    private static readonly Conditions Passing = new() { IsBlob = true, IsOfLease = true };

    /// <summary>A part takes no longer than this and a second a MiB; who finds one that does may begin it anew.</summary>
    private static readonly TimeSpan PartTime = TimeSpan.FromSeconds(20);

    /// <summary>Chunks of pages that one commit may have: its rows are bounded.</summary>
    private const int MostChunks = 64;

    private readonly VersionRows versions = new(table);
    private readonly PageRows pageRows = new(table);
    private readonly PageBodies bodies = new(objects, locations, options, clock);
    private readonly FollowUps followUps = new(table, queue, clock);
    private readonly Intake intake = new(locations, options, clock);
    private readonly Manifests manifests = new(table);
    private readonly VersionWriter writer = new(table, buckets, new FollowUps(table, queue, clock), options, clock);

    /// <inheritdoc/>
    public string Queue => QueueName;

    /// <summary>Up to so many bytes a copy is made within the request.</summary>
    public long AtOnce => options.CopiedAtOnce;

    /// <summary>
    /// Begins a copy: the empty blob that will be it. Like a write it refuses where the conditions do not hold, and a blob of another type
    /// in its place; the source was found, and may be read by the sender.
    /// </summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key.</param>
    /// <param name="by">Who writes.</param>
    /// <param name="description">What the blob says of itself; its <see cref="BlobState.Copy"/> names the copy.</param>
    /// <param name="conditions">What must be true of the blob that is replaced.</param>
    /// <param name="source">What is copied.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<Result<ObjectVersion>> Begin(
        Bucket bucket, string key, Writer by, Description description, Conditions conditions, BlobCopySource source, CancellationToken ct)
    {
        var from = source.Version;
        var blob = description.Blob! with
        {
            // What was copied flat from a page blob has no pages.
            Type = from.Blob is { Type: BlobType.PageBlob } && from.Body.Pages is null ? BlobType.BlockBlob : from.Blob?.Type ?? BlobType.BlockBlob,
            SequenceNumber = from.Blob?.SequenceNumber,
        };
        var copy = blob.Copy! with { Status = BlobCopy.Pending, Done = 0, Total = from.Size, Ended = null };
        var (space, intent) = (Rows.ObjectSpace(bucket), IntentOf(copy.Id));
        var before = blob.Incremental is null ? null : await Before(bucket, key, blob.Incremental.Made, ct);
        await followUps.AnnounceCopy(space, key, intent, CommitTime, ct);
        return await objects.PutPending(
            bucket, key, by, description with { Blob = blob with { Copy = copy, ContentMd5 = null } }, from.Size, conditions with { OfType = blob.Type }, Intent, ct);

        Change Intent(ObjectVersion version)
        {
            var work = new CopyWork
            {
                Since = clock.GetUtcNow(),
                By = by.Cause?.PrincipalId ?? by.CanonicalId,
                Request = by.Cause?.RequestId ?? copy.Id,
                Copy = copy.Id,
                Bucket = bucket.Name,
                Version = version.Id,
                PublicId = version.PublicId,
                ContentMd5 = blob.ContentMd5,
                SourceBucket = source.Bucket.Name,
                SourceBucketId = source.Bucket.Id,
                SourceKey = source.Key,
                SourceVersion = from.Blob?.Snapshot is null ? from.PublicId : null,
                SourceSnapshot = from.Blob?.Snapshot,
                SourceId = from.Id,
                SourceETag = from.ETag,
                Total = from.Size,
                PartBytes = Math.Max(options.CopyPartBytes, from.Size / (ObjectLimits.Parts - 1) + 1),
                // With a tail, so that whoever removes it looks for all rows that begin with its name.
                Pages = from.Body.Pages is null ? null : new(version.Id) { Origin = before?.Version.Body.Pages is { } pages ? pages.Origin ?? pages.Id : null },
                SourceRevision = blob.Incremental is null ? null : VersionReader.RevisionOf(from),
                Before = before?.Version.Blob!.Snapshot,
                BeforeRevision = before is null ? null : blob.Incremental!.Revision,
                Parts = new(version.Id + "." + version.Id, 0, []) { Tail = "0" },
            };
            return Change.Put(KeyCodec.Address(space, key).RowName(Rows.Intent, intent), Condition.Absent, Written(work));
        }
    }

    /// <summary>Goes on with a copy that was begun, for a minute at most; gives the blob as it is then. What is left to do the job does.</summary>
    public async ValueTask<ObjectVersion> Hurry(Bucket bucket, string key, ObjectVersion begun, CancellationToken ct)
    {
        var followUp = new FollowUp { Space = Rows.ObjectSpace(bucket), Key = key, Intent = IntentOf(begun.Blob!.Copy!.Id), Sent = clock.GetUtcNow(), IsCommitted = true };
        try
        {
            await Run(StoredJson.Write(followUp, StateJson.Default.FollowUp), ct);
        }
        catch (IOException)
        {
            // The job tries it again.
        }
        return await objects.Find(bucket, key, begun.PublicId, ct) is { Refusal: null } found && found.Value.Version.Id == begun.Id ? found.Value.Version : begun;
    }

    /// <summary>Ends a copy under way: an empty blob stays. <see cref="Refusal.Conflict"/> where none of that id is.</summary>
    public ValueTask<Result<ObjectVersion>> Abort(Bucket bucket, string key, string id, Conditions conditions, CancellationToken ct) =>
        End(bucket, key, null, id, conditions with { CopyId = id }, copy => copy with { Status = BlobCopy.Aborted }, ct);

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var followUp = StoredJson.Read(message, StateJson.Default.FollowUp);
        var began = clock.GetTimestamp();
        while (true)
        {
            var (row, again, next) = await followUps.Look(followUp, ct);
            if (row is null) return again is { } delay ? JobOutcome.After(delay, StoredJson.Write(next, StateJson.Default.FollowUp)) : JobOutcome.Done;
            followUp = followUp with { IsCommitted = true };
            var seen = StoredJson.Write(followUp, StateJson.Default.FollowUp);
            var work = StoredJson.Read(row.Value, StateJson.Default.CopyWork);
            if (work.Busy - clock.GetUtcNow() is { } busy && busy > TimeSpan.Zero) return JobOutcome.After(busy, seen);
            var bucket = await buckets.Find(work.Bucket, ct);
            if (bucket is null || Rows.ObjectSpace(bucket) != followUp.Space || await Target(bucket, followUp.Key, work, ct) is not { } target)
            {
                await Drop(followUp, row, work, ct);
                continue;
            }
            if (clock.GetElapsedTime(began) >= Turn) return JobOutcome.After(TimeSpan.Zero, seen);
            var stepped = await Step(bucket, target, followUp, row, work, ct);
            if (stepped.Wrong is { } wrong) await End(bucket, followUp.Key, work.PublicId, work.Copy, Passing, copy => copy with { Status = BlobCopy.Failed, Description = wrong }, ct);
            else if (stepped.IsRefused) return JobOutcome.After(LookAgain, seen);
        }
    }

    /// <summary>Nothing comes of the copy any more: its parts become the collector's.</summary>
    private async ValueTask Drop(FollowUp followUp, Row row, CopyWork work, CancellationToken ct)
    {
        foreach (var left in work.Unnamed) await Delete(left, ct);
        var intent = await followUps.Announce(followUp.Space, followUp.Key, CommitTime, ct);
        // Nobody ever read them.
        var garbage = new Garbage { Since = clock.GetUtcNow() - options.ReadGrace, Manifest = work.Parts, Pages = work.Pages };
        Change[] changes = [Change.Delete(row.Key.Row, Condition.Is(row.Stamp)), FollowUps.Insert(KeyCodec.Address(followUp.Space, followUp.Key), intent, garbage)];
        if (await table.Apply(row.Key.Partition, changes, ct) == Outcome.Unknown) throw new UnknownOutcomeException();
    }

    private ValueTask<Result<ObjectVersion>> End(
        Bucket bucket, string key, string? publicId, string id, Conditions conditions, Func<BlobCopy, BlobCopy> next, CancellationToken ct) =>
        objects.Amend(bucket, key, publicId, conditions, null, version => version.Blob?.Copy is { IsPending: true } copy && copy.Id == id
            ? BlobStates.Touched(version with { Blob = version.Blob with { Copy = next(copy) with { Ended = clock.GetUtcNow() } } }, clock.GetUtcNow())
            : Refusal.Conflict, ct);

    /// <summary>The version that gets the bytes, where it still waits for them.</summary>
    private async ValueTask<ObjectVersion?> Target(Bucket bucket, string key, CopyWork work, CancellationToken ct) =>
        await objects.Find(bucket, key, work.PublicId, ct) is { Refusal: null } found && IsUnderWay(found.Value.Version, work) ? found.Value.Version : null;

    private static bool IsUnderWay(ObjectVersion version, CopyWork work) =>
        version.Id == work.Version && version.Blob?.Copy is { IsPending: true } copy && copy.Id == work.Copy;

    private async ValueTask Delete(Stored stored, CancellationToken ct) => await (await locations.Get(stored.Location, ct)).Delete(stored, ct);

    private static string IntentOf(string copy) => "copy." + copy;

    private static ReadOnlyMemory<byte> Written(CopyWork work) => StoredJson.Write(work, StateJson.Default.CopyWork);
}
