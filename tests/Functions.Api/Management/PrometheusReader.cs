using System.Globalization;
using System.Text.RegularExpressions;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>Reads Prometheus's text format as strictly as its documentation is written.</summary>
internal static partial class PrometheusReader
{
    /// <summary>The values by name and labels, as they are written.</summary>
    public static Dictionary<string, double> Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var kinds = new Dictionary<string, string>(StringComparer.Ordinal);
        string? metric = null, helped = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                helped = help.Groups[1].Value;
                continue;
            }
            if (Kind().Match(line) is { Success: true } kind)
            {
                metric = kind.Groups[1].Value;
                Assert.Equal(helped, metric);
                Assert.True(kinds.TryAdd(metric, kind.Groups[2].Value), $"{metric} is there twice.");
                continue;
            }
            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"This is no sample: {line}");
            var name = sample.Groups[1].Value;
            Assert.NotNull(metric);
            Assert.Contains(name, kinds[metric] switch
            {
                "histogram" => [metric + "_bucket", metric + "_sum", metric + "_count"],
                "summary" => [metric + "_sum", metric + "_count"],
                _ => new[] { metric },
            });
            if (kinds[metric] == "counter") Assert.EndsWith("_total", metric, StringComparison.Ordinal);
            var value = double.Parse(sample.Groups[3].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
            if (kinds[metric] != "gauge") Assert.True(value >= 0, line);
            Assert.True(samples.TryAdd(name + sample.Groups[2].Value, value), $"This is there twice: {line}");
        }
        CheckHistograms(samples, kinds.Where(kind => kind.Value == "histogram").Select(kind => kind.Key));
        return samples;
    }

    private static void CheckHistograms(Dictionary<string, double> samples, IEnumerable<string> histograms)
    {
        foreach (var name in histograms)
        {
            foreach (var series in samples.Where(sample => sample.Key.StartsWith(name + "_bucket{", StringComparison.Ordinal)).GroupBy(sample => Le().Replace(sample.Key, "")))
            {
                var ends = series.Select(sample => Le().Match(sample.Key).Groups[1].Value).ToList();
                Assert.Equal("+Inf", ends[^1]);
                var numbers = ends[..^1].Select(end => double.Parse(end, CultureInfo.InvariantCulture)).ToList();
                Assert.Equal(numbers.Order(), numbers);
                Assert.Equal(series.Select(sample => sample.Value).Order(), series.Select(sample => sample.Value));
                Assert.Equal(samples[series.Key.Replace("_bucket{", "_count{", StringComparison.Ordinal)], series.Last().Value);
            }
        }
    }

    [GeneratedRegex("^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) [^\n]+$")]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$")]
    private static partial Regex Kind();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*")*\})? ([-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf)|NaN)$""")]
    private static partial Regex Sample();

    [GeneratedRegex(",le=\"([^\"]+)\"")]
    private static partial Regex Le();
}
