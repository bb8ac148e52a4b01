using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>What Linux tells of a server's process.</summary>
internal static partial class ServerProcess
{
    /// <summary>Processor time so far (user and system), in seconds; to 10 ms. See proc(5), stat.</summary>
    public static double CpuSeconds(int pid)
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        // The second field is the name in parentheses and may hold spaces; utime and stime are the 14th and 15th.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    /// <summary>The most memory it had resident (VmHWM) since <see cref="ResetPeak"/>, in MiB.</summary>
    public static double PeakMiB(int pid) => Status(pid, "VmHWM:");

    /// <summary>Forgets the peak; see proc(5), clear_refs.</summary>
    public static void ResetPeak(int pid) =>
        File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/clear_refs"), "5");

    /// <summary>
    /// Waits until what earlier rows left behind is done: dirty pages are on the disk and no server works any more.
    /// A server that never rests is not waited for longer than 15 s.
    /// </summary>
    public static void Settle(IReadOnlyList<Target> targets)
    {
        Sync();
        var limit = Stopwatch.StartNew();
        double Sum() => targets.Sum(target => CpuSeconds(target.Pid));
        for (var (before, calm) = (Sum(), 0); calm < 2 && limit.Elapsed.TotalSeconds < 15;)
        {
            Thread.Sleep(100);
            var now = Sum();
            calm = now - before <= 0.02 ? calm + 1 : 0;
            before = now;
        }
    }

    private static double Status(int pid, string name)
    {
        foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")))
            if (line.StartsWith(name, StringComparison.Ordinal))
                return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024.0;
        return double.NaN;
    }

    [LibraryImport("libc", EntryPoint = "sync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void Sync();
}
