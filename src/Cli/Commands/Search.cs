using System.CommandLine;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Cli.Replication;
using ZenkoFunctions.Cli.Searching;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn search</c>: finds objects by what they are, and says which fields are indexed for that.</summary>
internal static class Search
{
    private const string Examples = """
        Examples:
          zenkofn search photos 'x-amz-meta-color = "blue" AND content-length > 1048576'
          zenkofn search photos 'key LIKE "/\.jpe?g$/i"' --prefix 2026/        among the keys that start so
          zenkofn search photos 'tags.project = apollo' --versions --json      old versions too, a line of JSON each
          zenkofn search photos --index x-amz-meta-color tags.project --wait   index these fields as well, and watch until that is done
          zenkofn search photos --drop tags.project                            index it no more
          zenkofn search photos                                                which fields are indexed
          zenkofn search photos --rebuild                                      build the index anew, and tidy it up

        Operators: = != <> < > <= >= LIKE AND OR and parentheses. LIKE takes a regular expression, "pattern" or "/pattern/flags".
        Fields: key, content-length, content-type, last-modified, x-amz-meta-NAME, tags.NAME, replication-status …; docs/search.md has all.
        """;

    private static readonly Argument<string> Bucket = new("bucket") { Description = "The bucket." };
    private static readonly Argument<string?> Expression = new("expression") { Description = "What is searched for.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> Versions = new("--versions") { Description = "Finds old versions and delete markers, too." };
    private static readonly Option<string?> Prefix = new("--prefix") { Description = "Only keys that start with it.", HelpName = "text" };
    private static readonly Option<string[]> Index = Fields("--index", "Has these fields indexed as well.");
    private static readonly Option<string[]> Drop = Fields("--drop", "Has these fields indexed no more.");
    private static readonly Option<bool> Rebuild = new("--rebuild") { Description = "Builds the index anew, which also removes what is stale in it." };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Watches until the index is built." };

    /// <summary>The command with its options.</summary>
    public static Command Command()
    {
        var command = new Command("search", "Finds objects by what they are: name, size, type, metadata, tags; and says which fields are indexed for that.")
        {
            Bucket, Expression, Versions, Prefix, Index, Drop, Rebuild, Wait, HelpWithExamples.Option(Examples),
        };
        command.Validators.Add(result =>
        {
            var isSearch = result.GetResult(Expression) is { Tokens.Count: > 0 };
            foreach (var option in new Option[] { Versions, Prefix })
                if (!isSearch && result.GetResult(option) is { Implicit: false }) result.AddError($"{option.Name} goes with an expression.");
            foreach (var option in new Option[] { Index, Drop, Rebuild, Wait })
                if (isSearch && result.GetResult(option) is { Implicit: false }) result.AddError($"{option.Name} does not go with an expression: give one or the other.");
        });
        return command.Asking(Run);
    }

    private static Task<int> Run(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var bucket = parsed.GetRequiredValue(Bucket);
        var json = parsed.GetValue(RemoteOptions.Json);
        return parsed.GetValue(Expression) is { } expression
            ? Findings.Show(server, bucket, expression, parsed.GetValue(Prefix), parsed.GetValue(Versions), json, ct)
            : Indexing(server, bucket, parsed, json, ct);
    }

    private static async Task<int> Indexing(RemoteServer server, string bucket, ParseResult parsed, bool json, CancellationToken ct)
    {
        var indexes = new RemoteIndexes(server);
        var (index, drop, rebuild) = (parsed.GetValue(Index) ?? [], parsed.GetValue(Drop) ?? [], parsed.GetValue(Rebuild));
        var now = await indexes.Find(bucket, ct);
        if (index.Length > 0 || drop.Length > 0 || rebuild)
        {
            var fields = now.Fields.Select(field => field.Name).Except(drop, StringComparer.Ordinal).Union(index, StringComparer.Ordinal);
            now = await indexes.Set(bucket, new() { Fields = [.. fields], Rebuild = rebuild }, ct);
        }
        if (parsed.GetValue(Wait) && now.Walk is { } walk)
        {
            var (end, code) = await WalkWatch.Follow(new(server), walk, json, CancellationToken.None, ct);
            if (end is null) return code;
            now = await indexes.Find(bucket, ct);
        }
        await RemoteIndexes.Tell(now, json);
        return now.Walk is { State: Core.Replication.Walks.WalkState.Failed } ? ExitCode.Failed : ExitCode.Done;
    }

    private static Option<string[]> Fields(string name, string description) =>
        new(name) { Description = description, HelpName = "field", AllowMultipleArgumentsPerToken = true };
}
