using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Reads the conditional headers. Which of them wins where several are there is the domain's matter.</summary>
public static class ConditionHeaders
{
    /// <summary>All four, for GET and HEAD.</summary>
    public static Conditions ForRead(IHeaderDictionary headers) => Read(headers, "");

    /// <summary>All four with the prefix <c>x-amz-copy-source-</c>.</summary>
    public static Conditions ForCopySource(IHeaderDictionary headers) => Read(headers, "x-amz-copy-source-");

    /// <summary>
    /// If-Match and If-None-Match of a write. Both at once are refused with NotImplemented, as AWS does. AWS takes only
    /// <c>*</c> in If-None-Match; other S3 servers take ETags as well, and so does this one.
    /// </summary>
    public static Conditions ForWrite(IHeaderDictionary headers)
    {
        var conditions = new Conditions
        {
            IfMatch = ETags.ParseForWrite("If-Match", headers.Text("If-Match")),
            IfNoneMatch = ETags.ParseForWrite("If-None-Match", headers.Text("If-None-Match")),
        };
        if (conditions is { IfMatch: not null, IfNoneMatch: not null }) throw Invalid.NotServed("If-None-Match");
        if (headers.Text("If-Unmodified-Since") is not null) throw Invalid.NotServed("If-Unmodified-Since");
        return conditions;
    }

    /// <summary>If-Match of a delete. What only directory buckets know is refused rather than dropped.</summary>
    public static Conditions ForDelete(IHeaderDictionary headers)
    {
        foreach (var other in DeleteOnlyElsewhere)
            if (headers.Text(other) is not null) throw Invalid.NotServed(other);
        return new Conditions { IfMatch = ETags.ParseForWrite("If-Match", headers.Text("If-Match")) };
    }

    private static readonly string[] DeleteOnlyElsewhere =
        ["If-None-Match", "If-Unmodified-Since", "x-amz-if-match-last-modified-time", "x-amz-if-match-size"];

    private static Conditions Read(IHeaderDictionary headers, string prefix)
    {
        var conditions = new Conditions
        {
            IfMatch = ETags.Parse(headers.Text(prefix + "If-Match")),
            IfNoneMatch = ETags.Parse(headers.Text(prefix + "If-None-Match")),
            IfModifiedSince = HttpDates.Parse(headers.Text(prefix + "If-Modified-Since")),
            IfUnmodifiedSince = HttpDates.Parse(headers.Text(prefix + "If-Unmodified-Since")),
        };
        return conditions == Conditions.None ? Conditions.None : conditions;
    }
}
