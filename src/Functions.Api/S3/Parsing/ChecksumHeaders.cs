using System.Buffers;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>A checksum that a client announced for its body.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Value">
/// Gives the base64 value: at once for a header; for a trailer only when the body has been read, and then it throws where
/// the trailer is missing or malformed.
/// </param>
public sealed record AnnouncedChecksum(ChecksumAlgorithm Algorithm, Func<string?> Value);

/// <summary>Reads the x-amz-checksum-… headers.</summary>
public static class ChecksumHeaders
{
    private const string SdkAlgorithm = "x-amz-sdk-checksum-algorithm";
    private const string TrailerNames = "x-amz-trailer";

    private static readonly SearchValues<char> Base64Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>
    /// The checksum of the body, from a header or announced for the trailer; null where there is none. InvalidRequest where
    /// there is more than one, where its value cannot be one, or where the SDK's header names another algorithm.
    /// </summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="trailer">Gives the trailers once the body has been read.</param>
    public static AnnouncedChecksum? Parse(IHeaderDictionary headers, Func<string, string?> trailer)
    {
        var inHeader = Single(headers);
        var inTrailer = Trailing(headers);
        if (inHeader is not null && inTrailer is not null)
            throw Invalid.Request("There may be only one checksum, in a header or in the trailer.");
        CheckSdkAlgorithm(headers.Text(SdkAlgorithm), (inHeader?.Spec ?? inTrailer)?.Algorithm);
        if (inHeader is var (spec, value))
        {
            CheckValue(spec, value, spec.Header);
            return new AnnouncedChecksum(spec.Algorithm, () => value);
        }
        if (inTrailer is null) return null;
        return new AnnouncedChecksum(inTrailer.Algorithm, () =>
        {
            var trailing = trailer(inTrailer.Header)
                ?? throw Invalid.Request($"The trailer {inTrailer.Header} was announced but did not come.");
            CheckValue(inTrailer, trailing, $"the trailer {inTrailer.Header}");
            return trailing;
        });
    }

    /// <summary>
    /// The one x-amz-checksum-… header with its value as it came; null where there is none, InvalidRequest where there are
    /// several.
    /// </summary>
    public static (ChecksumSpec Spec, string Value)? Single(IHeaderDictionary headers)
    {
        (ChecksumSpec, string)? found = null;
        foreach (var spec in Checksums.All)
        {
            if (headers.Text(spec.Header) is not { } value) continue;
            if (found is not null) throw Invalid.Request("Expecting a single x-amz-checksum- header: only one algorithm may be used.");
            found = (spec, value);
        }
        return found;
    }

    /// <summary>x-amz-checksum-algorithm; null where there is none.</summary>
    public static ChecksumAlgorithm? Algorithm(IHeaderDictionary headers)
    {
        if (headers.Text("x-amz-checksum-algorithm") is not { } name) return null;
        if (Checksums.TryParse(name, out ChecksumAlgorithm algorithm)) return algorithm;
        throw Invalid.Request(
            $"There is no such checksum algorithm; use one of {string.Join(", ", Checksums.All.Select(spec => spec.Name))}.");
    }

    /// <summary>x-amz-checksum-type; null where there is none.</summary>
    public static ChecksumType? Type(IHeaderDictionary headers)
    {
        if (headers.Text("x-amz-checksum-type") is not { } name) return null;
        return Checksums.TryParse(name, out ChecksumType type)
            ? type
            : throw Invalid.Request("Value for x-amz-checksum-type header is invalid: use FULL_OBJECT or COMPOSITE.");
    }

    private static ChecksumSpec? Trailing(IHeaderDictionary headers)
    {
        if (headers.Text(TrailerNames) is not { Length: > 0 } names) return null;
        foreach (var spec in Checksums.All)
            if (spec.Header.Equals(names.Trim(), StringComparison.OrdinalIgnoreCase)) return spec;
        throw Invalid.Request("The value specified in the x-amz-trailer header is not supported: it must be one x-amz-checksum- header.");
    }

    private static void CheckSdkAlgorithm(string? name, ChecksumAlgorithm? actual)
    {
        if (name is null) return;
        if (!Checksums.TryParse(name, out ChecksumAlgorithm announced))
            throw Invalid.Request($"Value for {SdkAlgorithm} header is invalid.");
        if (actual is null)
            throw Invalid.Request(
                $"{SdkAlgorithm} specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");
        if (actual != announced) throw Invalid.Request($"Value for {SdkAlgorithm} header is invalid: the checksum is of another algorithm.");
    }

    /// <summary>
    /// AWS calls a value that cannot be a digest InvalidRequest. Base64 that was cut short counts as a wrong digest instead,
    /// as it does for Ceph.
    /// </summary>
    private static void CheckValue(ChecksumSpec spec, string value, string where)
    {
        if (Checksums.TryDecode(spec.Algorithm, value, out _)) return;
        if (value.Length % 4 != 0 && !value.AsSpan().ContainsAnyExcept(Base64Letters)) throw new S3Exception(S3Errors.BadDigest);
        throw Invalid.Request($"Value for {where} header is invalid.");
    }
}
