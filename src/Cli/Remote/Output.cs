using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>How answers are written: a table for people, or one JSON document.</summary>
internal static class Output
{
    /// <summary>Writes an answer; the exit code of what was done.</summary>
    /// <param name="parsed">Says which way.</param>
    /// <param name="document">The answer.</param>
    /// <param name="type">How it is as JSON.</param>
    /// <param name="text">How it is for people, lines ended.</param>
    public static async Task<int> Write<T>(ParseResult parsed, T document, JsonTypeInfo<T> type, Func<string> text)
    {
        await Console.Out.WriteAsync(parsed.GetValue(RemoteOptions.Json) ? JsonSerializer.Serialize(document, type) + Environment.NewLine : text());
        return ExitCode.Done;
    }

    /// <summary>Tells people that something was done; scripts have the exit code.</summary>
    public static async Task<int> Done(ParseResult parsed, string text)
    {
        if (!parsed.GetValue(RemoteOptions.Json)) await Console.Out.WriteLineAsync(text);
        return ExitCode.Done;
    }

    /// <summary>Names and values, a line each.</summary>
    public static string Pairs(params (string Name, string? Value)[] pairs)
    {
        var width = pairs.Max(pair => pair.Name.Length) + 2;
        var text = new StringBuilder();
        foreach (var (name, value) in pairs)
            if (value is not null) text.AppendLine(name.PadRight(width) + value);
        return text.ToString();
    }

    /// <summary>A number for people.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
