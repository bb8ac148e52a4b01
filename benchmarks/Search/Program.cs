using System.Globalization;
using ZenkoFunctions.Benchmarks.Load;
using ZenkoFunctions.Benchmarks.Search;

// search [--objects N] [--found N] [--rounds N] [--out FILE] name=port,access,secret,pid
var plan = new Plan();
Target? target = null;
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
            case "--found": plan = plan with { Found = Number() }; break;
            case "--rounds": plan = plan with { Rounds = Number() }; break;
            case "--out": file = Value(); break;
            default: target = Target.Parse(args[i]); break;
        }
    }
    if (target is null) throw new FormatException("a server is needed");
}
catch (FormatException error)
{
    await Console.Error.WriteLineAsync($"search: {error.Message}");
    return 2;
}

try
{
    var report = new Comparison(target, plan).Run();
    Console.WriteLine($"\n{report}");
    if (file is not null) await File.AppendAllTextAsync(file, report);
    return 0;
}
catch (LoadException error)
{
    await Console.Error.WriteLineAsync($"search: {error.Message}");
    return 1;
}
