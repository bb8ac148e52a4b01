using System.CommandLine;
using ZenkoFunctions.Cli.Probing;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn probe</c>: what the platform in front of an endpoint does to requests.</summary>
internal static class Probe
{
    private const string Examples = """
        Examples:
          zenkofn probe https://my-app.azurewebsites.net --access-key AKIA0123
          zenkofn probe https://s3.example.com --upload-mib 256 --json

        The secret key comes from AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN).
        Exit codes: 0 nothing is broken, 1 something is, or the endpoint does not answer, 2 usage.
        """;

    private static readonly Argument<Uri> Url = new("url")
    {
        Description = "The endpoint, https://… without a path.",
        CustomParser = result =>
        {
            if (RemoteOptions.ParseEndpoint(result.Tokens[0].Value) is { } url) return url;
            result.AddError($"'{result.Tokens[0].Value}' is no endpoint: it must be http(s)://host or http(s)://host:port.");
            return null!;
        },
    };

    private static readonly Option<string?> AccessKey = new("--access-key")
    {
        Description = "The access key id; otherwise that of AWS_ACCESS_KEY_ID.",
        HelpName = "id",
    };

    private static readonly Option<string?> Region = new("--region")
    {
        Description = "The region to sign for; otherwise that of AWS_REGION or AWS_DEFAULT_REGION, or us-east-1.",
        HelpName = "name",
    };

    private static readonly Option<int> Upload = new("--upload-mib")
    {
        Description = "The size in MiB of the body that is really sent and read back; the largest one is found by announcing it.",
        HelpName = "n",
        DefaultValueFactory = _ => 32,
    };

    private static readonly Option<bool> Json = RemoteOptions.Json;

    /// <summary>The command with its options.</summary>
    public static Command Command()
    {
        var command = new Command(
            "probe",
            "Tells what the platform in front of an endpoint does to requests: awkward keys, bodies, headers, browsers' requests. Makes a bucket for itself and removes it.")
        {
            Url, AccessKey, Region, Upload, Json, HelpWithExamples.Option(Examples),
        };
        Upload.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int>() is < 1 or > 1024) result.AddError("--upload-mib: it must be 1 to 1024.");
        });
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var (access, secret) = (parsed.GetValue(AccessKey) ?? Target.Setting("AWS_ACCESS_KEY_ID"), Target.Setting("AWS_SECRET_ACCESS_KEY"));
        if (access is null || secret is null)
        {
            await Console.Error.WriteLineAsync("zenkofn: Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the keys of an account that may make buckets.");
            return ExitCode.Usage;
        }
        var region = parsed.GetValue(Region) ?? Target.Setting("AWS_REGION") ?? Target.Setting("AWS_DEFAULT_REGION") ?? "us-east-1";
        var url = parsed.GetRequiredValue(Url);
        var clock = TimeProvider.System;
        var session = new Session(new(url), new(access, secret, Target.Setting("AWS_SESSION_TOKEN"), region, clock), new() { UploadMiB = parsed.GetRequiredValue(Upload) }, clock);
        try
        {
            var found = await ProbeRun.All(session, ct);
            await Console.Out.WriteAsync(parsed.GetValue(Json) ? Report.Json(url, found) : Report.Text(url, found));
            return found.Any(p => p.Finding.Verdict == Verdict.Broken) ? ExitCode.Failed : ExitCode.Done;
        }
        catch (ProbeException e)
        {
            await Console.Error.WriteLineAsync($"zenkofn: {e.Message}");
            return ExitCode.Failed;
        }
    }
}
