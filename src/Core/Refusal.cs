namespace ZenkoFunctions.Core;

/// <summary>
/// Why the domain said no, in terms that no protocol owns. Each protocol maps it to its own codes in one switch.
/// These are expected answers and travel as values, never as exceptions.
/// </summary>
public enum Refusal
{
    /// <summary>No bucket of that name.</summary>
    NoSuchBucket,

    /// <summary>The name is taken by a bucket of another account.</summary>
    BucketTaken,

    /// <summary>The caller owns a bucket of that name already.</summary>
    BucketOwned,

    /// <summary>Objects or uploads are left in the bucket.</summary>
    BucketNotEmpty,

    /// <summary>No location of that name.</summary>
    NoSuchLocation,

    /// <summary>No object under that key.</summary>
    NoSuchKey,

    /// <summary>No version of that id under the key.</summary>
    NoSuchVersion,

    /// <summary>The version that was named is a delete marker: there is nothing to read or to say of it. Carries it.</summary>
    DeleteMarker,

    /// <summary>No multipart upload of that id under the key, or it has ended.</summary>
    NoSuchUpload,

    /// <summary>The object has no part of that number.</summary>
    NoSuchPart,

    /// <summary>A conditional header did not hold.</summary>
    PreconditionFailed,

    /// <summary>The reader has this very version already.</summary>
    NotModified,

    /// <summary>Another request changed the same key while a conditional one was under way; the client should try again.</summary>
    Conflict,

    /// <summary>A part that was named in Complete is unknown, or its ETag or checksum is another.</summary>
    InvalidPart,

    /// <summary>The parts that were named in Complete are not in ascending order.</summary>
    InvalidPartOrder,

    /// <summary>A part that is not the last is smaller than 5 MiB.</summary>
    PartTooSmall,

    /// <summary>More bytes than the protocol or the location allows.</summary>
    TooLarge,

    /// <summary>The bucket's quota has no room for it; <see cref="Result{T}.Detail"/> says how much it has.</summary>
    QuotaExceeded,

    /// <summary>The location keeps as much as it may already; <see cref="Result{T}.Detail"/> names it.</summary>
    LocationFull,

    /// <summary>The body was shorter than announced.</summary>
    IncompleteBody,

    /// <summary>The body's Content-MD5 or checksum is not the one that was announced.</summary>
    BadDigest,

    /// <summary>No byte of the object lies in the range; carries the version, whose size the answer names.</summary>
    InvalidRange,

    /// <summary>The request contradicts what the upload or object was created with; <see cref="Result{T}.Detail"/> says how.</summary>
    InvalidRequest,

    /// <summary>The version is retained or on legal hold; <see cref="Result{T}.Detail"/> says which.</summary>
    Locked,

    /// <summary>The object is leased, and the sender names no lease; <see cref="Result{T}.Detail"/> says what to do.</summary>
    Leased,

    /// <summary>The object is leased under another id.</summary>
    LeaseMismatch,

    /// <summary>The lease that the sender names has ended.</summary>
    LeaseLost,

    /// <summary>The sender names a lease of what is not leased.</summary>
    LeaseNotPresent,

    /// <summary>The object has snapshots, which would be left alone; <see cref="Result{T}.Detail"/> says what to do.</summary>
    SnapshotsPresent,

    /// <summary>The id of a block is not as long as the others of its blob.</summary>
    InvalidBlock,

    /// <summary>A list of blocks names one that there is not.</summary>
    InvalidBlockList,

    /// <summary>A blob would have more blocks than it may.</summary>
    TooManyBlocks,

    /// <summary>The blob does not end where the sender wants to append.</summary>
    AppendPosition,

    /// <summary>The blob would become larger than the sender wants it to.</summary>
    AppendSize,

    /// <summary>Nothing can be appended to the blob any more.</summary>
    Sealed,

    /// <summary>Blobs of this type cannot be changed in this way.</summary>
    WrongBlobType,

    /// <summary>Pages lie behind the end of their blob.</summary>
    InvalidPageRange,

    /// <summary>A condition on the sequence number of a page blob did not hold.</summary>
    SequenceNumber,

    /// <summary>A copy to the blob is under way: until it has ended or is aborted, nobody changes the blob.</summary>
    PendingCopy,

    /// <summary>Incremental copies alone write the blob, and only its snapshots are read.</summary>
    IncrementalCopy,

    /// <summary>The blob is another one than when the earlier snapshot was made.</summary>
    BlobOverwritten,

    /// <summary>The bucket's other settings do not allow this one; <see cref="Result{T}.Detail"/> says why.</summary>
    InvalidBucketState,

    /// <summary>The name, e-mail address or id of an account, user or access key is another's already.</summary>
    IdentityTaken,

    /// <summary>No account, user or access key of that name or id.</summary>
    NoSuchIdentity,

    /// <summary>A policy document does not follow the grammar; <see cref="Result{T}.Detail"/> says where.</summary>
    MalformedPolicy,

    /// <summary>No encryption key of that name.</summary>
    NoSuchEncryptionKey,

    /// <summary>The sender may not do it any more: what permitted it was changed while the request was under way.</summary>
    Forbidden,

    /// <summary>Busy beyond a bound, or a location is out of reach; the client should try again later.</summary>
    Unavailable,
}

/// <summary>A value, or why there is none.</summary>
/// <typeparam name="T">The value.</typeparam>
public readonly struct Result<T>
{
    private readonly T? value;

    internal Result(T? value, Refusal? refusal, string? detail) => (this.value, Refusal, Detail) = (value, refusal, detail);

    /// <summary>Why it was refused; null on success.</summary>
    public Refusal? Refusal { get; }

    /// <summary>For the person who reads the message: what exactly was wrong. Optional.</summary>
    public string? Detail { get; }

    /// <summary>The value of a success.</summary>
    public T Value => Refusal is null ? value! : throw new InvalidOperationException($"Refused: {Refusal}. {Detail}");

    /// <summary>What a refusal carries along (the version that was not modified, say); null where it carries nothing.</summary>
    public T? Carried => value;

    /// <summary>The same refusal where another value was expected; what it carried is left behind.</summary>
    public Result<TOther> As<TOther>() => new(default, Refusal ?? throw new InvalidOperationException("Nothing was refused."), Detail);

    /// <summary>A success.</summary>
    public static implicit operator Result<T>(T value) => new(value, null, null);

    /// <summary>A bare refusal.</summary>
    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal, null);

    /// <summary>A refusal with its detail.</summary>
    public static implicit operator Result<T>(Declined declined) => new(default, declined.Refusal, declined.Detail);
}

/// <summary>A refusal and what to tell the person about it.</summary>
public readonly record struct Declined(Refusal Refusal, string? Detail);

/// <summary>Ways to refuse.</summary>
public static class Refusals
{
    /// <summary>Adds what exactly was wrong.</summary>
    public static Declined Because(this Refusal refusal, string detail) => new(refusal, detail);

    /// <summary>Lets the refusal carry the value it is about.</summary>
    public static Result<T> Carrying<T>(this Refusal refusal, T value) => new(value, refusal, null);
}
