using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// An operation of Azure's Blob protocol: one file under <c>Operations/</c> with its spec, its parsing, its handling and its reply's
/// shape; and one line in <see cref="BlobOperations.All"/>.
/// </summary>
public abstract class BlobOperation
{
    /// <summary>How requests are recognised as this operation, and what the caller must be allowed to do.</summary>
    public abstract BlobSpec Spec { get; }

    /// <summary>
    /// Answers a request that has been routed, authenticated and authorised. Refuses by <see cref="Reply.Refused(S3Error, string?)"/>, or,
    /// for malformed input, by throwing <see cref="S3Exception"/>, both with a line of <see cref="BlobErrors"/>.
    /// </summary>
    public abstract ValueTask<Reply> Run(BlobCall call, CancellationToken ct);
}

/// <summary>A line of the routing table.</summary>
/// <param name="Name">The operation's name in Azure's reference, in one word: <c>PutBlockList</c>.</param>
/// <param name="Verb">The HTTP method.</param>
/// <param name="Target">What it is applied to: the service, a container (<see cref="Target.Bucket"/>) or a blob.</param>
/// <param name="Action">The S3 action that policies know it by, <c>s3:GetObject</c> for instance.</param>
/// <param name="Permissions">The letters of a SAS of which one must be there; empty where no SAS will do.</param>
public sealed record BlobSpec(string Name, string Verb, Target Target, string Action, string Permissions)
{
    /// <summary>The value of the parameter <c>comp</c>; null where there must be none.</summary>
    public string? Comp { get; init; }

    /// <summary>The value of the parameter <c>restype</c>; null where there must be none.</summary>
    public string? Restype { get; init; }

    /// <summary>A header that must be present (<c>x-ms-copy-source</c>), or <c>name=value</c> where the value counts; of the lines that match, the one with more of them wins.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>From which level of public access on those may ask who do not sign; None where they may not.</summary>
    public ContainerAccess Public { get; init; }

    /// <summary>
    /// Whether the operation itself asks once more (<see cref="BlobCall.MaySee"/>), when it has the version at hand and that is not
    /// the container's owner's: spares those that are read all the time a look at the version before.
    /// </summary>
    public bool SeesVersion { get; init; }

    /// <summary>Whether it may be about a snapshot, though it changes something.</summary>
    public bool ChangesSnapshots { get; init; }

    /// <inheritdoc cref="OperationSpec.Lists"/>
    public bool Lists { get; init; }

    /// <summary>Whether the container need not exist (CreateContainer).</summary>
    public bool ContainerMayBeAbsent { get; init; }

    /// <summary>Whether it removes what is in the container, so that policies must permit that as well.</summary>
    public bool RemovesContents { get; init; }

    /// <summary>Whether a SAS must be the account's: that of a container may not touch the container itself.</summary>
    public bool NeedsAccountSas { get; init; }

    /// <summary>Whether what it needs is asked for each part of it (BlobBatch): an account's SAS may then be for any type of resource.</summary>
    public bool HasParts { get; init; }

    /// <summary>Whether the body's length must be announced.</summary>
    public bool NeedsLength { get; init; }

    /// <summary>The most bytes that its body may have where it is a document; 0 where it is the blob's bytes or there is none.</summary>
    public int DocumentBytes { get; init; }

    /// <summary>The same line as S3's rooms take it, for the decision and what depends on it.</summary>
    public OperationSpec Access { get; } = new(Name, Verb, Target, Action);
}

/// <summary>How a copy reads its source.</summary>
/// <param name="AsSender">Whether nobody signed it, so that who sends the copy asks, where it is about the sender's own storage account.</param>
/// <param name="Rehydrates">Whether an archived blob is read, too: the copy is to have another tier.</param>
public sealed record SourceRead(bool AsSender, bool Rehydrates);

/// <summary>A verified and permitted request: what an operation sees.</summary>
public sealed record BlobCall
{
    /// <summary>The request as it came.</summary>
    public required WireRequest Request { get; init; }

    /// <summary>What is addressed.</summary>
    public required BlobAddress Address { get; init; }

    /// <summary>The storage account.</summary>
    public required BlobAccount Account { get; init; }

    /// <summary>Who asks, and within which bounds.</summary>
    public required BlobSender Sender { get; init; }

    /// <summary>The operation's spec.</summary>
    public required BlobSpec Spec { get; init; }

    /// <summary>How the storage account keeps what is deleted; null where nobody ever said.</summary>
    public BlobRetention? Retention { get; init; }

    /// <summary>The bucket that the container is; throws where the spec allowed it to be absent.</summary>
    public Bucket Bucket => BucketRow ?? throw new InvalidOperationException($"{Spec.Name} runs without a container.");

    /// <summary>The bucket that the container is, or null where the spec allowed it to be absent.</summary>
    public Bucket? BucketRow { get; init; }

    /// <summary>Unique; also sent as x-ms-request-id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The version of the protocol: that of the request, else the default.</summary>
    public required string Version { get; init; }

    /// <summary>The domain.</summary>
    public required Installation Installation { get; init; }

    /// <summary>Authorises and routes another request on behalf of this one (a batch's parts).</summary>
    public required Func<WireRequest, CancellationToken, ValueTask<Reply>> Ask { get; init; }

    /// <summary>The same for what a copy reads on this server.</summary>
    public required Func<WireRequest, SourceRead, CancellationToken, ValueTask<Reply>> AskSource { get; init; }

    /// <summary>What the request is to another one that copies what it reads; null where it came by itself.</summary>
    public SourceRead? Reads { get; init; }

    /// <summary>Whether the sender may do what it asks for to this very version; true where that is the container's owner's, or nobody has signed.</summary>
    public required Func<ObjectVersion, CancellationToken, ValueTask<bool>> MaySee { get; init; }

    /// <summary>The bucket and the key that a request to this server is about; null where there is no such container. It asks for no permission.</summary>
    public required Func<WireRequest, CancellationToken, ValueTask<(Bucket Bucket, string Key)?>> Locate { get; init; }

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>A query parameter's decoded value, or null.</summary>
    public string? Query(string name) => Request.Query[name];
}
