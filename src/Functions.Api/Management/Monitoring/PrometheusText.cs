using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>Prometheus's text format, 0.0.4.</summary>
internal sealed class PrometheusText
{
    /// <summary>The type of the document.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder text = new();

    /// <summary>A metric's samples follow.</summary>
    public void Begin(string name, string kind, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
            .Append("\n# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');

    /// <summary>A sample; nothing where there is no value.</summary>
    public void Sample(string name, double? value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (value is not { } number) return;
        text.Append(name);
        var separator = '{';
        foreach (var (label, of) in labels)
        {
            text.Append(separator).Append(label).Append("=\"").Append(Escaped(of)).Append('"');
            separator = ',';
        }
        if (labels.Length > 0) text.Append('}');
        text.Append(' ').Append(number.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>A histogram.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="buckets">How many were at most so large, ascending.</param>
    /// <param name="count">How many there were.</param>
    /// <param name="sum">What they come to together.</param>
    /// <param name="labels">Of what.</param>
    public void Histogram(
        string name, IReadOnlyList<(double End, long Count)> buckets, long count, double sum, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        foreach (var (end, within) in buckets)
            Sample(name + "_bucket", within, [.. labels, ("le", end.ToString("R", CultureInfo.InvariantCulture))]);
        Sample(name + "_bucket", count, [.. labels, ("le", "+Inf")]);
        Sample(name + "_sum", sum, labels);
        Sample(name + "_count", count, labels);
    }

    /// <summary>The text.</summary>
    public byte[] ToArray() => Encoding.UTF8.GetBytes(text.ToString());

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
