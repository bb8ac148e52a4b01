namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>
/// Bytes out of one shared random buffer, from an offset on and round again: any number of bodies of any size, none of
/// which costs memory or time to make.
/// </summary>
internal readonly record struct Body(int Offset, long Length)
{
    private static readonly byte[] Shared = Fill();

    /// <summary>At most <paramref name="count"/> bytes from <paramref name="at"/> on; at least one unless it is the end.</summary>
    public ReadOnlySpan<byte> Slice(long at, int count)
    {
        var from = (int)((Offset + at) % Shared.Length);
        return Shared.AsSpan(from, (int)Math.Min(Math.Min(count, Shared.Length - from), Length - at));
    }

    /// <summary>A body that belongs to <paramref name="number"/>, whole in one slice where it is under 1 MiB.</summary>
    public static Body Of(long number, long length) =>
        new((int)(number * 4099 % (Shared.Length - (1024 * 1024))), length);

    private static byte[] Fill()
    {
        var bytes = new byte[32 * 1024 * 1024];
        new Random(20260101).NextBytes(bytes);
        return bytes;
    }
}
