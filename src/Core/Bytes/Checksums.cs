namespace ZenkoFunctions.Core.Bytes;

/// <summary>The table of checksum algorithms.</summary>
public static class Checksums
{
}
