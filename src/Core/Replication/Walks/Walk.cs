using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What a walk is for.</summary>
public enum WalkPurpose
{
    /// <summary>Versions that the rules name for a site, and that were there before the rules, are queued.</summary>
    [JsonStringEnumMemberName("existing")]
    Existing,

    /// <summary>It ends when the sites have what was there when it began, but for what was given up.</summary>
    [JsonStringEnumMemberName("arrived")]
    Arrived,

    /// <summary>Source and target are compared, version by version; what differs is queued again, and a report is signed.</summary>
    [JsonStringEnumMemberName("verify")]
    Verify,

    /// <summary>The counters of what is pending are set right, and messages that were lost are sent again.</summary>
    [JsonStringEnumMemberName("recount")]
    Recount,

    /// <summary>Versions and uploads that the lifecycle rules say so of are removed or moved; without a bucket, it is begun for every bucket where something may be due.</summary>
    [JsonStringEnumMemberName("lifecycle")]
    Lifecycle,

    /// <summary>A bucket that mirrors a source is made to say what that has; without a bucket, it is begun for every such bucket.</summary>
    [JsonStringEnumMemberName("ingest")]
    Ingest,

    /// <summary>Of a bucket that mirrors a source: what its listing did not tell is asked for, of every version where that is missing; or of all.</summary>
    [JsonStringEnumMemberName("details")]
    Details,

    /// <summary>A bucket's search index: what was there before is entered, and entries are removed that nothing stands behind.</summary>
    [JsonStringEnumMemberName("search-index")]
    SearchIndex,

    /// <summary>Bytes that are in locations, and that no row names, are removed after a safe age.</summary>
    [JsonStringEnumMemberName("collect")]
    Collect,

    /// <summary>Rows whose life is over are removed, and parts whose upload is gone.</summary>
    [JsonStringEnumMemberName("expire")]
    Expire,

    /// <summary>All that is in a bucket, or below a prefix, is removed for good: every version, and unfinished uploads.</summary>
    [JsonStringEnumMemberName("empty")]
    Empty,

    /// <summary>Copies that were given up before it began are sent again: those to one site, or to all; of one bucket, or of all.</summary>
    [JsonStringEnumMemberName("retry")]
    Retry,
}

/// <summary>How far a walk has come.</summary>
public enum WalkState
{
    /// <summary>It goes on by itself, whatever ends in between.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>It came to its end.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>It cannot go on: <see cref="Walk.Trouble"/> says why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It was cancelled.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>What a walk is to do.</summary>
public sealed record WalkRequest
{
    /// <summary>What for.</summary>
    public required WalkPurpose Purpose { get; init; }

    /// <summary>The bucket's name; null for all, which only a recount can mean.</summary>
    public string? Bucket { get; init; }

    /// <summary>The site; null for every one that the rules name, which a verification cannot mean.</summary>
    public string? Site { get; init; }

    /// <summary>Of what was there before: whether only rules count that ask for it (<c>ExistingObjectReplication</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AskedOnly { get; init; }

    /// <summary>Of a search index: the ids of the fields that are built; null where entries are only tidied up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Of a verification: whether the bytes of each copy are read and compared too. Of details: whether they are asked for of all versions.</summary>
    public bool Deep { get; init; }

    /// <summary>Of a verification, and of a collection: whether what is found is left as it is.</summary>
    public bool ReportOnly { get; init; }

    /// <summary>Of an emptying: keys that begin so; null for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Prefix { get; init; }

    /// <summary>The keys it is about, where it is a part of another; null for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WalkRange? Range { get; init; }
}

/// <summary>A range of keys.</summary>
/// <param name="Number">Among those of its walk, from 0.</param>
/// <param name="After">Behind this key; null from the first on.</param>
/// <param name="UpTo">Up to this key, and with it; null to the last.</param>
public sealed record WalkRange(int Number, string? After, string? UpTo)
{
    /// <summary>Whether a key is behind its end.</summary>
    internal bool IsBehind(string key) => UpTo is not null && Utf8Order.Compare(key, UpTo) > 0;
}

/// <summary>A walk, as its row tells.</summary>
public sealed record Walk
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Its name: purpose, site, bucket. There is one walk of a name; started anew, it begins anew.</summary>
    public required string Id { get; init; }

    /// <summary>Tells this walk from earlier ones of its name.</summary>
    public required string Run { get; init; }

    /// <summary>What it is to do.</summary>
    public required WalkRequest Request { get; init; }

    /// <summary>The bucket's id; null for all.</summary>
    public string? BucketId { get; init; }

    /// <summary>How far it has come.</summary>
    public required WalkState State { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it last said how far it is.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How often it was taken up.</summary>
    public int Steps { get; init; }

    /// <summary>Up to where everything is done; null at the beginning.</summary>
    public WalkCursor? Cursor { get; init; }

    /// <summary>The parts that do its work; 0 where it does that itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Shards { get; init; }

    /// <summary>What it had found and done itself before it was split.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WalkCounts? Own { get; init; }

    /// <summary>The copy that is being read; null where none is, or it is read at once.</summary>
    public WalkReading? Reading { get; init; }

    /// <summary>About how many versions there were when it began; 0 where that is not known.</summary>
    public long Total { get; init; }

    /// <summary>What it has found and done.</summary>
    public WalkCounts Counts { get; init; } = new();

    /// <summary>Differences by their reason.</summary>
    public IReadOnlyDictionary<string, long> Reasons { get; init; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>The first of the differences; at most <see cref="MostDifferences"/>.</summary>
    public IReadOnlyList<Difference> Differences { get; init; } = [];

    /// <summary>What waits for it to go on, in words for people; null where nothing does.</summary>
    public string? Waiting { get; init; }

    /// <summary>Why it failed, in words for people.</summary>
    public string? Trouble { get; init; }

    /// <summary>The id of its report, once it is signed.</summary>
    public string? Report { get; init; }

    /// <summary>The run that is at it; null where none is.</summary>
    public WalkClaim? Claim { get; init; }

    /// <summary>So many differences are told one by one.</summary>
    [JsonIgnore]
    public static int MostDifferences => 100;

    /// <summary>The same with a difference more.</summary>
    internal Walk Tell(Difference difference)
    {
        var reasons = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (reason, count) in Reasons) reasons[reason] = count;
        reasons[difference.Reason] = reasons.GetValueOrDefault(difference.Reason) + 1;
        return this with
        {
            Counts = Counts with { Different = Counts.Different + 1 },
            Reasons = reasons,
            Differences = Differences.Count < MostDifferences ? [.. Differences, difference] : Differences,
        };
    }
}

/// <summary>A place in a bucket.</summary>
/// <param name="Key">The key of the place, or the last that is done.</param>
public sealed record WalkCursor(string Key)
{
    /// <summary>The bucket, where all are walked.</summary>
    public string? Bucket { get; init; }

    /// <summary>The row, where rows are walked instead of keys: its partition is <see cref="Key"/>.</summary>
    public string? Row { get; init; }

    /// <summary>Within the key: the last version that is done; null where all of them are.</summary>
    public string? Version { get; init; }

    /// <summary>Within the key: whether the version that its site should show was seen.</summary>
    public bool HasFront { get; init; }

    /// <summary>Of a walk that has several: the stage that it is in.</summary>
    public string? Stage { get; init; }

    /// <summary>The location, where what locations have is walked; <see cref="Key"/> is a position of its own terms.</summary>
    public string? Location { get; init; }

    /// <summary>Where it goes on when the following stages are done.</summary>
    public WalkCursor? Then { get; init; }
}

/// <summary>A large copy that is being read and compared.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Sequence">The version's.</param>
/// <param name="ETag">The copy's.</param>
/// <param name="Offset">Bytes that were compared.</param>
/// <param name="Crc">Their CRC in Base64, where the version has one of all its bytes.</param>
public sealed record WalkReading(string Key, long Sequence, string ETag, long Offset, string? Crc);

/// <summary>What a walk has found and done. Numbers of versions, unless they are said to be something else.</summary>
public sealed record WalkCounts
{
    /// <summary>Keys of the source.</summary>
    public long Keys { get; init; }

    /// <summary>Versions of the source.</summary>
    public long Versions { get; init; }

    /// <summary>Versions that are compared with their copy and found the same.</summary>
    public long Same { get; init; }

    /// <summary>Bytes of those.</summary>
    public long SameBytes { get; init; }

    /// <summary>Bytes that were read at the target and compared.</summary>
    public long ReadBytes { get; init; }

    /// <summary>Copies that are on their way anyway.</summary>
    public long Pending { get; init; }

    /// <summary>Differences: of versions, and objects of the target that are none's.</summary>
    public long Different { get; init; }

    /// <summary>Older versions that a target without versions cannot hold.</summary>
    public long Superseded { get; init; }

    /// <summary>Copies that were queued, or queued again.</summary>
    public long Queued { get; init; }

    /// <summary>Bytes of those.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Messages that were sent again.</summary>
    public long Resent { get; init; }

    /// <summary>Of a lifecycle: objects that were hidden behind a delete marker.</summary>
    public long Hidden { get; init; }

    /// <summary>Of a lifecycle: versions and delete markers that were removed for good; of a collection: bodies; of what expires: rows.</summary>
    public long Removed { get; init; }

    /// <summary>Bytes of those, or that went with them.</summary>
    public long RemovedBytes { get; init; }

    /// <summary>Of a lifecycle: uploads that were aborted.</summary>
    public long Aborted { get; init; }

    /// <summary>Of a search index: entries that were written.</summary>
    public long Entered { get; init; }

    /// <summary>Of a search index: entries that were removed, as no version is what they say.</summary>
    public long Stale { get; init; }

    /// <summary>Of a collection: bodies that locations have.</summary>
    public long Bodies { get; init; }

    /// <summary>Of a collection: those of no bucket of this installation. They are left alone.</summary>
    public long Foreign { get; init; }

    /// <summary>Of an ingestion: versions of which no more is known than a listing tells.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Listed { get; init; }

    /// <summary>Of a lifecycle: what was due, but is retained, leased, on hold, owed to a site, or where rules are paused.</summary>
    public long Kept { get; init; }

    /// <summary>Both together.</summary>
    public static WalkCounts operator +(WalkCounts a, WalkCounts b) => new()
    {
        Keys = a.Keys + b.Keys, Versions = a.Versions + b.Versions, Same = a.Same + b.Same, SameBytes = a.SameBytes + b.SameBytes,
        ReadBytes = a.ReadBytes + b.ReadBytes, Pending = a.Pending + b.Pending, Different = a.Different + b.Different, Superseded = a.Superseded + b.Superseded,
        Queued = a.Queued + b.Queued, QueuedBytes = a.QueuedBytes + b.QueuedBytes, Resent = a.Resent + b.Resent, Hidden = a.Hidden + b.Hidden,
        Removed = a.Removed + b.Removed, RemovedBytes = a.RemovedBytes + b.RemovedBytes, Aborted = a.Aborted + b.Aborted, Kept = a.Kept + b.Kept,
        Listed = a.Listed + b.Listed, Entered = a.Entered + b.Entered, Stale = a.Stale + b.Stale, Bodies = a.Bodies + b.Bodies, Foreign = a.Foreign + b.Foreign,
    };
}

/// <summary>Where source and target differ.</summary>
/// <param name="Key">The source's key; of an object that is no version's, the target's.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
public sealed record Difference(string Key, string Reason)
{
    /// <summary>The source's version id; null where there is no version.</summary>
    public string? VersionId { get; init; }

    /// <summary>What should be.</summary>
    public string? Expected { get; init; }

    /// <summary>What is.</summary>
    public string? Found { get; init; }
}

/// <summary>The reasons of differences.</summary>
public static class Reasons
{
#pragma warning disable format // a table
    /// <summary>What a difference can be.</summary>
    public const string
        Missing    = "missing",    // COMPLETED, but nothing is at the target
        Extra      = "extra",      // at the target under the bucket's prefix, but no version of the source belongs there
        Size       = "size",       // another number of bytes
        ETag       = "etag",       // another ETag than was recorded when it was copied
        Mark       = "mark",       // the target's scal-version-id names another version, or is missing
        Metadata   = "metadata",   // other user metadata
        Headers    = "headers",    // another Content-Type, Cache-Control …
        Tags       = "tags",       // other tags
        Content    = "content",    // other bytes (deep)
        NotDeleted = "not-deleted",// a delete marker is COMPLETED, but the object is still there
        Failed     = "failed",     // the copy was given up
        Unqueued   = "unqueued",   // the rules name it, but it was never queued
        Unlisted   = "unlisted";   // of a collection: the location could not be listed; its bytes are looked at next time
#pragma warning restore format

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Missing, Extra, Size, ETag, Mark, Metadata, Headers, Tags, Content, NotDeleted, Failed, Unqueued, Unlisted];
}

/// <summary>A run that is at a walk.</summary>
/// <param name="Process">The process; where there can be one only, another's claim is a dead one's.</param>
/// <param name="Run">The run in it.</param>
/// <param name="Until">When it is over, unless it is renewed.</param>
public sealed record WalkClaim(string Process, string Run, DateTimeOffset Until);

/// <summary>The message of a walk, or of a timer.</summary>
internal sealed record WalkMessage
{
    public int Format { get; init; } = 1;

    /// <summary>The walk's id, or the timer's.</summary>
    public required string Id { get; init; }

    /// <summary><see cref="Walk.Run"/>, or what tells a timer from earlier ones.</summary>
    public required string Run { get; init; }

    /// <summary>Of a timer: which time it is; null for a walk.</summary>
    public long? Tick { get; init; }
}
