using System.Globalization;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>Ranges of bytes: RFC 9110 section 14 for reads, S3's stricter form for the source of a copied part.</summary>
public static class Ranges
{
    /// <summary>
    /// A Range header. Null, which means the whole object, where there is none, where it is malformed, in another unit or
    /// names several ranges: RFC 9110 lets a server ignore those, and S3 does.
    /// </summary>
    public static RangeRequest? Parse(string? header)
    {
        if (Interval(header) is not { } interval) return null;
        var dash = interval.IndexOf('-');
        if (dash < 0) return null;
        var (from, to) = (interval[..dash].Trim(), interval[(dash + 1)..].Trim());
        if (from.Length == 0) return Number(to) is { } suffix ? new RangeRequest(null, suffix) : null;
        if (Number(from) is not { } first) return null;
        if (to.Length == 0) return new RangeRequest(first, null);
        return Number(to) is { } last && last >= first ? new RangeRequest(first, last) : null;
    }

    /// <summary>If-Range: an ETag in quotes, or a date. A weak ETag and anything else name no version.</summary>
    public static RangeValidator? ParseIfRange(string? header) => header?.Trim() switch
    {
        null => null,
        ['"', .., '"'] tag => new RangeValidator(tag[1..^1], null),
        var date => new RangeValidator(null, HttpDates.Parse(date)),
    };

    /// <summary>x-amz-copy-source-range: <c>bytes=first-last</c> with both ends, or InvalidArgument.</summary>
    public static ByteRange? ParseCopySource(string? header)
    {
        if (header is null) return null;
        if (header.StartsWith("bytes=", StringComparison.Ordinal)
            && Parse(header) is { First: { } first, Last: { } last } && last - first < long.MaxValue)
            return new ByteRange(first, last - first + 1);
        throw Invalid.Argument(
            "x-amz-copy-source-range", header, "The range of a copy source must have the form bytes=first-last.");
    }

    /// <summary>The Content-Range of a partial answer.</summary>
    public static string ContentRange(ByteRange range, long size) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {range.Offset}-{range.End - 1}/{size}");

    /// <summary>What follows <c>bytes=</c>, where it is one interval.</summary>
    private static string? Interval(string? header)
    {
        if (header is null) return null;
        var equals = header.IndexOf('=');
        if (equals < 0 || !header.AsSpan(0, equals).Trim().Equals("bytes", StringComparison.OrdinalIgnoreCase)) return null;
        var rest = header[(equals + 1)..].Trim();
        return rest.Contains(',') ? null : rest;
    }

    /// <summary>Digits only. Beyond 63 bits it is the largest number: no object reaches that far.</summary>
    private static long? Number(string digits)
    {
        if (digits.Length == 0 || digits.AsSpan().ContainsAnyExceptInRange('0', '9')) return null;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
    }
}
