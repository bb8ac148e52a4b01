using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Limits;

/// <summary>How much may be asked for by an account, or of a bucket. 0 is no limit. It is stored; it only grows.</summary>
public sealed record RequestLimits
{
    /// <summary>What was said of requests in general; it holds for nothing by itself.</summary>
    public decimal Default { get; init; }

    /// <summary>Requests a minute that read.</summary>
    public decimal Get { get; init; }

    /// <summary>Requests a minute that write.</summary>
    public decimal Put { get; init; }

    /// <summary>Requests a minute that list.</summary>
    public decimal List { get; init; }

    /// <summary>Requests a minute that remove.</summary>
    public decimal Delete { get; init; }

    /// <summary>KiB a second of objects that are sent.</summary>
    public decimal Out { get; init; }

    /// <summary>Whether anything is limited.</summary>
    [JsonIgnore]
    public bool IsAny => Get + Put + List + Delete + Out > 0;

    /// <summary>What flows into the bucket of tokens that requests of a kind are paid from; of nothing where they are not limited.</summary>
    internal Allowance Of(RequestKind kind)
    {
        var minute = (double)(kind switch { RequestKind.Get => Get, RequestKind.Put => Put, RequestKind.List => List, _ => Delete });
        // Less than one a minute is one at a time.
        return new(minute / 60, minute > 0 ? Math.Max(1, minute) : 0);
    }

    /// <summary>The same of the bytes that are sent.</summary>
    internal Allowance OfBytes() => new((double)Out * 1024, (double)Out * 1024);
}

/// <summary>Who or what is limited.</summary>
/// <param name="Key">Unique: a row may be called so.</param>
/// <param name="Limits">What was said; null for nothing.</param>
public readonly record struct Limited(string Key, RequestLimits? Limits)
{
    /// <summary>An account.</summary>
    public static Limited Account(string id, RequestLimits? limits) => new("u." + id, limits);

    /// <summary>A bucket.</summary>
    public static Limited Bucket(string id, RequestLimits? limits) => new("b." + id, limits);
}
