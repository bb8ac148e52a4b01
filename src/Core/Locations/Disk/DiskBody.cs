using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>A range of an open file, which stays readable when the file is deleted meanwhile.</summary>
internal sealed class DiskBody(SafeFileHandle file, ByteRange range) : IObjectBody
{
    /// <summary>
    /// One read into the writer's own memory, then a flush: half the processor time of sendfile as .NET has it (16 KiB at
    /// a time), and bounded memory.
    /// </summary>
    private const int Piece = 256 * 1024;

    public long Length => range.Length;

    public async ValueTask CopyTo(PipeWriter destination, CancellationToken ct)
    {
        for (var at = range.Offset; at < range.End;)
        {
            ct.ThrowIfCancellationRequested();
            var wanted = (int)Math.Min(Piece, range.End - at);
            var read = RandomAccess.Read(file, destination.GetMemory(wanted).Span[..wanted], at);
            if (read == 0) throw new IOException($"The file ends at {at} instead of {range.End}.");
            destination.Advance(read);
            at += read;
            BodyFlush.Check(await destination.FlushAsync(ct));
        }
    }

    public ValueTask DisposeAsync()
    {
        file.Dispose();
        return ValueTask.CompletedTask;
    }
}
