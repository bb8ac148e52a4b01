using System.Runtime.InteropServices;
using Spectre.Console;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Cli.Replication;

/// <summary>Watches a walk: a bar on a terminal, lines elsewhere. Told to stop, it leaves the walk running.</summary>
internal static class WalkWatch
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500), Line = TimeSpan.FromSeconds(5);

    /// <summary>The walk when it has ended; else null, and why the watching was ended first.</summary>
    /// <param name="walks">The server's.</param>
    /// <param name="walk">The walk.</param>
    /// <param name="quiet">Whether nothing is written meanwhile.</param>
    /// <param name="timeOver">Cancelled when it has taken too long.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<(WalkDocument? End, int Code)> Follow(RemoteWalks walks, WalkDocument walk, bool quiet, CancellationToken timeOver, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, timeOver);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            if (quiet || Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive) return (await Lines(walks, walk, quiet, stop.Token), ExitCode.Done);
            return (await AnsiConsole.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
                .StartAsync(progress => Bar(walks, walk, progress, stop.Token)), ExitCode.Done);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            var isLate = timeOver.IsCancellationRequested;
            await Console.Error.WriteLineAsync($"zenkofn: {(isLate ? "It took longer than --timeout says. " : "")}The walk {walk.Id} goes on. {HowTo(walk)}");
            return (null, isLate ? ExitCode.TimeOver : ExitCode.Interrupted);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Starts what is no matter of a site, and tells of it; watches it where that is asked.</summary>
    public static async Task<int> Begin(RemoteServer server, string what, WalkBody body, bool waits, bool json, CancellationToken ct)
    {
        var walks = new RemoteWalks(server);
        var walk = await walks.Begin(what, body, ct);
        if (!waits)
        {
            if (json) return await WalkStatus.Told(walk, json);
            await Console.Out.WriteLineAsync($"The walk {walk.Id} is under way. {HowTo(walk)}");
            return ExitCode.Done;
        }
        var (end, code) = await Follow(walks, walk, json, CancellationToken.None, ct);
        return end is null ? code : await WalkStatus.Told(end, json);
    }

    /// <summary>How to watch a walk, and how to end it.</summary>
    public static string HowTo(WalkDocument walk) =>
        (walk.Request.Bucket is not { } bucket ? "" : walk.Request.Purpose is WalkPurpose.Lifecycle or WalkPurpose.Ingest ? $"Watch it: zenkofn {walk.Request.Purpose.ToString().ToLowerInvariant()} {bucket} --wait. " : $"Watch it: zenkofn replicate --status {bucket} --wait. ") + $"End it: zenkofn replicate --cancel {walk.Id}.";

    /// <summary>How far a walk is, in a line.</summary>
    public static string Progress(WalkDocument walk)
    {
        var counts = walk.Counts;
        var text = walk.Request.Purpose switch
        {
            WalkPurpose.Existing => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Queued)} queued",
            WalkPurpose.Arrived => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Same)} arrived, {Output.Number(counts.Different)} given up",
            WalkPurpose.Verify => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Same)} same, {Output.Number(counts.Different)} different, {Output.Number(counts.Pending)} pending",
            WalkPurpose.Lifecycle => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Hidden)} expired, {Output.Number(counts.Removed)} removed, {Output.Number(counts.Queued)} to be moved, {Output.Number(counts.Aborted)} uploads aborted, {Output.Number(counts.Kept)} kept",
            WalkPurpose.Ingest => $"{Output.Number(counts.Keys)} keys, {Output.Number(counts.Versions)} versions, {Output.Number(counts.Different)} taken over",
            WalkPurpose.Collect => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Bodies)} bodies, {Output.Number(counts.Removed)} of no object ({Output.Number(counts.RemovedBytes)} bytes) {(walk.Request.ReportOnly ? "found" : "removed")}, {Output.Number(counts.Foreign)} of no bucket here left alone",
            WalkPurpose.Details => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Different)} taken over",
            WalkPurpose.SearchIndex => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Entered)} entries, {Output.Number(counts.Stale)} stale ones removed",
            WalkPurpose.Empty => $"{Output.Number(counts.Versions)} versions, {Output.Number(counts.Removed)} removed ({Output.Number(counts.RemovedBytes)} bytes), {Output.Number(counts.Aborted)} uploads aborted, {Output.Number(counts.Kept)} kept",
            WalkPurpose.Retry => $"{Output.Number(counts.Versions)} copies that were given up, {Output.Number(counts.Queued)} sent again",
            WalkPurpose.Expire => $"{Output.Number(counts.Keys)} rows, {Output.Number(counts.Removed)} removed, and {Output.Number(counts.RemovedBytes)} bytes of parts",
            _ => $"{Output.Number(counts.Pending)} pending, {Output.Number(counts.Resent)} sent again",
        };
        return walk.Waiting is { } waiting ? $"{text}; waits: {waiting}" : text;
    }

    private static async Task<WalkDocument> Lines(RemoteWalks walks, WalkDocument walk, bool quiet, CancellationToken ct)
    {
        var (last, at) = ("", TimeProvider.System.GetTimestamp());
        while (walk.State == WalkState.Running)
        {
            await Task.Delay(Look, ct);
            walk = await walks.Find(walk.Id, ct);
            var line = Progress(walk);
            if (quiet || line == last || (last.Length > 0 && TimeProvider.System.GetElapsedTime(at) < Line)) continue;
            (last, at) = (line, TimeProvider.System.GetTimestamp());
            await Console.Out.WriteLineAsync($"{walk.Id}: {line}");
        }
        return walk;
    }

    private static async Task<WalkDocument> Bar(RemoteWalks walks, WalkDocument walk, ProgressContext progress, CancellationToken ct)
    {
        var task = progress.AddTask(Markup.Escape(walk.Id), maxValue: Math.Max(1, walk.Total));
        task.IsIndeterminate = walk.Total == 0;
        while (walk.State == WalkState.Running)
        {
            await Task.Delay(Look, ct);
            walk = await walks.Find(walk.Id, ct);
            // More may have come in since they were counted.
            task.MaxValue = Math.Max(task.MaxValue, walk.Counts.Versions);
            task.Value = walk.Counts.Versions;
            task.Description = Markup.Escape($"{walk.Id}: {Progress(walk)}");
        }
        task.Value = task.MaxValue;
        return walk;
    }
}
