using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>What is known of a request while it is answered: what the reply writer and the access log tell.</summary>
/// <param name="request">The request as it came.</param>
/// <param name="requestId">Sent as x-amz-request-id.</param>
public sealed class Exchange(WireRequest request, string requestId)
{
    /// <summary>The request as it came.</summary>
    public WireRequest Request => request;

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

    /// <summary>Whether it is a page of a website that was asked for: errors are pages, too.</summary>
    public bool IsPage { get; set; }

    /// <summary>The sender, once verified.</summary>
    public Principal? Sender { get; set; }
}
