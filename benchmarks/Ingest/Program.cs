using System.Globalization;
using ZenkoFunctions.Benchmarks.Ingest;
using ZenkoFunctions.Benchmarks.Load;

// ingest [--objects N] [--rounds N] [--out FILE] source=port,access,secret,pid mirror=port,access,secret,pid
var plan = new Plan();
List<Target> targets = [];
string? file = null;
try
{
    for (var i = 0; i < args.Length; i++)
    {
        string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]} needs a value");
        int Number() => int.Parse(Value(), CultureInfo.InvariantCulture);
        switch (args[i])
        {
            case "--objects": plan = plan with { Objects = Number() }; break;
            case "--rounds": plan = plan with { Rounds = Number() }; break;
            case "--out": file = Value(); break;
            default: targets.Add(Target.Parse(args[i])); break;
        }
    }
    if (targets.Count != 2) throw new FormatException("a source and a mirror are needed");
}
catch (FormatException error)
{
    await Console.Error.WriteLineAsync($"ingest: {error.Message}");
    return 2;
}

try
{
    var report = new Comparison(targets[0], targets[1], plan).Run();
    Console.WriteLine($"\n{report}");
    if (file is not null) await File.AppendAllTextAsync(file, report);
    return 0;
}
catch (LoadException error)
{
    await Console.Error.WriteLineAsync($"ingest: {error.Message}");
    return 1;
}
