using System.Buffers.Text;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Where the next page of a listing starts, in a form that says nothing to clients: a version digit, and pieces in base64url.</summary>
internal static class BlobMarker
{
    private const string Version = "1!";
    private const int MaxLength = 8 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The marker of these pieces; null stands for a piece that is not there, at the end alone.</summary>
    public static string Write(params ReadOnlySpan<string?> pieces)
    {
        var marker = new StringBuilder(Version);
        foreach (var piece in pieces)
        {
            if (piece is null) break;
            if (marker.Length > Version.Length) marker.Append('!');
            marker.Append(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(piece)));
        }
        return marker.ToString();
    }

    /// <summary>The pieces of the parameter <c>marker</c>; none for the first page. InvalidQueryParameterValue where it is not one of ours.</summary>
    public static string[] Read(string? marker)
    {
        if (string.IsNullOrEmpty(marker)) return [];
        if (marker.StartsWith(Version, StringComparison.Ordinal) && marker.Length <= MaxLength)
        {
            try
            {
                return [.. marker[Version.Length..].Split('!').Select(piece => Strict.GetString(Base64Url.DecodeFromChars(piece)))];
            }
            catch (Exception e) when (e is FormatException or DecoderFallbackException)
            {
                // No marker of ours.
            }
        }
        throw new S3Exception(BlobErrors.InvalidQueryParameterValue, "The marker is not one that this server gave; start the listing anew.");
    }
}
