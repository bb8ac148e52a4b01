using System.Text.Json.Serialization;
using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Diagnosis;

/// <summary>All that was found, in the order of the checks.</summary>
/// <param name="Checks">One each.</param>
internal sealed record CheckReport(IReadOnlyList<CheckLine> Checks)
{
    /// <summary>The worst of them.</summary>
    public Outcome Outcome => Checks.Max(check => check.Outcome);

    /// <summary>What the process ends with.</summary>
    [JsonIgnore]
    public int ExitCode => Outcome switch { Outcome.Ok => Cli.ExitCode.Done, Outcome.Warning => Cli.ExitCode.Warnings, _ => Cli.ExitCode.Problems };

    /// <summary>For people.</summary>
    public string Text()
    {
        var table = Table.Text(["CHECK", "", "FOUND"], [.. Checks.Select(each => (string[])[each.Area, Name(each.Outcome), each.Found])]);
        var next = Checks.Where(each => each.Next is not null).Select(each => $"{each.Area}: {each.Next}").Distinct().ToList();
        return next.Count == 0 ? table : table + Environment.NewLine + "What to do:" + Environment.NewLine + string.Concat(next.Select(each => $"  {each}{Environment.NewLine}"));
    }

    private static string Name(Outcome outcome) => outcome switch { Outcome.Ok => "ok", Outcome.Warning => "warning", _ => "PROBLEM" };
}
