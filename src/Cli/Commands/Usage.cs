using System.CommandLine;
using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn usage</c>: what is kept, by location, account and bucket.</summary>
internal static class Usage
{
    private const string Examples = """
        Examples:
          zenkofn usage                    what lies in each location, and in the buckets of each account
          zenkofn usage --account sales    what its buckets hold
          zenkofn usage --location ring    which buckets have something in it
          zenkofn usage --bucket photos --json
        """;

    private static readonly Option<string?> Bucket = new("--bucket") { Description = "Only this bucket.", HelpName = "name" };
    private static readonly Option<string?> Account = new("--account") { Description = "Only the buckets of this account.", HelpName = "id or name" };
    private static readonly Option<string?> Location = new("--location") { Description = "Only what lies in this location.", HelpName = "name" };
    private static readonly Option<string?>[] Filters = [Bucket, Account, Location];

    /// <summary>The command with its options.</summary>
    public static Command Command()
    {
        var command = new Command("usage", "Tells how many bytes and versions are kept, by location, account and bucket.") { Bucket, Account, Location, HelpWithExamples.Option(Examples) };
        command.Validators.Add(result =>
        {
            if (Filters.Count(option => result.GetResult(option) is { Implicit: false }) > 1) result.AddError("Give one of --bucket, --account and --location.");
        });
        return command.Asking(Run);
    }

    private static async Task<int> Run(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var filter = Filters.FirstOrDefault(option => parsed.GetValue(option) is not null);
        var asked = filter is null ? "" : $"{filter.Name[2..]}={RemoteServer.Segment(parsed.GetValue(filter)!)}";
        UsageDocument? all = null;
        do
        {
            var marker = all?.Next is { } next ? $"marker={RemoteServer.Segment(next)}" : "";
            // In order of name: of the filters, two come before it.
            var query = string.Join('&', new[] { asked, marker }.Where(each => each.Length > 0).Order(StringComparer.Ordinal));
            var page = await server.Ask("GET", "/_/management/usage", UsageDocumentJson.Default.UsageDocument, ct, query: query);
            all = all is null ? page : page with { Buckets = [.. all.Buckets, .. page.Buckets] };
        }
        while (all.Next is not null);
        if (parsed.GetValue(RemoteOptions.Json))
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(all, UsageDocumentJson.Default.UsageDocument));
            return ExitCode.Done;
        }
        string[] columns = ["BYTES", "VERSIONS", "BYTES IN UPLOADS"];
        await Tell(["LOCATION", .. columns], all.Locations.Select(each => Line(each.Location.Length == 0 ? "(not known yet)" : each.Location, each.Held)));
        await Tell(["ACCOUNT", .. columns, "BUCKETS", "NAME"], all.Accounts.Select(each => (string[])[.. Line(each.Account, each.Held), Output.Number(each.Buckets), each.Name ?? ""]));
        await Tell(["BUCKET", .. columns, "LOCATIONS"], all.Buckets.Select(each => (string[])[.. Line(each.Bucket, each.Held), string.Join(' ', each.Locations.Select(at => at.Location))]));
        await Console.Out.WriteLineAsync($"In all {Output.Number(all.Total.Bytes)} bytes in {Output.Number(all.Total.Versions)} versions, and {Output.Number(all.Total.UploadBytes)} in uploads.");
        return ExitCode.Done;
    }

    private static Task Tell(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> lines) =>
        Console.Out.WriteLineAsync(Table.Text(headings, [.. lines]));

    private static string[] Line(string name, UsageAmount held) => [name, Output.Number(held.Bytes), Output.Number(held.Versions), Output.Number(held.UploadBytes)];
}
