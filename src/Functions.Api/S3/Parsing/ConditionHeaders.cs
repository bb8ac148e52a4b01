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

    /// <summary>
    /// The conditions of a delete. AWS takes the last two of directory buckets only; to delete in spite of them would be
    /// worse. What none takes is refused rather than dropped.
    /// </summary>
    public static Conditions ForDelete(IHeaderDictionary headers)
    {
        foreach (var other in NotOfDelete)
            if (headers.Text(other) is not null) throw Invalid.NotServed(other);
        return ForDelete(headers.Text("If-Match"), headers.Text(LastModifiedHeader), headers.Text(SizeHeader), "If-Match", LastModifiedHeader, SizeHeader);
    }

    /// <summary>The conditions of one object of DeleteObjects.</summary>
    public static Conditions ForDelete(string? etag, string? modified, string? size) =>
        ForDelete(etag, modified, size, "ETag", "LastModifiedTime", "Size");

    private const string LastModifiedHeader = "x-amz-if-match-last-modified-time";
    private const string SizeHeader = "x-amz-if-match-size";

    private static readonly string[] NotOfDelete = ["If-None-Match", "If-Unmodified-Since"];

    private static Conditions ForDelete(
        string? etag, string? modified, string? size, string etagName, string modifiedName, string sizeName)
    {
        if (etag is null && modified is null && size is null) return Conditions.None;
        return new Conditions
        {
            IfMatch = ETags.ParseForWrite(etagName, etag),
            IfLastModified = modified is null ? null
                : HttpDates.Parse(modified) ?? HttpDates.ParseIso(modified)
                ?? throw Invalid.Argument(modifiedName, modified, "This is no date; write it as in Sat, 31 Jan 2026 12:00:00 GMT."),
            IfSize = size is null ? null
                : Numbers.Parse(size) ?? throw Invalid.Argument(sizeName, size, "The size must be a number of bytes."),
        };
    }

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
