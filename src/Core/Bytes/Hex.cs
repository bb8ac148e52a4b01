namespace ZenkoFunctions.Core.Bytes;

/// <summary>Hex digits in lower case, as ETags and signatures are written.</summary>
public static class Hex
{
    /// <summary>Two digits a byte.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>The bytes of hex digits in either case; null where it is something else.</summary>
    public static byte[]? Parse(ReadOnlySpan<char> digits)
    {
        if (digits.Length % 2 != 0) return null;
        var bytes = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }
}
