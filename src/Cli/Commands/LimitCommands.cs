using System.CommandLine;
using System.Globalization;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn limits</c>: how many requests a minute are answered, and how many bytes a second.</summary>
internal static class LimitCommands
{
    private const string Limits = "ostor-limits";

    private const string Examples = """
        Examples:
          zenkofn limits set --account sales@example.com --default 6000 --put 600    requests a minute: 600 that write, 6000 of each other kind
          zenkofn limits set --bucket photos --out 10240                             10 MiB a second out of a bucket
          zenkofn limits show --bucket photos
          zenkofn limits remove --bucket photos

        0 is without limit. Setting requests takes the limit of bytes away, unless --out is given with it.
        """;

    // Their names in ostor.
    private static readonly Option<double?>[] Requests =
    [
        Number("--default", "Requests a minute of every kind that is not named."), Number("--get", "Requests a minute that read objects."), Number("--put", "Requests a minute that write."),
        Number("--list", "Requests a minute that list."), Number("--delete", "Requests a minute that delete."),
    ];

    private static readonly Option<double?> Out = Number("--out", "KiB a second that are sent.");
    private static readonly TargetOptions Target = new("limits");

    /// <summary>The command with its own.</summary>
    public static Command Command()
    {
        var set = Target.On(new("set", "Sets limits. Kinds of requests that are not named take --default, and that is 0, unless it is named."));
        foreach (var option in (Option<double?>[])[.. Requests, Out]) set.Add(option);
        set.Validators.Add(result =>
        {
            if (!Requests.Append(Out).Any(option => result.GetResult(option) is not null)) result.AddError("Say a limit: --help has examples.");
        });
        return HelpWithExamples.WithExamples(new("limits", "Limits of requests a minute and bytes a second, of buckets and accounts. For administrators.")
        {
            Target.On(new("show", "Shows the limits.")).Asking(Show),
            set.Asking(Set),
            Target.On(new("remove", "Takes all limits away.")).Asking(Remove),
        }, Examples);
    }

    private static async Task<int> Show(RemoteServer server, ParseResult parsed, CancellationToken ct) => await Tell(parsed, await new RemoteOstor(server).Find(Limits, Target.Of(parsed), ct));

    private static async Task<int> Set(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (ostor, target) = (new RemoteOstor(server), Target.Of(parsed));
        // One kind in a request; that of requests comes first, for it sets the other back.
        if (Given(parsed, Requests) is { Length: > 0 } requests) await ostor.Set(Limits, ct, [target, new("ops"), .. requests]);
        if (Given(parsed, Out) is { Length: > 0 } bandwidth) await ostor.Set(Limits, ct, [target, new("bandwidth"), .. bandwidth]);
        return await Tell(parsed, await ostor.Find(Limits, target, ct));
    }

    private static async Task<int> Remove(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await new RemoteOstor(server).Remove(Limits, Target.Of(parsed), ct);
        return await Tell(parsed, null);
    }

    private static Task<int> Tell(ParseResult parsed, Dictionary<string, string>? limits) => Output.Write(
        parsed, new(Target.Named(parsed), limits), CliJson.Default.LimitLine,
        () => limits is null ? Output.Pairs((Target.Named(parsed), "no limits")) : Table.Text(["LIMIT", "VALUE"], [.. limits.Select(each => (string[])[each.Key, each.Value])]));

    private static Parameter[] Given(ParseResult parsed, params Option<double?>[] options) =>
        [.. options.Where(option => parsed.GetValue(option) is not null).Select(option => new Parameter(option.Name[2..], parsed.GetValue(option)!.Value.ToString("0.##", CultureInfo.InvariantCulture)))];

    private static Option<double?> Number(string name, string description)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = "n" };
        option.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<double?>() is not >= 0) result.AddError($"{name}: it must be a number, 0 or more.");
        });
        return option;
    }
}

/// <summary>Limits.</summary>
/// <param name="Target">What they are of.</param>
/// <param name="Limits">By ostor's names; null for none.</param>
internal sealed record LimitLine(string Target, IReadOnlyDictionary<string, string>? Limits);
