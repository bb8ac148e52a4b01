using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Reads what requests say of page blobs.</summary>
public static class PageHeaders
{
    /// <summary>The header of a sequence number.</summary>
    public const string Sequence = "x-ms-blob-sequence-number";

    /// <summary>The header of a page blob's size.</summary>
    public const string Size = "x-ms-blob-content-length";

    /// <summary>The size of a page blob; null where the request does not say, InvalidHeaderValue where it is none.</summary>
    public static long? PageBlobSize(this BlobCall call) => call.Header(Size) is null ? null
        : Number(call, Size) is { } size and <= Pages.MostBytes && size % Pages.PageBytes == 0 ? size
        : throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{Size} must be a multiple of 512, of up to 8 TiB.");

    /// <summary>A number that is not negative; null where there is no such header, InvalidHeaderValue where it is none.</summary>
    public static long? Number(BlobCall call, string header) => call.Header(header) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{header} must be a number from 0 to 2^63 - 1.");

    /// <summary>Under which conditions pages are written.</summary>
    public static PageRequest PageRequest(this BlobCall call) => new()
    {
        Conditions = call.Conditions(),
        AtMost = Number(call, "x-ms-if-sequence-number-le"),
        Below = Number(call, "x-ms-if-sequence-number-lt"),
        Exactly = Number(call, "x-ms-if-sequence-number-eq"),
        Cause = call.Cause(EventNames.Put),
    };

    /// <summary>x-ms-range, else Range: both ends, of whole pages. MissingRequiredHeader, or InvalidPageRange.</summary>
    public static ByteRange PageRange(this BlobCall call)
    {
        var text = call.Header("x-ms-range") ?? call.Header("Range") ?? throw new S3Exception(BlobErrors.MissingRequiredHeader, "Say in x-ms-range which pages.");
        return Ranges.Parse(text) is { First: { } first, Last: { } last } && last < Pages.MostBytes && first % Pages.PageBytes == 0 && (last + 1) % Pages.PageBytes == 0
            ? new(first, last + 1 - first)
            : throw new S3Exception(BlobErrors.InvalidPageRange, "The range must be of whole pages, as in bytes=512-1023.");
    }

    /// <summary>x-ms-sequence-number-action and its number, applied to a blob; null where the request says nothing of it.</summary>
    public static Func<long, long?>? SequenceChange(this BlobCall call)
    {
        var number = Number(call, Sequence);
        if (call.Header("x-ms-sequence-number-action") is not { Length: > 0 } action)
            return number is null ? null : throw new S3Exception(BlobErrors.MissingRequiredHeader, $"x-ms-sequence-number-action must say what is to be done with {Sequence}.");
        switch (action.ToLowerInvariant())
        {
            case "increment":
                return number is null
                    ? now => now == long.MaxValue ? null : now + 1
                    : throw new S3Exception(BlobErrors.InvalidHeaderValue, $"An increment is by one; leave {Sequence} out.");
            case "max" or "update" when number is null:
                throw new S3Exception(BlobErrors.MissingRequiredHeader, $"{Sequence} is needed for this action.");
            case "max":
                return now => Math.Max(now, number.Value);
            case "update":
                return _ => number;
            default:
                throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-sequence-number-action must be max, update or increment.");
        }
    }

    /// <summary>Adds the sequence number of a page blob.</summary>
    public static Reply WithSequence(this Reply reply, ObjectVersion version) =>
        reply.With(Sequence, version.Blob is { Type: BlobType.PageBlob } page ? (page.SequenceNumber ?? 0).ToString(CultureInfo.InvariantCulture) : null);
}
