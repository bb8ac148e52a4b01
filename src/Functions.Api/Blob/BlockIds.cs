using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The ids that clients give to blocks.</summary>
public static class BlockIds
{
    /// <summary>The id in its canonical base64; InvalidQueryParameterValue where it is none, or longer than 64 bytes.</summary>
    public static string Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) throw new S3Exception(BlobErrors.MissingRequiredQueryParameter, "blockid is missing.");
        return Canonical(text) ?? throw new S3Exception(BlobErrors.InvalidQueryParameterValue, $"blockid must be the base64 of 1 to {Blocks.IdBytes} bytes.");
    }

    /// <summary>The same; null where it is none.</summary>
    public static string? Canonical(string text)
    {
        Span<byte> bytes = stackalloc byte[Blocks.IdBytes];
        return Convert.TryFromBase64String(text, bytes, out var length) && length > 0 ? Convert.ToBase64String(bytes[..length]) : null;
    }
}
