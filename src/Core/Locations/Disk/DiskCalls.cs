using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>The system calls by which bytes become durable. Tests replace them to let them fail.</summary>
internal partial class DiskCalls
{
    internal const int NoSpace = 28, QuotaExceeded = 122; // ENOSPC, EDQUOT of Linux

    private const int NoEntry = 2;  // ENOENT
    private const int KeepSize = 1; // FALLOC_FL_KEEP_SIZE
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC of Linux
    private const uint WaitBeforeAndWrite = 1 | 2;           // SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE

    /// <summary>
    /// Takes room for so many bytes where the file system can do that. .NET's own preallocation throws without an error
    /// number, by which a full disk could be told apart.
    /// </summary>
    internal virtual void Reserve(SafeFileHandle file, long length)
    {
        if (!OperatingSystem.IsLinux() || Allocate(file, KeepSize, 0, length) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error is NoSpace or QuotaExceeded) throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    /// <summary>Writes the pieces one after the other.</summary>
    internal virtual void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset) =>
        RandomAccess.Write(file, pieces, offset);

    /// <summary>Lets the disk begin with the range; first waits for what it was told before of the same range.</summary>
    internal virtual void StartWriteback(SafeFileHandle file, long offset, long length)
    {
        // Only advice: that nothing went wrong is fsync's to say, and it remembers failures of this.
        if (OperatingSystem.IsLinux()) _ = SyncFileRange(file, offset, length, WaitBeforeAndWrite);
    }

    /// <summary>fsync of a file.</summary>
    internal virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    /// <summary>fsync of a directory, where the system has that; .NET opens no directories.</summary>
    internal virtual void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var directory = Open(path, ReadOnlyDirectory);
        if (directory.IsInvalid || Sync(directory) != 0)
            throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
    }

    /// <summary>Gives a file a second name; false where the two cannot be names of one file.</summary>
    internal virtual bool Link(string path, string another)
    {
        if (OperatingSystem.IsWindows() || HardLink(path, another) != 0)
        {
            if (!OperatingSystem.IsWindows() && Marshal.GetLastPInvokeError() == NoEntry) throw new FileNotFoundException(null, path);
            return false;
        }
        return true;
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string path, string another);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
