using System.Globalization;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Limits of requests, of every protocol that is about buckets.</summary>
public static class Throttling
{
    /// <summary>
    /// Null where the request may go on, and its answer has its <see cref="Exchange.Pace"/>; else what it is answered: SlowDown, before
    /// anything is done. A request that is looked at again (the error page of a website) counts once.
    /// </summary>
    /// <param name="throttle">Knows what is left; null where nothing is limited.</param>
    /// <param name="exchange">Whose sender and bucket have been found.</param>
    /// <param name="kind">What the operation does.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<Reply?> Refuse(this RequestThrottle? throttle, Exchange exchange, RequestKind kind, CancellationToken ct)
    {
        if (throttle is null || exchange.IsAdmitted) return null;
        var sender = exchange.Sender?.Account is { } account ? Limited.Account(account.Id, account.Limits) : default;
        var about = exchange.Bucket is { } bucket ? Limited.Bucket(bucket.Id, bucket.Get(BucketSettings.Limits)) : default;
        var admission = await throttle.Admit(kind, sender, about, ct);
        if (admission.Wait > TimeSpan.Zero)
            return Reply.Refused(S3Errors.SlowDown).With("Retry-After", Math.Ceiling(admission.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        (exchange.IsAdmitted, exchange.Pace) = (true, admission.Pace);
        return null;
    }

    /// <summary>What limits take an operation for.</summary>
    /// <param name="verb">Its verb.</param>
    /// <param name="lists">Whether it lists.</param>
    /// <param name="removes">Whether it removes, whatever the verb says.</param>
    public static RequestKind KindOf(string verb, bool lists, bool removes) => verb switch
    {
        _ when lists => RequestKind.List,
        _ when removes => RequestKind.Delete,
        "GET" or "HEAD" => RequestKind.Get,
        "DELETE" => RequestKind.Delete,
        _ => RequestKind.Put,
    };
}
