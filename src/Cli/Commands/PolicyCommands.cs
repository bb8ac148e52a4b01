using System.CommandLine;
using System.Text.Json;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn policy</c>: what users and roles of the caller's account may do.</summary>
internal static class PolicyCommands
{
    private const string Examples = """
        Examples:
          zenkofn policy list --user backup
          zenkofn policy put read-all policy.json --user backup
          zenkofn policy show read-all --user backup
          zenkofn policy delete read-all --user backup
          zenkofn policy list --role replication

        A policy.json that lets all buckets be read:
          {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}
        """;

    private static readonly Argument<string> Name = new("name") { Description = "The policy's name." };
    private static readonly Argument<FileInfo> File = new("file") { Description = "A file with the policy, a document of JSON." };
    private static readonly Option<string?> User = new("--user") { Description = "The user whose policies these are.", HelpName = "name" };
    private static readonly Option<string?> Role = new("--role") { Description = "The role whose policies these are.", HelpName = "name" };

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("policy", "Policies: what a user or a role within your account may do.")
    {
        Of(new("list", "Lists the names of its policies.")).Asking(List),
        Of(new("show", "Shows a policy.") { Name }).Asking(Show),
        Of(new("put", "Gives it a policy, in place of one of the same name.") { Name, File }).Asking(Put),
        Of(new("delete", "Takes a policy away.") { Name }).Asking(Delete),
    }, Examples);

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (kind, holder) = Holder(parsed);
        var names = await new RemoteIam(server).List($"List{kind}Policies", ct, (kind + "Name", holder)).Select(each => each.Value).ToListAsync(ct);
        return await Output.Write(parsed, new(names), CliJson.Default.PolicyList, () => Table.Text(["POLICY"], [.. names.Select(each => (string[])[each])]));
    }

    private static async Task<int> Show(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (kind, holder) = Holder(parsed);
        var found = await new RemoteIam(server).Ask($"Get{kind}Policy", ct, (kind + "Name", holder), ("PolicyName", parsed.GetRequiredValue(Name)));
        // It is JSON whichever way it is asked for.
        await Console.Out.WriteLineAsync(Uri.UnescapeDataString(found.All("PolicyDocument").Single().Value).TrimEnd());
        return ExitCode.Done;
    }

    private static async Task<int> Put(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (kind, holder) = Holder(parsed);
        var file = parsed.GetRequiredValue(File);
        if (!file.Exists) throw new StartupException($"There is no file {file.FullName}.");
        var text = await System.IO.File.ReadAllTextAsync(file.FullName, ct);
        try
        {
            using var document = JsonDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw new StartupException($"{file.FullName} is no document of JSON: {e.Message}");
        }
        await new RemoteIam(server).Ask($"Put{kind}Policy", ct, (kind + "Name", holder), ("PolicyName", parsed.GetRequiredValue(Name)), ("PolicyDocument", text));
        return await Output.Done(parsed, "Put.");
    }

    private static async Task<int> Delete(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (kind, holder) = Holder(parsed);
        await new RemoteIam(server).Ask($"Delete{kind}Policy", ct, (kind + "Name", holder), ("PolicyName", parsed.GetRequiredValue(Name)));
        return await Output.Done(parsed, "Deleted.");
    }

    private static Command Of(Command command)
    {
        command.Add(User);
        command.Add(Role);
        command.Validators.Add(result =>
        {
            if (result.GetResult(User) is null == result.GetResult(Role) is null) result.AddError("Say one of --user and --role.");
        });
        return command;
    }

    private static (string Kind, string Name) Holder(ParseResult parsed) => parsed.GetValue(User) is { } user ? ("User", user) : ("Role", parsed.GetValue(Role)!);
}

/// <summary>The names of policies.</summary>
internal sealed record PolicyList(IReadOnlyList<string> Policies);
