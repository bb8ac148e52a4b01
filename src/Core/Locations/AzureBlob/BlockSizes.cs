namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// How large the blocks of a blob are. They double every ten thousand blocks, so that a body of any length, announced or not,
/// keeps to the service's 50,000 blocks, and the common ones to little memory.
/// </summary>
internal static class BlockSizes
{
    /// <summary>The first blocks: a part of most clients (5 or 8 MiB) is one request, not three.</summary>
    public const int First = 8 << 20;

    /// <summary>The blocks of a blob, at most (a limit of the service).</summary>
    public const int Blocks = 50_000;

    /// <summary>The longest body: 2.36 TiB.</summary>
    public const long Most = (long)First * Step * ((1 << (Blocks / Step)) - 1);

    private const int Step = 10_000;

    /// <summary>Bytes of the block of that index.</summary>
    public static int Of(int index) => First << (index / Step);
}
