using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>A small file system of its own, to be filled up or made read-only. Needs the right to mount.</summary>
public sealed class Tmpfs : IDisposable
{
    private static readonly Lazy<string?> Obstacle = new(Probe);

    private readonly Scratch scratch = new();

    private Tmpfs()
    {
    }

    /// <summary>Why there can be none here, or null.</summary>
    public static string? Unavailable => Obstacle.Value;

    /// <summary>Where it is mounted.</summary>
    public string Path => scratch.Path;

    /// <summary>Mounts one of that many MiB.</summary>
    public static async Task<Tmpfs> Mount(int mebibytes)
    {
        var tmpfs = new Tmpfs();
        (await Shell.Run("mount", ["-t", "tmpfs", "-o", $"size={mebibytes}m,mode=0700", "tmpfs", tmpfs.Path])).Succeeded();
        return tmpfs;
    }

    /// <summary>Makes it read-only, or writable again.</summary>
    public async Task ReadOnly(bool on) => (await Shell.Run("mount", ["-o", on ? "remount,ro" : "remount,rw", Path])).Succeeded();

    /// <summary>Takes all the room that is left, but for the given number of bytes. Returns the file to be deleted.</summary>
    public string Fill(long spare)
    {
        var filler = System.IO.Path.Combine(Path, "filler");
        using var file = File.Create(filler);
        var chunk = new byte[64 * 1024];
        while (new DriveInfo(Path).AvailableFreeSpace > spare + chunk.Length) { file.Write(chunk); file.Flush(); }
        return filler;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Shell.Run("umount", ["-l", Path]).GetAwaiter().GetResult();
        scratch.Dispose();
    }

    private static string? Probe()
    {
        using var scratch = new Scratch();
        var mounted = Shell.Run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", scratch.Path]).GetAwaiter().GetResult();
        if (mounted.ExitCode != 0) return $"Cannot mount a tmpfs here (run as root with CAP_SYS_ADMIN): {mounted.Err.Trim()}";
        Shell.Run("umount", [scratch.Path]).GetAwaiter().GetResult();
        return null;
    }
}

/// <summary>A test that needs a file system of its own; skipped where none can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TmpfsFactAttribute : FactAttribute
{
    /// <summary>A test that mounts.</summary>
    public TmpfsFactAttribute() => Skip = Tmpfs.Unavailable;
}
