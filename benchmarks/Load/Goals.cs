using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Which of the goals were reached.</summary>
internal sealed class Goals(Report report)
{
    private const double MostUploadMiB = 200;

    private readonly StringBuilder text = new();

    /// <summary>Those of S3: what the bare server leaves of speed, being ahead of s3rver, quick pages, constant memory.</summary>
    public static string OfS3(Report report)
    {
        var goals = new Goals(report);
        foreach (var connections in (string[])["1 connection", "4 connections"])
        {
            goals.AtLeast($"GET of 64 MiB at {connections}: at least 0.90 of bare", $"64 MiB GET, {connections}", Target.Bare, 0.90);
            goals.AtLeast($"PUT of 64 MiB at {connections}: at least 0.80 of bare", $"64 MiB PUT, {connections}", Target.Bare, 0.80);
        }
        goals.AtLeast("GET of 4 KiB at 16 connections: at least 0.60 of bare", "4 KiB GET, 16 connections", Target.Bare, 0.60);
        goals.AtLeast("durable PUT of 4 KiB at 16 connections: at least bare", "4 KiB PUT, 16 connections", Target.Bare, 1.00);
        goals.Ahead(Target.Peer);
        foreach (var row in report.Rows.Where(row => row.EndsWith("a page", StringComparison.Ordinal)))
        {
            var page = report.Median(row, Target.Ours);
            goals.Goal(
                $"{row}: under 5 ms",
                page is { Errors: 0 } ? page.Value < 5 : null,
                page is null ? "n/a" : string.Create(CultureInfo.InvariantCulture, $"{page.Value:0.00} ms seen by the client, sending included"));
        }
        goals.Bounded();
        return goals.text.ToString();
    }

    /// <summary>Those of Azure Blob: being ahead of Azurite, near what the same server does in S3's protocol, constant memory.</summary>
    public static string OfBlob(Report report)
    {
        var goals = new Goals(report);
        goals.Ahead(Target.Azurite);
        foreach (var row in report.Rows.Where(row => row.StartsWith("4 KiB GET", StringComparison.Ordinal) || row.StartsWith("4 KiB PUT", StringComparison.Ordinal)))
            goals.AtLeast($"{row}: at least 0.90 of the same server's S3", row, Target.Ours, 0.90);
        goals.Bounded();
        return goals.text.ToString();
    }

    private void Goal(string goal, bool? met, string measured) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"- {(met switch { true => "met", false => "**NOT MET**", null => "not measured" })}: {goal} ({measured})");

    private void AtLeast(string goal, string row, string other, double least)
    {
        var ratio = report.RatioOf(row, other);
        Goal(goal, ratio is null ? null : ratio >= least, report.Ratio(row, other));
    }

    private void Ahead(string peer)
    {
        var behind = report.Rows.Where(row => report.RatioOf(row, peer) <= 1).ToList();
        Goal(
            $"ahead of {peer} in every row",
            report.Rows.Any(row => report.RatioOf(row, peer) is not null) ? behind.Count == 0 : null,
            behind.Count == 0 ? "behind in none" : $"behind in: {string.Join("; ", behind)}");
    }

    private void Bounded()
    {
        foreach (var row in report.Rows.Where(row => row.StartsWith("64 uploads", StringComparison.Ordinal)))
        {
            var peak = report.Peak(row, report.Ours);
            Goal(
                $"{row}: under {MostUploadMiB} MiB", peak is null ? null : peak < MostUploadMiB,
                peak is null ? "n/a" : string.Create(CultureInfo.InvariantCulture, $"{peak:0} MiB"));
        }
    }
}
