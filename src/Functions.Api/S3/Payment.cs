using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Buckets whose requesters pay: nobody but the owner is served who does not say that they know. No fee is charged.</summary>
internal static class Payment
{
    /// <summary>Said by requesters who know.</summary>
    private const string Header = "x-amz-request-payer";

    private const string Requester = "requester";

    /// <summary>Whether this sender's request is at the sender's cost.</summary>
    public static bool IsRequesters(Bucket? bucket, Principal sender) =>
        bucket?.Get(BucketSettings.RequestPayment) is not null && sender.Account?.Id != bucket.OwnerId;

    /// <summary>Whether the sender said so. Nobody pays for requests that nobody signed.</summary>
    public static bool IsAgreed(Principal sender, IHeaderDictionary headers) =>
        !sender.IsAnonymous && string.Equals(headers.Text(Header), Requester, StringComparison.OrdinalIgnoreCase);

    /// <summary>What AWS tells who paid.</summary>
    public static Reply WithCharge(this Reply reply) => reply.Error is null ? reply.With("x-amz-request-charged", Requester) : reply;
}
