using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// The rows of the objects table. Each object key, and each upload's key, has a partition of its own (see
/// <see cref="KeyCodec"/>); the first letter of a row's name is its kind.
/// </summary>
internal static class Rows
{
    private const int SequenceDigits = 16;

    /// <summary>
    /// Object space: the highest sequence of a key of which no version is left, so that none that follows seems older. Zero, where the
    /// first version of a key is made: it shows to whom else does that. Only in buckets that were ever versioned.
    /// </summary>
    public const char HighWater = 'a';

    /// <summary>
    /// Object space: the current version, where it is a delete marker. Apart from the objects, so that listings of those
    /// need not read it.
    /// </summary>
    public const char Marker = 'b';

    /// <summary>Object space: the current version, where it is an object.</summary>
    public const char Current = 'c';

    /// <summary>Object space: a small body. Tail: the inverted sequence, so that the newest stands first.</summary>
    public const char Data = 'd';

    /// <summary>
    /// Upload space: an upload that has become an object. Apart from the others, so that listings need not wade through
    /// those of the last days. Tail: its id.
    /// </summary>
    public const char Ended = 'e';

    /// <summary>Object space: 4 MiB of a page blob. Tail: what its version names, number of the chunk.</summary>
    public const char Pages = 'g';

    /// <summary>Either space: an intent (or fence) of the follow-up protocol. Tail: the intent's id.</summary>
    public const char Intent = 'i';

    /// <summary>
    /// Object space: the version of an upload was committed, or may never be any more. Guards against finishing an upload
    /// twice. Tail: upload id, version id.
    /// </summary>
    public const char Completed = 'k';

    /// <summary>Object space: whose turn it is to copy the key to a site, where several processes may want to. Tail: the site.</summary>
    public const char Lease = 'l';

    /// <summary>Upload space: some parts of a manifest. Tail: upload id, version id, row number.</summary>
    public const char Manifest = 'n';

    /// <summary>Upload space: an uploaded part. Tail: upload id, part number, inverted time of upload.</summary>
    public const char Part = 'p';

    /// <summary>Upload space: which upload a request started, as long as that has not ended. Tail: the request's token.</summary>
    public const char Request = 'r';

    /// <summary>Upload space: an upload that is open or being completed. Tail: its id, which starts with the time of initiation.</summary>
    public const char Upload = 'u';

    /// <summary>Object space: a version that is not the current one, object or delete marker. Tail: the inverted sequence.</summary>
    public const char Version = 'v';

    /// <summary>Object space: leads from the id that a version has at its source to its sequence. Tail: a hash of the id.</summary>
    public const char SourceId = 'w';

    /// <summary>The prefix of the partitions of a bucket's objects.</summary>
    public static string ObjectSpace(Bucket bucket) => "o" + bucket.Id;

    /// <summary>The prefix of the partitions of a bucket's uploads.</summary>
    public static string UploadSpace(Bucket bucket) => "u" + bucket.Id;

    /// <summary>The same key among the bucket's uploads, where the manifests of its multipart versions are.</summary>
    public static KeyAddress InUploads(this KeyAddress address) => address with { Partition = "u" + address.Partition[1..] };

    /// <summary>16 hex digits that sort newest first.</summary>
    public static string NewestFirst(long microseconds) => (long.MaxValue - microseconds).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The public id of a version that is not the null version: the inverted sequence, and what makes it unique.</summary>
    public static string VersionId(long sequence, string id) =>
        string.Concat(NewestFirst(sequence), id.AsSpan(Math.Min(id.Length, SequenceDigits)));

    /// <summary>The sequence in a public id; null where it is none of ours.</summary>
    public static long? SequenceIn(string versionId) =>
        versionId.Length > SequenceDigits
        && long.TryParse(versionId.AsSpan(0, SequenceDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var inverted)
        && inverted >= 0
            ? long.MaxValue - inverted
            : null;

    /// <summary>Microseconds since 1970.</summary>
    public static long Microseconds(DateTimeOffset at) => at.UtcTicks / 10 - DateTimeOffset.UnixEpoch.Ticks / 10;

    /// <summary>Now, to the millisecond that clients see.</summary>
    public static DateTimeOffset Now(TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
    }
}

/// <summary>Makes names that are never used twice.</summary>
internal static class Ids
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>So many characters of a-z and 2-7, five random bits each.</summary>
    public static string Random(int length) => string.Create(length, 0, static (chars, _) =>
    {
        Span<byte> bytes = stackalloc byte[chars.Length];
        RandomNumberGenerator.Fill(bytes);
        for (var i = 0; i < chars.Length; i++) chars[i] = Alphabet[bytes[i] & 31];
    });

    /// <summary>32 characters: the time in hex, then 80 random bits.</summary>
    public static string Timed(long microseconds) =>
        string.Concat(microseconds.ToString("x16", CultureInfo.InvariantCulture), Random(16));

    /// <summary>The microseconds in such a name; null where it is none.</summary>
    public static long? TimeIn(string timed) =>
        timed.Length == 32 && long.TryParse(timed.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var microseconds) ? microseconds : null;

    /// <summary>The name of bytes: bucket, hash of the key, and what makes it unique.</summary>
    public static string OfBytes(Bucket bucket, string key, string unique) => $"{bucket.Id}/{HashOf(key)}/{unique}";

    /// <summary>The hash of a key, as it stands in the names of its bytes.</summary>
    public static string HashOf(string key)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return $"{BinaryPrimitives.ReadUInt64BigEndian(hash):x16}";
    }
}
