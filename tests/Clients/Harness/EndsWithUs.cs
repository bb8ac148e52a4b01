using System.Diagnostics;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Sees to it that processes end when this one does, even where it is killed: then a pipe breaks, and a shell ends them.</summary>
internal static class EndsWithUs
{
    private const string Script = """
        declare -A pids
        while read -r what pid; do if [ "$what" = + ]; then pids[$pid]=1; else unset "pids[$pid]"; fi; done
        [ ${#pids[@]} -eq 0 ] || kill -9 "${!pids[@]}" 2>/dev/null
        """;

    private static readonly Lazy<StreamWriter> Shell = new(() =>
    {
        var input = Process.Start(new ProcessStartInfo("bash", ["-c", Script]) { RedirectStandardInput = true })!.StandardInput;
        input.AutoFlush = true;
        return input;
    });

    /// <summary>It is to end with us.</summary>
    public static void Add(int pid) => Tell('+', pid);

    /// <summary>It has ended: another may get its number.</summary>
    public static void Remove(int pid) => Tell('-', pid);

    private static void Tell(char what, int pid)
    {
        lock (Shell) Shell.Value.WriteLine($"{what} {pid}");
    }
}
