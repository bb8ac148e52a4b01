using System.Diagnostics;
using System.Runtime.ExceptionServices;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>What is known of a request while it is answered: what the reply writer and the access log tell.</summary>
/// <param name="request">The request as it came.</param>
/// <param name="requestId">Sent as x-amz-request-id.</param>
public sealed class Exchange(WireRequest request, string requestId)
{
    /// <summary>The request as it came; where that is not certain, as it is read.</summary>
    public WireRequest Request { get; private set; } = request;

    /// <summary>16 hex digits.</summary>
    public string RequestId => requestId;

    /// <summary>Bucket and key, once they have been read.</summary>
    public Address? Address { get; set; }

    /// <summary>The bucket, once it has been found.</summary>
    public Bucket? Bucket { get; set; }

    /// <summary>The operation's name, once it has been routed.</summary>
    public string? Operation { get; set; }

    /// <summary>
    /// The headers that let a page of another origin read the answer, whatever it will be; null where there is no such page, or
    /// the bucket does not let it.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Cors { get; set; }

    /// <summary>The name of the protocol that answers it.</summary>
    public string Protocol { get; set; } = "s3";

    /// <summary>How the answer is told.</summary>
    public Dialect Dialect { get; set; } = Dialect.S3;

    /// <summary>The sender, once verified.</summary>
    public Principal? Sender { get; set; }

    /// <summary>Whether limits have let it in.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>How fast the object in its answer may be sent; null for any.</summary>
    public Pace? Pace { get; set; }

    /// <summary>Bytes of the answer's body that were written: of one that was cut off, those before that.</summary>
    public long Sent { get; set; }

    /// <summary>
    /// What the client may have sent, the likeliest first, where that is not certain; null where it is. Each enumeration gives the
    /// same.
    /// </summary>
    public IEnumerable<WireRequest>? Readings { get; init; }

    /// <summary>
    /// Has a request answered that is made while this one is, as if it had come by itself: routed, authorised, limited, logged and counted.
    /// What is answered is the asker's to dispose of. Null where nothing is to ask anything.
    /// </summary>
    public Func<WireRequest, CancellationToken, ValueTask<Reply>>? Within { get; init; }

    /// <summary>
    /// What the first reading gives whose signature matches; afterwards that one is the request. Where none matches, throws as
    /// for the likeliest.
    /// </summary>
    /// <param name="answer">Throws an <see cref="S3Exception.IsMismatch"/> where the request as it is read now does not match.</param>
    public async ValueTask<T> FirstThatMatches<T>(Func<ValueTask<T>> answer)
    {
        if (Readings is null) return await answer();
        ExceptionDispatchInfo? mismatch = null;
        foreach (var reading in Readings)
        {
            Read(reading);
            var wasStarted = IsStarted(reading);
            try
            {
                return await answer();
            }
            // What an attempt has read of the body cannot be read by the next one.
            catch (S3Exception e) when (e.IsMismatch && IsStarted(reading) == wasStarted)
            {
                mismatch ??= ExceptionDispatchInfo.Capture(e);
            }
        }
        Read(Readings.First());
        mismatch!.Throw();
        throw new UnreachableException();
    }

    /// <summary>Begins anew with another reading of what came.</summary>
    public void Read(WireRequest reading) =>
        (Request, Address, Bucket, Operation, Cors, Dialect, Sender, IsAdmitted, Pace) = (reading, null, null, null, null, Dialect == Dialect.Page ? Dialect.S3 : Dialect, null, false, null);

    private static bool IsStarted(WireRequest request) => request.Body is RequestBody { IsStarted: true };
}
