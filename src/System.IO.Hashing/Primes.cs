namespace System.IO.Hashing;

/// <summary>The constants and the final mix that the XXH family shares (its published specification).</summary>
internal static class Primes
{
    internal const uint Prime32A = 0x9E3779B1, Prime32B = 0x85EBCA77, Prime32C = 0xC2B2AE3D;

    internal const ulong
        Prime64A = 0x9E3779B185EBCA87,
        Prime64B = 0xC2B2AE3D27D4EB4F,
        Prime64C = 0x165667B19E3779F9,
        Prime64D = 0x85EBCA77C2B2AE63,
        Prime64E = 0x27D4EB2F165667C5,
        PrimeMix1 = 0x165667919E3779F9,
        PrimeMix2 = 0x9FB21C651E98DF25;

    /// <summary>The final mix of XXH64.</summary>
    internal static ulong Avalanche64(ulong x)
    {
        x = (x ^ (x >> 33)) * Prime64B;
        x = (x ^ (x >> 29)) * Prime64C;
        return x ^ (x >> 32);
    }

    /// <summary>The final mix of XXH3.</summary>
    internal static ulong Avalanche3(ulong x)
    {
        x = (x ^ (x >> 37)) * PrimeMix1;
        return x ^ (x >> 32);
    }
}
