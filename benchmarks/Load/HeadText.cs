using System.Globalization;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Text that is written into a buffer piece by piece.</summary>
internal ref struct HeadText(Span<byte> buffer)
{
    private readonly Span<byte> buffer = buffer;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => buffer[..Length];

    public void Add(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer[Length..]);
        Length += bytes.Length;
    }

    public void Add(long number)
    {
        number.TryFormat(buffer[Length..], out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>The line of a request, as far as its parameters.</summary>
    public void AddTarget(scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> path, scoped ReadOnlySpan<byte> query)
    {
        Add(method);
        Add(" "u8);
        Add(path);
        if (query.Length == 0) return;
        Add("?"u8);
        Add(query);
    }

    /// <summary>The end of a head.</summary>
    public void AddEnd(long? length)
    {
        if (length is { } bytes)
        {
            Add("\r\nContent-Length: "u8);
            Add(bytes);
        }
        Add("\r\n\r\n"u8);
    }
}
