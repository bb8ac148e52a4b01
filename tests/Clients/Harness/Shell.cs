using System.Diagnostics;
using System.Text;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What a program said and how it ended.</summary>
public sealed record Ran(string Line, int ExitCode, string Out, string Err)
{
    /// <summary>Asserts exit code 0, showing what it said otherwise.</summary>
    public Ran Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Line}\nended with {ExitCode}\n{Tail(Out)}\n{Tail(Err)}");
        return this;
    }

    /// <summary>Asserts another exit code than 0.</summary>
    public Ran Failed()
    {
        Assert.True(ExitCode != 0, $"{Line}\nsucceeded, which it should not\n{Tail(Out)}\n{Tail(Err)}");
        return this;
    }

    private static string Tail(string text) => text.Length > 6000 ? "…" + text[^6000..] : text;
}

/// <summary>Runs programs.</summary>
public static class Shell
{
    /// <summary>Runs a program until it has written a line with that text, sends it what Ctrl-C sends, and waits for its end.</summary>
    public static async Task<Ran> Interrupt(string at, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        // What is started in the background of a script ignores that signal, and so would all that it starts.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", file, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = new StringBuilder();
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                output.AppendLine(line);
                if (!line.Contains(at, StringComparison.Ordinal)) continue;
                Assert.Equal(0, ServerProcess.SendSignal(process.Id, 2));
                break;
            }
            output.Append(await process.StandardOutput.ReadToEndAsync(timeout.Token));
            await process.WaitForExitAsync(timeout.Token);
            return new($"{file} {string.Join(' ', start.ArgumentList)}", process.ExitCode, output.ToString(), await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{file} did not write '{at}', or did not end.\n{output}");
        }
    }

    /// <summary>Runs a program to its end, or kills it after two minutes (or as told) and fails.</summary>
    public static async Task<Ran> Run(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null,
        string? directory = null, byte[]? input = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = directory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        // Nobody's proxy nor certificates (rclone refuses to start with AWS_CA_BUNDLE), and names of files as they are, whatever the machine's settings.
        start.Environment["NO_PROXY"] = "*";
        start.Environment.Remove("AWS_CA_BUNDLE");
        start.Environment["LC_ALL"] = "C.UTF-8";

        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(6));
        var line = $"{Path.GetFileName(file)} {string.Join(' ', start.ArgumentList)}";
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            try
            {
                if (input is not null) await process.StandardInput.BaseStream.WriteAsync(input, timeout.Token);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading all its input: its exit code and stderr tell more than this would.
            }
            await process.WaitForExitAsync(timeout.Token);
            return new Ran(line, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{line} did not end.");
        }
    }
}
