namespace ZenkoFunctions.Api.S3;

/// <summary>
/// An S3 operation: one file under <c>Operations/</c> with its spec, its parsing, its handling and its reply's shape;
/// and one line in <see cref="Operations.All"/>.
/// </summary>
public abstract class Operation
{
    /// <summary>How requests are recognised as this operation, and what the caller must be allowed to do.</summary>
    public abstract OperationSpec Spec { get; }

    /// <summary>
    /// Answers a request that has been routed, authenticated and authorised. Refuses by <see cref="Reply.Refused"/>, or,
    /// for malformed input, by throwing <see cref="S3Exception"/>.
    /// </summary>
    public abstract ValueTask<Reply> Run(S3Call call, CancellationToken ct);
}

/// <summary>What an operation is applied to.</summary>
public enum Target
{
    /// <summary>The service: path <c>/</c>.</summary>
    Service,

    /// <summary>A bucket.</summary>
    Bucket,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>A line of the routing table.</summary>
/// <param name="Name">The operation's exact name in AWS's API.</param>
/// <param name="Verb">The HTTP method.</param>
/// <param name="Target">What it is applied to.</param>
/// <param name="Action">The IAM action it needs, <c>s3:GetObject</c> for instance.</param>
public sealed record OperationSpec(string Name, string Verb, Target Target, string Action)
{
    /// <summary>Query parameters that must be present (<c>uploads</c>), each a name, or <c>name=value</c> where the value counts.</summary>
    public IReadOnlyList<string> Query { get; init; } = [];

    /// <summary>A header that must be present (<c>x-amz-copy-source</c>).</summary>
    public string? Header { get; init; }

    /// <summary>Whether an unsigned request may get as far as the policy.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Whether the body's length must be announced, unless it comes chunked (PutObject, UploadPart).</summary>
    public bool NeedsLength { get; init; }

    /// <summary>Whether <c>versionId</c> may name a version of the object; elsewhere it is refused.</summary>
    public bool TakesVersion { get; init; }

    /// <summary>
    /// Whether it only tells a browser what it may ask for: neither signature nor policy is asked, as preflights cannot be
    /// signed, and the query is the announced request's and passed over.
    /// </summary>
    public bool IsPreflight { get; init; }

    /// <summary>
    /// Whether the body is a browser's form: the gateway reads it up to its file. The fields name the key and carry the signature,
    /// and are headers from then on; the body is the file.
    /// </summary>
    public bool IsForm { get; init; }

    /// <summary>
    /// Whether the operation itself asks once more, when it has the version at hand and that is not the bucket owner's: spares
    /// those that are read all the time a look at the version before.
    /// </summary>
    public bool SeesVersion { get; init; }

    /// <summary>
    /// Whether what the sender may depends on the body, which names the keys (DeleteObjects) or the tags (PutObjectTagging): the
    /// operation asks by <see cref="S3Call.May"/> itself, when it has read it.
    /// </summary>
    public bool AsksItself { get; init; }

    /// <summary>Whether it lists buckets, objects, uploads or parts: for bills.</summary>
    public bool Lists { get; init; }

    /// <summary>Whether the bucket need not exist (CreateBucket).</summary>
    public bool BucketMayBeAbsent { get; init; }

    /// <summary>Whether it removes what its body names, whatever the verb says (DeleteObjects): for limits.</summary>
    public bool Removes { get; init; }
}
