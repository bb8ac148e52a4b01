using System.Globalization;
using ZenkoFunctions.Benchmarks.Load;

// load [--quick] [--rounds N] [--seconds S] [--keys N] [--upload-mib N] [--only TEXT] [--out FILE] name=port,access,secret,pid …
var plan = Plan.Full;
var targets = new List<Target>();
string? file = null;
try
{
    for (var i = 0; i < args.Length; i++)
    {
        string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]} needs a value");
        int Number() => int.Parse(Value(), CultureInfo.InvariantCulture);
        switch (args[i])
        {
            case "--quick": plan = Plan.Quick; break;
            case "--rounds": plan = plan with { Rounds = Number() }; break;
            case "--seconds": plan = plan with { Seconds = Number() }; break;
            case "--keys": plan = plan with { Keys = Number() }; break;
            case "--upload-mib": plan = plan with { UploadMiB = Number() }; break;
            case "--only": plan = plan with { Only = Value() }; break;
            case "--out": file = Value(); break;
            default: targets.Add(Target.Parse(args[i])); break;
        }
    }
    if (targets.Count == 0) throw new FormatException("no target");
    if (plan.Keys % 1000 != 0) throw new FormatException("--keys is not a multiple of 1000");
}
catch (FormatException error)
{
    await Console.Error.WriteLineAsync($"load: {error.Message}");
    return 2;
}

var report = new Report(targets);
try
{
    new Session(targets, plan, report).Run();
}
catch (LoadException error)
{
    await Console.Error.WriteLineAsync($"load: {error.Message}");
    report.Broken = true;
}
var text = $"{report.Markdown()}\nGoals:\n\n{report.Goals()}";
Console.WriteLine($"\n{text}");
if (file is not null) await File.AppendAllTextAsync(file, text);
return report.Failed ? 1 : 0;
