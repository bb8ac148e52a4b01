using System.Globalization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The parameters that all listings have. Each is echoed in the answer.</summary>
/// <param name="Prefix">Null where it was not given.</param>
/// <param name="Marker">As it was given.</param>
/// <param name="MaxResults">As it was given; null where it was not.</param>
/// <param name="From">The name with which the first page starts (<c>startFrom</c>); null where it was not given.</param>
internal sealed record ListingParameters(string? Prefix, string? Marker, int? MaxResults, string? From = null)
{
    /// <summary>The most entries of a page.</summary>
    public const int MaxLimit = 5000;

    /// <summary>How many entries a page has.</summary>
    public int Limit => Math.Min(MaxResults ?? MaxLimit, MaxLimit);

    /// <summary>Where the page starts.</summary>
    public string[] After => BlobMarker.Read(Marker);

    /// <summary>Reads them; OutOfRangeQueryParameterValue where maxresults is no positive number.</summary>
    public static ListingParameters Read(BlobCall call)
    {
        int? maxResults = null;
        if (call.Query("maxresults") is { Length: > 0 } text)
        {
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number <= 0)
                throw new S3Exception(BlobErrors.OutOfRangeQueryParameterValue, "maxresults must be a number from 1 on.");
            maxResults = number;
        }
        return new(call.Query("prefix"), call.Query("marker"), maxResults, call.Query("startFrom"));
    }

    /// <summary>What a listing is to tell besides; InvalidQueryParameterValue for what there is not.</summary>
    public static BlobIncludes Includes(BlobCall call, BlobIncludes known)
    {
        var includes = BlobIncludes.None;
        foreach (var word in (call.Query("include") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (char.IsAsciiDigit(word[0]) || !Enum.TryParse(word, ignoreCase: true, out BlobIncludes include) || (include & known) != include)
                throw new S3Exception(BlobErrors.InvalidQueryParameterValue, $"A listing cannot include {word}.");
            includes |= include;
        }
        return includes;
    }

    /// <summary>The address of the account, as listings name it.</summary>
    public static string Endpoint(BlobCall call)
    {
        var root = $"{(call.Request.IsHttps ? "https" : "http")}://{call.Request.Headers.Host}/";
        return call.Address.IsPathStyle ? root + call.Address.Account + "/" : root;
    }
}
