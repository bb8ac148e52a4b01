using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn kms-key</c>: the keys that wrap the data keys of encrypted objects, while no server runs.</summary>
internal static class KmsKey
{
    private const string Examples = """
        Examples:
          zenkofn kms-key list --data /srv/zenkofn
          zenkofn kms-key rotate orders --data /srv/zenkofn
          zenkofn kms-key rotate                               all of them, those of SSE-S3 and of accounts too
        """;

    private static readonly Option<string> Data = new("--data")
    {
        Description = "The server's data directory. The server must be stopped.",
        HelpName = "directory",
        DefaultValueFactory = _ => "./zenkofn-data",
    };

    private static readonly Argument<string[]> Ids = new("id")
    {
        Description = "The ids of keys, as serve --kms-key made them; none for all keys, those of SSE-S3 and of accounts too.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The command with its two.</summary>
    public static Command Command()
    {
        var list = new Command("list", "Lists the keys, and how often each was made anew.") { Data };
        list.SetAction((parsed, ct) => With(parsed, (ring, stop) => List(ring, stop), ct));
        var rotate = new Command("rotate", "Makes keys anew. What older ones encrypted stays readable; a copy onto itself takes it to the new one.") { Ids, Data };
        rotate.SetAction((parsed, ct) => With(parsed, (ring, stop) => Rotate(ring, parsed.GetValue(Ids) ?? [], stop), ct));
        return HelpWithExamples.WithExamples(new("kms-key", "The keys of server-side encryption, while no server runs on the data directory.") { list, rotate }, Examples);
    }

    private static async Task<int> List(KeyRing ring, CancellationToken ct)
    {
        await foreach (var (name, generation) in ring.List(ct)) await Console.Out.WriteLineAsync($"{Told(name)}\t{generation}");
        return ExitCode.Done;
    }

    private static async Task<int> Rotate(KeyRing ring, string[] ids, CancellationToken ct)
    {
        List<string> names = [.. ids.Select(KeyRing.OfId)];
        if (ids.Length == 0)
            await foreach (var (name, _) in ring.List(ct)) names.Add(name);
        foreach (var name in names)
        {
            if (await ring.Has(name, ct)) continue;
            await Console.Error.WriteLineAsync($"zenkofn: There is no key {Told(name)}. No key was changed.");
            return ExitCode.Failed;
        }
        foreach (var name in names) await Console.Out.WriteLineAsync($"{Told(name)}\t{await ring.Rotate(name, ct)}");
        return ExitCode.Done;
    }

    private static async Task<int> With(ParseResult parsed, Func<KeyRing, CancellationToken, Task<int>> run, CancellationToken ct)
    {
        var path = Path.GetFullPath(parsed.GetRequiredValue(Data));
        try
        {
            if (!Directory.Exists(path)) throw new StartupException($"There is no directory {path}. Name the server's with --data.");
            using var data = DataDirectory.Open(path);
            using var store = SqliteStore.Open(data.Root, TimeProvider.System, NullLogger<SqliteStore>.Instance);
            return await run(new(store.Table("keys"), MasterKey.OpenOrCreate(data.MasterKey), TimeProvider.System), ct);
        }
        catch (Exception e) when (e is StartupException or InvalidDataException or IOException or UnauthorizedAccessException or SqliteException)
        {
            await Console.Error.WriteLineAsync($"zenkofn: {e.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>How people know a key.</summary>
    private static string Told(string name) => name.Split('.', 2) switch
    {
        ["k", var id] => id,
        ["a", var account] => $"aws/s3 of account {account}",
        _ => "SSE-S3",
    };
}
