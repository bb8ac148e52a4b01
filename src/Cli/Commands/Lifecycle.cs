using System.CommandLine;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Cli.Replication;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn lifecycle</c>: applies the rules of buckets now, instead of when the day changes.</summary>
internal static class Lifecycle
{
    private const string Examples = """
        Examples:
          zenkofn lifecycle photos --wait    apply the rules of a bucket now, and watch until that is done
          zenkofn lifecycle                  the same for every bucket that has rules and had them not applied today

        The rules are those of PutBucketLifecycleConfiguration (aws s3api put-bucket-lifecycle-configuration …). A server applies
        them by itself when they are made, and after each midnight of UTC.
        """;

    private static readonly Argument<string?> Bucket = new("bucket") { Description = "The bucket; all, where none is given.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Watches until it has ended." };

    /// <summary>The command with its options.</summary>
    public static Command Command() =>
        new Command("lifecycle", "Applies lifecycle rules now: what is due expires, is removed, or aborted.") { Bucket, Wait, HelpWithExamples.Option(Examples) }.Asking(Run);

    private static Task<int> Run(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        WalkWatch.Begin(server, "lifecycle", new() { Bucket = parsed.GetValue(Bucket) }, parsed.GetValue(Wait), parsed.GetValue(RemoteOptions.Json), ct);
}
