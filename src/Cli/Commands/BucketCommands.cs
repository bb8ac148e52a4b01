using System.CommandLine;
using ZenkoFunctions.Cli.Buckets;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn bucket</c>: the caller's buckets, and for administrators a list of all.</summary>
internal static class BucketCommands
{
    private const string Examples = """
        Examples:
          zenkofn bucket list
          zenkofn bucket list --all                                of all accounts: for administrators
          zenkofn bucket create photos --location ring --versioning
          zenkofn bucket create records --lock                     versions can be locked against removal
          zenkofn bucket show photos
          zenkofn bucket empty photos                              asks for the name again
          zenkofn bucket empty photos --yes
          zenkofn bucket delete photos
        """;

    private static readonly Argument<string> Name = new("name") { Description = "The bucket's name." };
    private static readonly Option<bool> All = new("--all") { Description = "Lists those of all accounts, with their owners and bytes: for administrators." };
    private static readonly Option<string?> Location = new("--location") { Description = "Where it keeps its objects; otherwise the server's default location.", HelpName = "name" };
    private static readonly Option<bool> Versioning = new("--versioning") { Description = "Keeps old versions of objects." };
    private static readonly Option<bool> Lock = new("--lock") { Description = "Lets versions be locked against removal (object lock), which keeps old versions, too." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Does not ask for the name again." };

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("bucket", "Buckets of your account.")
    {
        new Command("list", "Lists buckets.") { All }.Asking(List),
        new Command("create", "Makes a bucket.") { Name, Location, Versioning, Lock }.Asking(Create),
        new Command("show", "Shows a bucket: location, versioning, what it holds, quota, replication, lifecycle, index.") { Name }.Asking(Show),
        new Command("delete", "Deletes a bucket that is empty.") { Name }.Asking(Delete),
        new Command("empty", "Removes all that is in a bucket: every version of every object, and unfinished uploads. Nothing brings it back. Exit code 4 where something could not be removed.") { Name, Yes }.Asking(Empty),
    }, Examples);

    private static async Task<int> List(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var isAll = parsed.GetValue(All);
        List<BucketLine> buckets = isAll
            ? [.. (await new RemoteOstor(server).Buckets(ct)).Select(each => new BucketLine(each.Name, each.Created) { Account = RemoteOstor.AccountOf(each.OwnerId), Bytes = each.Size.Current })]
            : await new RemoteBuckets(server).List(ct).Select(each => new BucketLine(each.Name, each.Created)).ToListAsync(ct);
        return await Output.Write(parsed, new(buckets), CliJson.Default.BucketList, () => isAll
            ? Table.Text(["BUCKET", "ACCOUNT", "CREATED", "BYTES"], [.. buckets.Select(each => (string[])[each.Name, each.Account!, RemoteBuckets.Time(each.Created), Output.Number(each.Bytes!.Value)])])
            : Table.Text(["BUCKET", "CREATED"], [.. buckets.Select(each => (string[])[each.Name, RemoteBuckets.Time(each.Created)])]));
    }

    private static async Task<int> Create(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (buckets, name, isLocked) = (new RemoteBuckets(server), parsed.GetRequiredValue(Name), parsed.GetValue(Lock));
        await buckets.Create(name, parsed.GetValue(Location), isLocked, ct);
        // A lock brings them with it.
        if (parsed.GetValue(Versioning) && !isLocked) await buckets.EnableVersioning(name, ct);
        return await Show(server, parsed, ct);
    }

    private static async Task<int> Show(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var view = await BucketView.Of(server, parsed.GetRequiredValue(Name), ct);
        return await Output.Write(parsed, view, CliJson.Default.BucketView, view.Text);
    }

    private static async Task<int> Delete(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await new RemoteBuckets(server).Delete(parsed.GetRequiredValue(Name), ct);
        return await Output.Done(parsed, "Deleted.");
    }

    private static async Task<int> Empty(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var view = await BucketView.Of(server, parsed.GetRequiredValue(Name), ct);
        if (!parsed.GetValue(Yes))
        {
            await Console.Error.WriteAsync($"This removes all of {view.Name}{(view.Held is { } held ? $": {Output.Number(held.Bytes)} bytes in {Output.Number(held.Versions)} versions" : "")}. Nothing brings it back. Type its name: ");
            if ((await Console.In.ReadLineAsync(ct))?.Trim() != view.Name) throw new StartupException("That is not its name. Nothing was removed. (--yes removes it without being asked.)");
        }
        var isJson = parsed.GetValue(RemoteOptions.Json);
        var done = await Watched.Run(view.Name, view.Held?.Versions ?? 0, isJson, step => Emptying.Run(server, view.Name, step, ct));
        await Output.Write(parsed, done, CliJson.Default.EmptiedBucket, () =>
            $"{Output.Number(done.Removed)} versions removed, {Output.Number(done.Uploads)} uploads ended.{Environment.NewLine}");
        if (done.Kept == 0) return ExitCode.Done;
        await Console.Error.WriteLineAsync($"zenkofn: {Output.Number(done.Kept)} versions could not be removed:{string.Concat(done.Why.Select(why => $"{Environment.NewLine}  {why}"))}");
        return ExitCode.Differs;
    }
}

/// <summary>A bucket in the list.</summary>
internal sealed record BucketLine(string Name, string Created)
{
    /// <summary>The account's 12 digits, in a list of all.</summary>
    public string? Account { get; init; }

    /// <summary>What it holds, in a list of all.</summary>
    public long? Bytes { get; init; }
}

/// <summary>The buckets.</summary>
internal sealed record BucketList(IReadOnlyList<BucketLine> Buckets);
