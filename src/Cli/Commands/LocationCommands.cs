using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn location</c>: the places that a running server keeps objects in.</summary>
internal static class LocationCommands
{
    private const string Locations = "/_/management/locations";

    private const string Examples = """
        Examples:
          zenkofn location add ring --type s3 --url https://s3.other.example.com --bucket objects --access-key AKIA0123 --secret-key-file key
          zenkofn location add cold --type azure --access-key myaccount --bucket archive    asks for the account's key
          zenkofn location add attic --type file --path /srv/attic
          zenkofn location check ring
          zenkofn location list
          zenkofn location show ring
          zenkofn location set ring --bandwidth 10000000 --concurrency 16
          zenkofn location remove ring
        """;

    private static readonly Argument<string> Name = new("name") { Description = "The location's name: lower case letters, digits and dashes." };

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("location", "The places that a running server keeps objects in: directories and buckets of any cloud.")
    {
        new Command(
            "add",
            "Adds a location. Its secret key is read from --secret-key-file, from ZENKOFN_LOCATION_SECRET_KEY, or asked for, and never shown again. Types: "
            + string.Join(", ", LocationTypes.All.Select(type => $"{type.ShortName} ({type.Title})")) + ".").With(LocationOptions.ForAdd).Asking(Add),
        new Command("list", "Lists all locations.").Asking(List),
        new Command("show", "Shows a location, without its secret key.") { Name }.Asking(Show),
        new Command("set", "Changes a location. What is not named stays; 0 takes a limit away, and an empty text an option.").With(LocationOptions.ForSet).Asking(Change),
        new Command("check", "Tries a location out: reaches it, writes, reads, lists and deletes an object. Exit code 1 where something is wrong.") { Name }.Asking(Check),
        new Command("remove", "Removes a location that no bucket, rule or object needs.") { Name }.Asking(Remove),
    }, Examples);

    private static async Task<int> Add(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var config = LocationOptions.Apply(parsed, new() { Name = parsed.GetRequiredValue(Name), LocationType = parsed.GetRequiredValue(LocationOptions.Type) });
        var needsSecret = LocationTypes.Find(config.LocationType)?.Required.Contains("secretKey") == true;
        var secret = needsSecret ? await SecretKey.Read(parsed, isNeeded: true, ct) : null;
        return await Told(parsed, await server.Ask("POST", Locations, LocationJson.Default.LocationConfig, ct, Document(config, secret)), $"Added. Try it out: zenkofn location check {config.Name}");
    }

    private static async Task<int> Change(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var path = PathOf(parsed);
        var config = LocationOptions.Apply(parsed, await server.Ask("GET", path, LocationJson.Default.LocationConfig, ct));
        var secret = await SecretKey.Read(parsed, isNeeded: false, ct);
        return await Told(parsed, await server.Ask("PUT", path, LocationJson.Default.LocationConfig, ct, Document(config, secret)), $"Changed. Try it out: zenkofn location check {config.Name}");
    }

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var all = (await server.Ask("GET", Locations, CliJson.Default.AllLocations, ct)).Locations;
        return await Output.Write(parsed, new(all), CliJson.Default.AllLocations, () => Text(all));
    }

    private static async Task<int> Show(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        await Told(parsed, await server.Ask("GET", PathOf(parsed), LocationJson.Default.LocationConfig, ct), null);

    private static async Task<int> Check(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var report = await server.Ask("POST", PathOf(parsed) + "/check", CliJson.Default.LocationCheckReport, ct);
        await Output.Write(parsed, report, CliJson.Default.LocationCheckReport, () => Table.Text(
            ["STEP", "", "MS", "FOUND"], [.. report.Steps.Select(step => (string[])[step.Step, step.Ok ? "ok" : "FAILED", step.Milliseconds.ToString(CultureInfo.InvariantCulture), step.Detail])]));
        return report.Ok ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<int> Remove(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await server.Send("DELETE", PathOf(parsed), null, "", ct);
        return await Output.Done(parsed, "Removed.");
    }

    private static string PathOf(ParseResult parsed) => $"{Locations}/{RemoteServer.Segment(parsed.GetRequiredValue(Name))}";

    private static byte[] Document(LocationConfig config, string? secret)
    {
        var document = JsonSerializer.SerializeToNode(config, LocationJson.Default.LocationConfig)!;
        if (secret is not null) document["details"]!["secretKey"] = JsonValue.Create(secret);
        return System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private static Task<int> Told(ParseResult parsed, LocationConfig config, string? next) =>
        Output.Write(parsed, config, CliJson.Default.LocationConfig, () => Text([config]) + (next is null ? "" : next + Environment.NewLine));

    private static string Text(IReadOnlyList<LocationConfig> all) => Table.Text(["NAME", "TYPE", "WHERE", "KEEPS", "OPTIONS"], [.. all.Select(Line)]);

    private static string[] Line(LocationConfig config) =>
        [config.Name, LocationTypes.Find(config.LocationType)?.ShortName ?? config.LocationType, Where(config), Kept(config), string.Join(", ", Options(config))];

    private static string Where(LocationConfig config) =>
        config.IsBuiltin ? "built in"
        : config.Details.Path ?? $"{LocationTypes.EndpointOf(config)?.GetLeftPart(UriPartial.Authority)}/{config.Details.BucketName}";

    private static string Kept(LocationConfig config) =>
        (config.BytesStored is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.###} GB") : "-")
        + (config.SizeLimitGb is { } limit ? string.Create(CultureInfo.InvariantCulture, $" of {limit} GB") : "");

    private static IEnumerable<string> Options(LocationConfig config)
    {
        if (config.Details.Region is { } region) yield return region;
        if (config.Details.BucketMatch == true) yield return "bucket match";
        if (config.Details.ServerSideEncryption == true) yield return "encrypted";
        if (config.IsTransient) yield return "transient";
        if (config.LegacyAwsBehavior) yield return "legacy AWS behavior";
        if (config.BandwidthLimit is { } bandwidth) yield return string.Create(CultureInfo.InvariantCulture, $"{bandwidth} bytes/s");
        if (config.Concurrency is { } concurrency) yield return string.Create(CultureInfo.InvariantCulture, $"{concurrency} at a time");
    }

    private static Command With(this Command command, IReadOnlyList<Option> options)
    {
        command.Add(Name);
        foreach (var option in options) command.Add(option);
        return command;
    }
}

/// <summary>An answer with all locations.</summary>
internal sealed record AllLocations(IReadOnlyList<LocationConfig> Locations);
