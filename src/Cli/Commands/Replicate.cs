using System.CommandLine;
using System.CommandLine.Invocation;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Cli.Replication;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn replicate</c>: what is to be copied by a running server, and whether it is.</summary>
internal static class Replicate
{
    private const string Examples = """
        Examples:
          zenkofn replicate --existing photos                       queue what was there before the rules, for every site that they name
          zenkofn replicate --existing photos --site paris --wait   the same for one site, and watch until all has arrived there
          zenkofn replicate --existing photos --wait --timeout 3600  the same, for an hour at most
          zenkofn replicate --verify photos --site paris            compare with the copies; what differs is sent again
          zenkofn replicate --verify photos --site paris --deep --report-only --report proof.json
          zenkofn replicate --verify photos --site paris --every 24  compare every day from now on; --every 0 ends that
          zenkofn replicate --status photos                         walks, timers and reports of a bucket; with --wait, watch what runs
          zenkofn replicate --retry --site paris --bucket photos    send copies again that were given up; without --site and --bucket all of them
          zenkofn replicate --cancel verify.paris.photos            end a walk where it stands
          zenkofn replicate --recount                               count anew what is pending, and send lost messages again
          zenkofn replicate --check-report proof.json --key keys.json
                                                                    whether a report is what the server signed, without a server;
                                                                    keys.json is what GET /_/management/replication/keys answers

        Ctrl-C and --timeout end the watching, never the work.

        Exit codes: 0 done, 1 failed (or a report that is not what was signed), 2 usage, 4 differences were found or copies were
        given up, 5 it took longer than --timeout, 130 Ctrl-C.
        """;

    private const int MostSeconds = 31 * 24 * 3600;

    private static readonly Option<string?> Existing = Text("--existing", "bucket", "Queues the versions that the bucket's rules name and that were there before them.");
    private static readonly Option<string?> Verify = Text("--verify", "bucket", "Compares the bucket with its copies at a site, and has a report of it signed.");
    private static readonly Option<bool> Recount = new("--recount") { Description = "Counts anew what is pending, and sends messages again that were lost." };
    private static readonly Option<bool> Retry = new("--retry") { Description = "Sends copies again that were given up, all of them or those of a site or a bucket." };
    private static readonly Option<string?> Status = Text("--status", "bucket", "Tells of the bucket's walks, timers and reports.");
    private static readonly Option<string?> Cancel = Text("--cancel", "walk", "Ends a walk where it stands; --status tells its name.");
    private static readonly Option<FileInfo?> CheckReport = new("--check-report") { Description = "Looks whether a report is what was signed.", HelpName = "file" };

    private static readonly Option<string?> Site = Text("--site", "name", "The location that copies go to; for --existing every one that the rules name, for --retry every one, where none is given.");
    private static readonly Option<string?> Bucket = Text("--bucket", "name", "The bucket whose copies are sent again.");
    private static readonly Option<bool> Wait = new("--wait") { Description = "Watches until it has ended; of --existing, until the sites have everything, but for what was given up." };
    private static readonly Option<int?> Timeout = new("--timeout") { Description = "How long it is watched at most.", HelpName = "seconds" };
    private static readonly Option<bool> Deep = new("--deep") { Description = "Reads the copies and compares their bytes, too." };
    private static readonly Option<bool> ReportOnly = new("--report-only") { Description = "Leaves what differs as it is." };
    private static readonly Option<FileInfo?> Report = new("--report") { Description = "Where the signed report is written to.", HelpName = "file" };
    private static readonly Option<int?> Every = new("--every") { Description = "Compares every so many hours from now on, instead of now; 0 ends that.", HelpName = "hours" };
    private static readonly Option<FileInfo?> Key = new("--key") { Description = "A file with the public keys (a JSON Web Key, or a set); the server is asked where none is given.", HelpName = "file" };

    private static readonly Option[] Purposes = [Existing, Verify, Recount, Retry, Status, Cancel, CheckReport];

    // What each option goes with.
    private static readonly (Option Option, Option[] With)[] Belongings =
    [
        (Site, [Existing, Verify, Retry]), (Bucket, [Retry]), (Wait, [Existing, Status, Recount, Retry]), (Timeout, [Existing, Verify, Status, Recount, Retry]),
        (Deep, [Verify]), (ReportOnly, [Verify]), (Report, [Verify]), (Every, [Verify]), (Key, [CheckReport]),
    ];

    /// <summary>The command with its options.</summary>
    public static Command Command()
    {
        var command = new Command("replicate", "What is to be copied to other locations by a running server, and whether it is.");
        foreach (var option in Purposes.Concat(Belongings.Select(each => each.Option))) command.Add(option);
        command.Add(HelpWithExamples.Option(Examples));
        command.Validators.Add(result =>
        {
            var purposes = Purposes.Where(option => result.GetResult(option) is { Implicit: false }).ToList();
            if (purposes.Count != 1)
            {
                result.AddError($"Say one of {string.Join(", ", Purposes.Select(option => option.Name))}; --help has examples.");
                return;
            }
            foreach (var (option, with) in Belongings)
                if (result.GetResult(option) is { Implicit: false } && !with.Contains(purposes[0]))
                    result.AddError($"{option.Name} goes with {string.Join(" or ", with.Select(each => each.Name))} only.");
            if (purposes[0] == Verify && result.GetResult(Site) is null) result.AddError("--verify needs --site: the location that has the copies.");
            if (result.GetResult(Timeout) is { } timeout && !timeout.Errors.Any() && result.GetValue(Timeout) is < 1 or > MostSeconds)
                result.AddError($"--timeout: it must be 1 to {MostSeconds} seconds.");
            if (result.GetResult(Timeout) is not null && purposes[0] != Verify && result.GetResult(Wait) is null) result.AddError("--timeout goes with --wait, or with --verify.");
            if (result.GetResult(Every) is { } every && !every.Errors.Any() && result.GetValue(Every) is < 0 or > 24 * 366)
                result.AddError($"--every: it must be 0 to {WalkTimer.MostHours} hours.");
        });
        command.Asking(Run);
        // A report and its keys are all that it takes.
        var asking = (AsynchronousCommandLineAction)command.Action!;
        command.SetAction((parsed, ct) =>
            parsed.GetValue(CheckReport) is { } report && parsed.GetValue(Key) is { } key ? ReportCheck.Offline(report, key, ct) : asking.InvokeAsync(parsed, ct));
        return command;
    }

    private static async Task<int> Run(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var walks = new RemoteWalks(server);
        var json = parsed.GetValue(RemoteOptions.Json);
        using var timer = new CancellationTokenSource();
        if (parsed.GetValue(Timeout) is { } seconds) timer.CancelAfter(TimeSpan.FromSeconds(seconds));
        var timeOver = timer.Token;
        if (parsed.GetValue(CheckReport) is { } report) return await ReportCheck.Against(server, report, ct);
        if (parsed.GetValue(Status) is { } bucket) return await WalkStatus.Show(walks, bucket, parsed.GetValue(Wait), json, timeOver, ct);
        if (parsed.GetValue(Cancel) is { } id)
        {
            var cancelled = await walks.Cancel(id, ct);
            return await WalkStatus.Told(cancelled, json);
        }
        if (parsed.GetValue(Existing) is { } existing)
        {
            var body = new Api.Management.WalkBody { Bucket = existing, Site = parsed.GetValue(Site) };
            var started = await walks.Start("existing", body, ct);
            if (!parsed.GetValue(Wait)) return await Follow(walks, started, false, json, timeOver, ct);
            var (queued, ended) = await WalkWatch.Follow(walks, started, json, timeOver, ct);
            if (queued is null) return ended;
            if (queued.State != WalkState.Done) return await WalkStatus.Told(queued, json);
            if (!json) await WalkStatus.Told(queued, json);
            return await Follow(walks, await walks.Start("arrived", body, ct), true, json, timeOver, ct);
        }
        if (parsed.GetValue(Retry))
        {
            var body = new Api.Management.WalkBody { Bucket = parsed.GetValue(Bucket), Site = parsed.GetValue(Site) };
            return await Follow(walks, await walks.Start("retry", body, ct), parsed.GetValue(Wait), json, timeOver, ct);
        }
        if (parsed.GetValue(Recount)) return await Follow(walks, await walks.Start("recount", new(), ct), parsed.GetValue(Wait), json, timeOver, ct);

        var site = parsed.GetValue(Site)!;
        var verify = new Api.Management.WalkBody { Bucket = parsed.GetValue(Verify), Site = site, Deep = parsed.GetValue(Deep), ReportOnly = parsed.GetValue(ReportOnly) };
        if (parsed.GetValue(Every) is { } hours) return await WalkStatus.Schedule(walks, verify, hours, ct);
        var walk = await walks.Start("verify", verify, ct);
        var (end, code) = await WalkWatch.Follow(walks, walk, json, timeOver, ct);
        if (end is null) return code;
        if (end is { Report: { } made } && parsed.GetValue(Report) is { } file)
        {
            await File.WriteAllBytesAsync(file.FullName, await walks.Report(verify.Bucket!, site, made, ct), ct);
            if (!json) await Console.Out.WriteLineAsync($"The signed report is in {file.FullName}.");
        }
        return await WalkStatus.Told(end, json);
    }

    private static async Task<int> Follow(RemoteWalks walks, Api.Management.WalkDocument walk, bool wait, bool json, CancellationToken timeOver, CancellationToken ct)
    {
        if (!wait)
        {
            if (!json) await Console.Out.WriteLineAsync($"The walk {walk.Id} is under way. {WalkWatch.HowTo(walk)}");
            return json ? await WalkStatus.Told(walk, json) : ExitCode.Done;
        }
        var (end, code) = await WalkWatch.Follow(walks, walk, json, timeOver, ct);
        return end is null ? code : await WalkStatus.Told(end, json);
    }

    private static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };
}
