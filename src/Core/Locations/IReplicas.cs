using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace ZenkoFunctions.Core.Locations;

/// <summary>
/// A location that keeps replicas: objects under readable names with what is said of them, so that users of that cloud read them
/// without us. Every kind passes the same suite (<c>ReplicasContract</c>).
/// </summary>
/// <remarks>
/// What a service says no to for good (no such bucket, access denied, a key it cannot hold) is a <see cref="ReplicaRefusedException"/>;
/// what may pass (it does not answer, it is busy, bytes arrived damaged) is a <see cref="LocationUnavailableException"/>.
/// </remarks>
public interface IReplicas
{
    /// <summary>What this kind of place can do with replicas.</summary>
    ReplicaTraits ReplicaTraits { get; }

    /// <summary>What stands under the key, or that version of it; null where nothing does. A delete marker is nothing.</summary>
    ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct);

    /// <summary>The same, where nobody asks for its tags: there may be none in the answer, which spares some services a call.</summary>
    ValueTask<Replica?> FindUntagged(string key, string? versionId, CancellationToken ct) => Find(key, versionId, ct);

    /// <summary>
    /// Stores the whole body in one call, at most <see cref="ReplicaTraits.MaxPutBytes"/>. The service checks the bytes that reach it
    /// against <see cref="ReplicaPlan.Md5"/>; where it disagrees, nothing is stored.
    /// </summary>
    ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct);

    /// <summary>Begins a replica that comes in parts; the text names it for the calls that follow, from any process, for a week at least.</summary>
    ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct);

    /// <summary>
    /// Stores a part: numbers from 1, each of <see cref="ReplicaPlan.PartBytes"/> but the last. The same number again replaces it.
    /// </summary>
    /// <param name="plan">As it was begun.</param>
    /// <param name="upload">What <see cref="Begin"/> gave.</param>
    /// <param name="number">From 1.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct);

    /// <summary>
    /// Makes the parts, all of them in order, the object; again, it tells what was made. Where what was begun is forgotten, that is
    /// refused by the code <c>NoSuchUpload</c>: it can be begun anew.
    /// </summary>
    ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct);

    /// <summary>Forgets what was begun; succeeds where it is forgotten already.</summary>
    ValueTask Abort(string key, string upload, CancellationToken ct);

    /// <summary>
    /// Forgets what was begun under exactly that key between two times of the place's clock: whose name was never learnt can be
    /// forgotten in no other way. Succeeds where nothing was begun, and where the place forgets by itself.
    /// </summary>
    ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct);

    /// <summary>Replaces the tags of a replica; none removes them. Where it is not there any more, that may pass: look again.</summary>
    ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct);

    /// <summary>
    /// Removes what is current under the key: a delete marker where the place keeps versions. The marker's version id, null where
    /// there is none; succeeds where nothing is there.
    /// </summary>
    ValueTask<string?> Delete(string key, CancellationToken ct);

    /// <summary>Whether that version of the key is a delete marker. Only asked where versions are kept.</summary>
    ValueTask<bool> IsMarker(string key, string versionId, CancellationToken ct) => new(false);

    /// <summary>The bytes of exactly that replica (its version, or its ETag); null where it is not there any more.</summary>
    ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct);

    /// <summary>
    /// What is current, by key in the order of UTF-8 bytes, behind <paramref name="after"/>. Without tags and marks where a listing
    /// does not tell them (<see cref="Replica.IsWhole"/>).
    /// </summary>
    IAsyncEnumerable<Replica> List(string prefix, string? after, CancellationToken ct);

    /// <summary>Whether the place keeps versions as it is set now. Asked of a place that is to be mirrored.</summary>
    ValueTask<SourceVersioning> Versioning(CancellationToken ct) => new(SourceVersioning.None);

    /// <summary>
    /// All versions and delete markers, by key in the order of UTF-8 bytes, of a key the newest first, behind the versions of
    /// <paramref name="after"/>. Where the place keeps no versions, what is current.
    /// </summary>
    async IAsyncEnumerable<SourceVersion> ListVersions(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var found in List(prefix, after, ct).WithCancellation(ct))
            yield return new(found.Key, null, true, found.Size, found.ETag, found.Modified);
    }

    /// <summary>
    /// The first of those keys, about so many: fewer only where there are no more. What a look costs that is not followed by a listing.
    /// </summary>
    async IAsyncEnumerable<string> Keys(string? after, int limit, [EnumeratorCancellation] CancellationToken ct)
    {
        string? last = null;
        await foreach (var version in ListVersions("", after, ct).WithCancellation(ct))
        {
            if (version.Key == last) continue;
            yield return last = version.Key;
            if (--limit == 0) yield break;
        }
    }

    /// <summary>Removes a version or a delete marker for good; succeeds where it is gone already. Only asked where versions are kept.</summary>
    ValueTask DeleteVersion(string key, string versionId, CancellationToken ct) => throw new NotSupportedException();
}

/// <summary>Whether a place keeps versions.</summary>
public enum SourceVersioning
{
    /// <summary>It never did, or does not know them.</summary>
    None,

    /// <summary>It does.</summary>
    Enabled,

    /// <summary>It did once.</summary>
    Suspended,
}

/// <summary>A version as the listing of its place tells.</summary>
/// <param name="Key">The full key there.</param>
/// <param name="VersionId">The place's own id; null where it keeps none, or for what was written while it kept none.</param>
/// <param name="IsLatest">Whether it is current.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="ETag">Without quotes; empty for a delete marker.</param>
/// <param name="Modified">When it was written there.</param>
public readonly record struct SourceVersion(string Key, string? VersionId, bool IsLatest, long Size, string ETag, DateTimeOffset Modified)
{
    /// <summary>Whether it stands for a deletion.</summary>
    public bool IsMarker { get; init; }
}

/// <summary>What a kind of place can do with replicas.</summary>
/// <param name="KeepsVersions">Whether an overwritten replica stays, under its version id.</param>
/// <param name="MaxPutBytes">The largest body of one call.</param>
/// <param name="MaxParts">The most parts.</param>
/// <param name="HasTags">Whether objects can be tagged.</param>
/// <param name="WholeKey">Whether keys go without the bucket's name before them (Zenko: <c>bucketMatch</c>).</param>
public sealed record ReplicaTraits(bool KeepsVersions, long MaxPutBytes, int MaxParts, bool HasTags, bool WholeKey)
{
    /// <summary>Whether a listing may begin anywhere, without a walk past what stands before.</summary>
    public bool ListsFromAnywhere { get; init; } = true;

    /// <summary>The full key at the target.</summary>
    public string KeyOf(string bucket, string key) => WholeKey ? key : $"{bucket}/{key}";
}

/// <summary>A replica that is to be written.</summary>
public sealed record ReplicaPlan
{
    /// <summary>The full key at the target.</summary>
    public required string Key { get; init; }

    /// <summary>Bytes of the object.</summary>
    public required long Size { get; init; }

    /// <summary>The MD5 of the whole body where it is known beforehand: always for what is put in one call.</summary>
    public byte[]? Md5 { get; init; }

    /// <summary>Bytes of each part but the last, where it comes in parts.</summary>
    public long PartBytes { get; init; }

    /// <summary>Content-Type, Cache-Control … by their canonical names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>User metadata by name (lower case, without <c>x-amz-meta-</c>), the marks of a replica among them.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Tags by key; none for none.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>A replica as its place tells.</summary>
/// <param name="Key">The full key at the target.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="ETag">Without quotes; names the content there, whatever it is made of.</param>
/// <param name="VersionId">The place's own version id; null where it keeps none.</param>
/// <param name="Modified">When it was written there.</param>
public sealed record Replica(string Key, long Size, string ETag, string? VersionId, DateTimeOffset Modified)
{
    /// <summary>Whether <see cref="Headers"/>, <see cref="Metadata"/> and <see cref="Tags"/> are told; else they are to be asked for.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary><see cref="ReplicaPlan.Headers"/>; a Content-Type may be there that nobody gave.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc cref="ReplicaPlan.Metadata"/>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc cref="ReplicaPlan.Tags"/>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>A part that was stored.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Name">What the place calls it: an ETag, a block id.</param>
/// <param name="Length">Its bytes.</param>
public sealed record ReplicaPart(int Number, string Name, long Length);
