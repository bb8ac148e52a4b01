using System.Text;
using System.Text.Json;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>Tells what a run found.</summary>
internal static class Report
{
    /// <summary>A line a check, and below what those that are not well mean, and what to do.</summary>
    public static string Text(Uri endpoint, IReadOnlyList<Probed> all)
    {
        var width = all.Max(p => p.Check.Length) + 2;
        var text = new StringBuilder().AppendLine(Invariant($"{endpoint.GetLeftPart(UriPartial.Authority)}")).AppendLine();
        foreach (var (check, finding) in all) text.AppendLine(Invariant($"  {Word(finding.Verdict),-8} {check.PadRight(width)}{finding.Saw}"));
        foreach (var (verdict, heading) in new[] { (Verdict.Broken, "Broken"), (Verdict.Limited, "Limited") })
        {
            // Twenty keys that fail alike are told once.
            var groups = all.Where(p => p.Finding.Verdict == verdict).GroupBy(p => (p.Finding.Means, p.Finding.Advice)).ToList();
            if (groups.Count == 0) continue;
            text.AppendLine().AppendLine(heading);
            foreach (var group in groups)
            {
                text.AppendLine(Invariant($"  {string.Join(", ", group.Select(p => p.Check))}"));
                text.AppendLine(Invariant($"    {group.Key.Means}"));
                text.AppendLine(Invariant($"    > {group.Key.Advice}"));
            }
        }
        int Count(Verdict verdict) => all.Count(p => p.Finding.Verdict == verdict);
        return text.AppendLine().AppendLine(Invariant($"{Count(Verdict.Ok)} ok, {Count(Verdict.Limited)} limited, {Count(Verdict.Broken)} broken")).ToString();
    }

    /// <summary>The same for programs.</summary>
    public static string Json(Uri endpoint, IReadOnlyList<Probed> all)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("endpoint", endpoint.GetLeftPart(UriPartial.Authority));
            json.WriteStartArray("checks");
            foreach (var (check, finding) in all)
            {
                json.WriteStartObject();
                json.WriteString("check", check);
                json.WriteString("verdict", Word(finding.Verdict));
                json.WriteString("saw", finding.Saw);
                if (finding.Verdict != Verdict.Ok)
                {
                    json.WriteString("means", finding.Means);
                    json.WriteString("advice", finding.Advice);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray()) + Environment.NewLine;
    }

    private static string Word(Verdict verdict) => verdict switch { Verdict.Ok => "ok", Verdict.Limited => "limited", _ => "BROKEN" };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
