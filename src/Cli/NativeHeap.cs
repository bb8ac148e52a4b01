using System.Runtime.InteropServices;

namespace ZenkoFunctions.Cli;

/// <summary>Settings of the C library's allocator, which SQLite and OpenSSL take their memory from.</summary>
internal static partial class NativeHeap
{
    // M_ARENA_MAX
    private const int ArenaMax = -8;

    /// <summary>
    /// Has all threads share two heaps. glibc gives each thread one of its own, up to eight a core, and none of them gives back
    /// what it once held: a quarter of the process's memory after a few minutes of load.
    /// </summary>
    public static void Share()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = SetOption(ArenaMax, 2);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has one heap anyway.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
