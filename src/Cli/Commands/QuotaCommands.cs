using System.CommandLine;
using System.Globalization;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn quota</c>: how much may be kept.</summary>
internal static class QuotaCommands
{
    private const string Quotas = "ostor-quotas";

    private const string Examples = """
        Examples:
          zenkofn quota set 100 --bucket photos                at most 100 GB (of 1024 MB), old versions and unfinished uploads, too
          zenkofn quota show --bucket photos
          zenkofn quota remove --bucket photos
          zenkofn quota set 500 --account sales@example.com    of all of its buckets together
          zenkofn quota set 50 --default user                  of each account that has none of its own
        """;

    private static readonly Argument<long> Size = new("gb") { Description = "How much, in whole GB of 1024 MB." };
    private static readonly Option<string?> Default = new("--default") { Description = "What holds where nothing is said: of each user, or of each bucket.", HelpName = "user|bucket" };
    private static readonly TargetOptions Target = new("quota", Default);

    static QuotaCommands()
    {
        Default.AcceptOnlyFromAmong("user", "bucket");
        Size.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<long>() <= 0) result.AddError("gb: it must be a positive whole number.");
        });
    }

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("quota", "Quotas: how much a bucket or an account may keep. For administrators.")
    {
        Target.On(new("show", "Shows a quota.")).Asking(Show),
        Target.On(new("set", "Sets a quota. What is there already stays, be it more.") { Size }).Asking(Set),
        Target.On(new("remove", "Takes a quota away.")).Asking(Remove),
    }, Examples);

    private static async Task<int> Show(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Tell(parsed, (await new RemoteOstor(server).Find(Quotas, Target.Of(parsed), ct))?.GetValueOrDefault("size"));

    private static async Task<int> Set(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var size = parsed.GetRequiredValue(Size).ToString(CultureInfo.InvariantCulture);
        await new RemoteOstor(server).Set(Quotas, ct, Target.Of(parsed), new("quota-size", size));
        return await Tell(parsed, size);
    }

    private static async Task<int> Remove(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await new RemoteOstor(server).Remove(Quotas, Target.Of(parsed), ct);
        return await Tell(parsed, null);
    }

    private static Task<int> Tell(ParseResult parsed, string? size) => Output.Write(
        parsed, new(Target.Named(parsed), size is null ? null : decimal.Parse(size, CultureInfo.InvariantCulture)), CliJson.Default.QuotaLine,
        () => Output.Pairs((Target.Named(parsed), size is null ? "no quota" : $"{size} GB")));
}

/// <summary>A quota.</summary>
/// <param name="Target">What it is of.</param>
/// <param name="Gigabytes">How much; null for none.</param>
internal sealed record QuotaLine(string Target, decimal? Gigabytes);
