using System.Globalization;
using ZenkoFunctions.Benchmarks.Load;

// load [--quick] [--rounds N] [--seconds S] [--keys N] [--upload-mib N] [--only TEXT] [--out FILE] name=port,access,secret,pid[,blob] …
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

var s3 = new Report([.. targets.Where(target => target.Protocol == Protocol.S3)], Target.Ours, Target.Bare, Target.Peer);
var blob = new Report(
    targets.Exists(target => target.Protocol == Protocol.Blob) ? [.. targets.Where(target => target.Protocol == Protocol.Blob || target.Name == Target.Ours)] : [],
    Target.OurBlobs, Target.Ours, Target.Azurite);
try
{
    new Session(targets, plan, s3, blob).Run();
}
catch (LoadException error)
{
    await Console.Error.WriteLineAsync($"load: {error.Message}");
    s3.Broken = true;
}
var text = string.Concat(
    s3.Rows.Count == 0 ? "" : $"{s3.Markdown()}\nGoals:\n\n{Goals.OfS3(s3)}\n",
    blob.Rows.Count == 0 ? "" : $"## Azure Blob\n\n{blob.Markdown()}\nGoals:\n\n{Goals.OfBlob(blob)}");
Console.WriteLine($"\n{text}");
if (file is not null) await File.AppendAllTextAsync(file, text);
return s3.Failed || blob.Failed ? 1 : 0;
