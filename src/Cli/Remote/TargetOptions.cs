using System.CommandLine;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>The options that say what a quota or limit is of; one of them has to be given.</summary>
/// <param name="what">What it is, for the descriptions.</param>
/// <param name="more">Others than a bucket and an account, with the parameter's name behind their dashes.</param>
internal sealed class TargetOptions(string what, params Option<string?>[] more)
{
    private readonly Option<string?> bucket = new("--bucket") { Description = $"The bucket whose {what} it is.", HelpName = "name" };
    private readonly Option<string?> account = new("--account") { Description = $"The account whose {what} it is, by its e-mail address or id.", HelpName = "e-mail or id" };

    /// <summary>Gives them to a command.</summary>
    public Command On(Command command)
    {
        Option<string?>[] all = [bucket, account, .. more];
        foreach (var option in all) command.Add(option);
        command.Validators.Add(result =>
        {
            if (all.Count(option => result.GetResult(option) is { Implicit: false }) != 1) result.AddError($"Say one of {string.Join(", ", all.Select(option => option.Name))}.");
        });
        return command;
    }

    /// <summary>What was said, as ostor's API takes it.</summary>
    public Parameter Of(ParseResult parsed) =>
        parsed.GetValue(bucket) is { } name ? new("bucket", name)
        : parsed.GetValue(account) is { } who ? RemoteOstor.Named(who)
        : more.Select(option => new Parameter(option.Name[2..], parsed.GetValue(option))).First(each => each.Value is not null);

    /// <summary>What was said, for people.</summary>
    public string Named(ParseResult parsed) =>
        parsed.GetValue(bucket) is { } name ? $"bucket {name}"
        : parsed.GetValue(account) is { } who ? $"account {who}"
        : more.Where(option => parsed.GetValue(option) is not null).Select(option => $"{option.Name[2..]} {parsed.GetValue(option)}").First();
}
