using System.CommandLine;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Cli.Replication;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn ingest</c>: compares what is mirrored with its source now, instead of when its time comes.</summary>
internal static class Ingest
{
    private const string Examples = """
        Examples:
          zenkofn ingest photos --wait    bring a mirrored bucket up to date now, and watch until that is done
          zenkofn ingest photos --tags    see what was changed of versions that are here already
          zenkofn ingest                  the same for every bucket that mirrors something

        A bucket mirrors what a location has when it is made with the location's name and :ingest:
          aws s3api create-bucket --bucket photos --create-bucket-configuration LocationConstraint=ring:ingest
        A server does this by itself every few minutes (serve --ingest-every).
        """;

    private static readonly Argument<string?> Bucket = new("bucket") { Description = "The bucket; all, where none is given.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> Tags = new("--tags") { Description = "Asks for metadata and tags of all versions of the bucket again, which listings do not tell: one request a version, or two." };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Watches until it has ended." };

    /// <summary>The command with its options.</summary>
    public static Command Command() =>
        new Command("ingest", "Compares mirrored buckets with their sources now, and takes over what was changed there.") { Bucket, Tags, Wait, HelpWithExamples.Option(Examples) }.Asking(Run);

    private static Task<int> Run(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        WalkWatch.Begin(server, "ingest", new() { Bucket = parsed.GetValue(Bucket), Tags = parsed.GetValue(Tags) }, parsed.GetValue(Wait), parsed.GetValue(RemoteOptions.Json), ct);
}
