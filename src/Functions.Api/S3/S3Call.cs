using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Forms;
using ZenkoFunctions.Api.S3.Logging;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Monitoring;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.Search;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api.S3;

/// <summary>The request as it came over the wire, nothing decoded that a signature covers.</summary>
/// <param name="Verb">GET, PUT …, upper case.</param>
/// <param name="RawPath">The undecoded path, starting with a slash.</param>
/// <param name="RawQuery">The undecoded query without its question mark; empty where there is none.</param>
/// <param name="Headers">All headers.</param>
/// <param name="Body">The undecoded body.</param>
/// <param name="ContentLength">The Content-Length header.</param>
/// <param name="Peer">The address of the peer.</param>
/// <param name="IsHttps">Whether the connection is encrypted.</param>
public sealed record WireRequest(
    string Verb, string RawPath, string RawQuery, IHeaderDictionary Headers, PipeReader Body, long? ContentLength,
    IPAddress? Peer, bool IsHttps)
{
    /// <summary>The query parameters, decoded, in order.</summary>
    public QueryParameters Query { get; init; } = QueryParameters.Parse(RawQuery);

    /// <summary>
    /// The id by which the host knows the request, however often it sends it; null where no host stands in front that sends
    /// requests again.
    /// </summary>
    public string? InvocationId { get; init; }

    /// <summary>
    /// The request's token, where it may be sent again; else null. A body is never sent again: once it has been read, the host
    /// does not have it any more.
    /// </summary>
    public RequestToken? Token => InvocationId is { } id && ContentLength is null or 0 && Headers.TransferEncoding.Count == 0
        ? RequestToken.Of(id)
        : null;

    /// <summary>
    /// The certificate that the client showed and whose key it has, by the word of the TLS connection or of a platform that is to be
    /// believed; null for none.
    /// </summary>
    public ClientCertificate? ClientCertificate { get; init; }

    /// <summary>The paths that clients may have signed, where a prefix was taken off this one; null where it is as it was sent.</summary>
    public IReadOnlyList<string>? PathsBeforeStrip { get; init; }

    /// <summary>The paths that clients may have signed, the usual one first; each means this one.</summary>
    public IReadOnlyList<string> SignedPaths => PathsBeforeStrip ?? [RawPath];

    /// <summary>Whether it came to the port that is the console's alone.</summary>
    public bool IsOfConsole { get; init; }

    /// <summary>The key of the person for whom a page of the console makes the request: nothing that comes over the wire has one.</summary>
    public AccessKey? SignedIn { get; init; }

    /// <summary>
    /// The service of AWS's query protocol that <see cref="SignedIn"/> asks, as the scope of a signature would name it; null for all that is
    /// told by its path. Means nothing without that key.
    /// </summary>
    public string? SignedInService { get; init; }

    /// <summary>The form that the body turned out to be, read up to its file; null for any other body.</summary>
    public PostForm? Form { get; init; }
}

/// <summary>A request whose signature has been verified.</summary>
/// <param name="Principal">Who signed it.</param>
/// <param name="Body">
/// The payload, chunk framing removed. Reading it throws <see cref="S3Exception"/> where a chunk's signature, the payload's
/// hash or the framing is wrong: at the latest when the last byte is read.
/// </param>
/// <param name="Length">The payload's length where it was announced (x-amz-decoded-content-length for chunked forms).</param>
/// <param name="Trailer">
/// Gives a trailer's value by its lower-case name after the body was read to its end; null where there is none.
/// </param>
public sealed record Authenticated(Principal Principal, PipeReader Body, long? Length, Func<string, string?> Trailer)
{
    /// <summary>
    /// The lasting key whose secret the sender has, where its signature covers all of the request, parameters and body; null for any
    /// other signature, or none.
    /// </summary>
    public AccessKey? Signer { get; init; }

    /// <summary>Who the sender is by now; null where its key may not sign any more. Null itself for one who has no key.</summary>
    public Func<CancellationToken, ValueTask<Principal?>>? Renew { get; init; }
}

/// <summary>Something that a sender wants to do.</summary>
/// <param name="Action">The IAM action, <c>s3:GetObject</c> for instance.</param>
/// <param name="Bucket">The bucket; null where the action is on none, or on one that does not exist.</param>
/// <param name="Key">The key; null or empty where the action is on the bucket.</param>
/// <param name="VersionId">The version of the key, as clients name it; null for the current one.</param>
public sealed record AccessQuestion(string Action, Bucket? Bucket, string? Key = null, string? VersionId = null)
{
    /// <summary>The version, where the asker has it at hand; else it is looked up where the answer depends on it.</summary>
    public ObjectVersion? Version { get; init; }

    /// <summary>
    /// Whether the asker asks again with the <see cref="Version"/> where that is not the bucket owner's. Spares a look-up.
    /// </summary>
    public bool IsAskedAgain { get; init; }

    /// <summary>
    /// Whether it is about what a sender says of the very object that it writes (its tags, its list): that needs no permission
    /// of the bucket's owner beyond the write, but can be denied.
    /// </summary>
    public bool IsOfOwnWrite { get; init; }

    /// <summary>Whether it is about each object of the bucket, whichever there are; see <see cref="Decision.OfAll"/>.</summary>
    public bool IsOfAll { get; init; }

    /// <summary>The name of a bucket that is still to be made; null where there is a <see cref="Bucket"/>.</summary>
    public string? BucketName { get; init; }

    /// <summary>The tags that the object is to get, where the body says them; null where the header does.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The prefix of a list that is not asked for as one; null for the request's own.</summary>
    public string? Prefix { get; init; }
}

/// <summary>A routed, authenticated and authorised request: what an operation sees.</summary>
public sealed class S3Call
{
    /// <summary>The request as it came.</summary>
    public required WireRequest Request { get; init; }

    /// <summary>Its verified sender and payload.</summary>
    public required Authenticated Sender { get; init; }

    /// <summary>The operation's spec.</summary>
    public required OperationSpec Spec { get; init; }

    /// <summary>The name of the bucket, decoded; empty on service level.</summary>
    public required string BucketName { get; init; }

    /// <summary>The key, decoded; empty unless the target is an object.</summary>
    public required string Key { get; init; }

    /// <summary>The bucket; throws where the spec allowed it to be absent.</summary>
    public Bucket Bucket => BucketRow ?? throw new InvalidOperationException($"{Spec.Name} runs without a bucket.");

    /// <summary>The bucket, or null where the spec allowed it to be absent.</summary>
    public Bucket? BucketRow { get; init; }

    /// <summary>Whether a website's visitor asks for a page: its errors and redirects are the website's.</summary>
    public bool IsPage { get; init; }

    /// <summary>Unique; also sent as x-amz-request-id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The domain.</summary>
    public required S3Services Services { get; init; }

    /// <summary>The sender as an owner of what it writes: its account, or the one that stands for everybody who does not sign.</summary>
    public Party Party => Sender.Principal.Account is { } account ? new(account.CanonicalId, account.Name) : Party.Anonymous;

    /// <summary>The account that sends it; throws for an anonymous request, which only specs with Anonymous can be.</summary>
    public Account Account => Sender.Principal.Account ?? throw new InvalidOperationException("The request is anonymous.");

    /// <summary>Decides whether the sender may do something else besides the operation's own action (read a copy's source).</summary>
    public required Func<AccessQuestion, CancellationToken, ValueTask<bool>> May { get; init; }

    /// <summary>Whether the sender may do all of that with each object of the bucket, whichever there are.</summary>
    public async ValueTask<bool> MayWithAll(IEnumerable<string> actions, CancellationToken ct)
    {
        foreach (var action in actions)
            if (!await May(new(action, Bucket) { IsOfAll = true }, ct)) return false;
        return true;
    }

    /// <summary>
    /// A bucket for a change that the question is about: where the bucket or the sender was changed since, that is asked again
    /// right before the commit.
    /// </summary>
    public required Func<AccessQuestion, Bucket> Permitting { get; init; }

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>A query parameter's decoded value, or null.</summary>
    public string? Query(string name) => Request.Query[name];
}

/// <summary>What operations work with.</summary>
public sealed record S3Services(
    Buckets Buckets, ObjectStore Objects, MultipartUploads Uploads, string Region, TimeProvider Clock)
{
    /// <summary>From whom keys of SSE-C are taken over plain HTTP.</summary>
    public PlainCustomerKeys PlainCustomerKeys { get; init; }

    /// <summary>What is set while the server runs; null where nothing can be.</summary>
    public LiveSettings? Settings { get; init; }

    /// <summary>Keeps requests within their limits; null where nothing is limited.</summary>
    public RequestThrottle? Throttle { get; init; }

    /// <summary>Takes the access logs of buckets; null where the server delivers none.</summary>
    public AccessLog? AccessLog { get; init; }

    /// <summary>The targets of notifications; null where the server has none.</summary>
    public EventTargets? Events { get; init; }

    /// <summary>Those who can be granted something.</summary>
    public required Accounts Accounts { get; init; }

    /// <summary>Lists what an expression is true of.</summary>
    public required ObjectSearch Search { get; init; }

    /// <summary>Send what was there before the rules of replication; null where the server has no such walks.</summary>
    public Walks? Walks { get; init; }

    /// <inheritdoc cref="Installation.RemoveMirror"/>
    public required Func<Bucket, CancellationToken, ValueTask<Result<Bucket>>> RemoveMirror { get; init; }

    /// <summary>Where requests are counted while they are under way.</summary>
    public RequestsUnderWay Requests { get; init; } = new();

    /// <summary>Where they are counted once they are answered.</summary>
    public RequestCounts Answered { get; init; } = new();

    /// <summary>Where operations and traffic are counted; null where they are not.</summary>
    public UsageStatistics? Statistics { get; init; }

    /// <summary>Those of an installation.</summary>
    public static S3Services Of(Installation installation) =>
        new(installation.Buckets, installation.Objects, installation.Uploads, installation.Region, installation.Clock)
        {
            Accounts = installation.Accounts,
            Answered = installation.Answered,
            Events = installation.Events,
            RemoveMirror = installation.RemoveMirror,
            Requests = installation.Requests,
            Search = installation.Search,
            Settings = installation.Settings,
            Throttle = installation.Throttle,
            Statistics = installation.Statistics,
            Walks = installation.Walks,
        };
}
