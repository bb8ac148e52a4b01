using System.CommandLine;
using System.Text;

namespace ZenkoFunctions.Cli.Commands;

/// <summary>Where the secret key of a location comes from. Never from the command line, which other users of the machine see.</summary>
internal static class SecretKey
{
    private const string Variable = "ZENKOFN_LOCATION_SECRET_KEY";
    private const int MaxBytes = 4096;

    /// <summary>A file with it.</summary>
    public static readonly Option<string?> File = new("--secret-key-file")
    {
        Description = $"A file that holds its secret key and nothing else; - for standard input. Otherwise {Variable}, or it is asked for.",
        HelpName = "file",
    };

    /// <summary>The key; null where none was given and none is needed.</summary>
    /// <exception cref="StartupException">None was given, and nobody can be asked.</exception>
    public static async Task<string?> Read(ParseResult parsed, bool isNeeded, CancellationToken ct)
    {
        if (parsed.GetValue(File) is { } file)
        {
            await using var stream = file == "-" ? Console.OpenStandardInput() : new FileStream(file, FileMode.Open, FileAccess.Read);
            var bytes = new byte[MaxBytes + 1];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            if (length > MaxBytes) throw new StartupException($"{file} is longer than a secret key can be ({MaxBytes} bytes).");
            return NotEmpty(Encoding.UTF8.GetString(bytes.AsSpan(0, length)).Trim(), file);
        }
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value) return value;
        if (!isNeeded) return null;
        if (Console.IsInputRedirected) throw new StartupException($"The location needs a secret key: name a file with --secret-key-file, or set {Variable}.");
        return NotEmpty(Ask(), "the answer");
    }

    /// <summary>Asks the person at the terminal for one, which is not shown.</summary>
    public static string Ask()
    {
        Console.Error.Write("Secret key: ");
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace) typed.Append(key.KeyChar);
            else if (typed.Length > 0) typed.Length--;
        }
        Console.Error.WriteLine();
        return typed.ToString().Trim();
    }

    private static string NotEmpty(string secret, string source) => secret.Length > 0 ? secret : throw new StartupException($"There is no secret key in {source}.");
}
