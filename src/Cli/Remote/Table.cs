using System.Text;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>Lines in columns, as wide as they need be.</summary>
internal static class Table
{
    /// <summary>The text; nothing but the headings where there are no lines.</summary>
    public static string Text(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> lines)
    {
        var widths = headings.Select((heading, i) => lines.Select(line => line[i].Length).Append(heading.Length).Max()).ToList();
        var text = new StringBuilder();
        foreach (var line in lines.Prepend(headings))
            text.AppendLine(string.Join("  ", line.Select((cell, i) => i == line.Count - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd());
        return text.ToString();
    }
}
