using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>A file that is being written under a temporary name. Disposed before it was moved, it is removed.</summary>
internal sealed class IncomingFile : IDisposable
{
    private readonly DiskCalls calls;
    private readonly string path;
    private readonly SafeFileHandle file;
    private readonly List<ReadOnlyMemory<byte>> pieces = [];
    private long started; // writeback was begun up to here
    private bool moved;

    internal IncomingFile(DiskCalls calls, string path)
    {
        (this.calls, this.path) = (calls, path);
        // FileShare.None would only cost an flock: nobody else knows the name.
        file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Where it is until it is moved.</summary>
    internal string Path => path;

    /// <summary>How many bytes were written.</summary>
    internal long Length { get; private set; }

    /// <summary>How many bytes were written since the disk was last told to begin.</summary>
    internal long NotStarted => Length - started;

    /// <summary>Takes the room for so many bytes, so that a full disk shows before the body was sent.</summary>
    internal void Reserve(long length) => calls.Reserve(file, length);

    /// <summary>Appends, into the page cache.</summary>
    internal void Write(in ReadOnlySequence<byte> bytes)
    {
        pieces.Clear();
        foreach (var piece in bytes) pieces.Add(piece);
        calls.Write(file, pieces, Length);
        Length += bytes.Length;
    }

    /// <summary>
    /// Waits until the disk has what it was told last time, and tells it to begin with what came since. So a body of any
    /// size has few pages waiting, writers are not throttled by the system, and the fsync at the end is short.
    /// </summary>
    internal void StartWriteback(long window)
    {
        var from = Math.Max(0, started - window);
        calls.StartWriteback(file, from, Length - from);
        started = Length;
    }

    /// <summary>fsync.</summary>
    internal void Flush() => calls.Flush(file);

    /// <summary>Gives it its name; that is durable once the directory is flushed.</summary>
    internal void MoveTo(string target) => Move(target, overwrite: false);

    /// <summary>The same in place of what has that name.</summary>
    internal void MoveOver(string target) => Move(target, overwrite: true);

    private void Move(string target, bool overwrite)
    {
        file.Dispose();
        File.Move(path, target, overwrite);
        moved = true;
    }

    public void Dispose()
    {
        file.Dispose();
        if (!moved) File.Delete(path);
    }
}
