using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>What the job of copies needs, besides the rows.</summary>
/// <param name="Locations">The sites.</param>
/// <param name="Buckets">The buckets.</param>
/// <param name="States">Which sites are paused.</param>
/// <param name="Parked">Where their messages wait.</param>
/// <param name="Failed">Where copies stand that were given up.</param>
/// <param name="Counters">What is told of copies.</param>
/// <param name="Consistency">What is owed to other processes.</param>
/// <param name="Objects">Settings of the objects' room.</param>
/// <param name="Requests">What copies make way for.</param>
public sealed record ReplicationParts(
    LocationCatalog Locations, Buckets Buckets, SiteStates States, Parked Parked, FailedList Failed, ReplicationCounters Counters, Consistency Consistency,
    ObjectOptions Objects, RequestsUnderWay Requests);

/// <summary>
/// Copies versions to sites: those of a key one after the other in the order in which they were made, each once, whatever is cut off
/// or comes twice. A version is COMPLETED when its site was asked again and has it.
/// </summary>
/// <remarks>
/// A site without versions gets the newest only; older ones count as done when that is there. Work on a key is done by one at a
/// time: of this process by <see cref="KeysAtSites"/>, of several by a lease beside the key's rows, whose loss ends with nothing
/// written down.
/// </remarks>
public sealed class ReplicateObject : IJob
{
    /// <summary>How long a message is put off whose key is being copied by another one, which will do its work, too.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);

    /// <summary>After a commit of which nothing is known.</summary>
    private static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(5);

    /// <summary>Less than a job may take, more than a step does.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Longer than a job may take: who has it is gone.</summary>
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(6);

    /// <summary>An intent that is so much younger than its version was not made with it.</summary>
    private static readonly TimeSpan WithVersion = TimeSpan.FromMinutes(1);

    private readonly ReplicationParts parts;
    private readonly ReplicationOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly FollowUps followUps;
    private readonly CopyRows rows;
    private readonly CopyToSite copies;
    private readonly LeaveTransient leave;
    private readonly KeysAtSites keys = new();
    private readonly ConcurrentDictionary<string, SiteGate> gates = new(StringComparer.Ordinal);

    // The intents whose copies were begun, and did not come to an end that was written down.
    private readonly ConcurrentDictionary<string, bool> begun = new(StringComparer.Ordinal);
    private readonly DateTimeOffset started;

    /// <summary>The job.</summary>
    /// <param name="table">The table of objects.</param>
    /// <param name="work">The table <c>replication</c>.</param>
    /// <param name="queue">Takes messages.</param>
    /// <param name="reader">Opens the bytes of versions.</param>
    /// <param name="parts">What else it needs.</param>
    /// <param name="options">How copies are made.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Where failures are told.</param>
    internal ReplicateObject(
        ITable table, ITable work, IQueue queue, VersionReader reader, ReplicationParts parts, ReplicationOptions options, TimeProvider clock, ILogger log)
    {
        (this.parts, this.options, this.clock, this.log) = (parts, options, clock, log);
        followUps = new(table, queue, clock);
        leave = new(reader, followUps, parts, clock);
        rows = new(table, clock);
        copies = new(reader, new CopyProgress(work), options, clock);
        started = clock.GetUtcNow();
    }

    /// <inheritdoc/>
    public string Queue => FollowUps.ReplicationQueue;

    /// <inheritdoc/>
    public async ValueTask<JobOutcome> Run(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var sent = StoredJson.Read(message, StateJson.Default.ReplicationMessage);
        if (await parts.States.IsPaused(SiteServices.Crr, sent.Site, ct) && await parts.Parked.Park(sent, ct)) return JobOutcome.Done;
        using var turn = keys.Take(sent.Site, sent.FollowUp.Space, sent.FollowUp.Key);
        if (turn is null) return JobOutcome.After(Busy);

        var location = await parts.Locations.Config(sent.Site, ct);
        var gate = gates.GetOrAdd(sent.Site, _ => new(options, parts.Requests, clock));
        gate.Set(location);
        var entry = await gate.Enter(sent.FollowUp.Sent, ct);
        if (entry is { Wait: { } time, IsClosed: false }) return JobOutcome.After(time);
        var run = new CopyRun(sent, await parts.Locations.Find(sent.Site, ct), options.Retry ?? RetryPolicies.Of(location), gate.Bandwidth, clock.GetUtcNow() + options.Step, ct);
        try
        {
            using var limit = new CancellationTokenSource(Limit, clock);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
            return entry.Wait is { } pause ? await LeaveAlone(run, pause, ended.Token) : await Work(run, ended.Token);
        }
        catch (Exception e) when (e is UnknownOutcomeException or LeaseLostException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return Again(run.Sent, Unsettled);
        }
        finally
        {
            if (entry.Wait is null) gate.Leave(entry, run.Answered);
        }
    }

    /// <summary>Does the work of the message, what has to be done before, and what can be done behind it.</summary>
    private async ValueTask<JobOutcome> Work(CopyRun run, CancellationToken ct)
    {
        var followUp = run.Sent.FollowUp;
        var address = KeyCodec.Address(followUp.Space, followUp.Key);
        var isOurs = true; // until our own intent is closed
        while (true)
        {
            Row? lease = null;
            if (parts.Consistency.IsShared && (lease = await rows.Lease(address, run.Sent.Site, LeaseTime, ct)) is null)
                return isOurs ? Again(run.Sent, Busy) : JobOutcome.Done;
            try
            {
                var owed = await rows.Owed(address, run.Sent.Site, ct);
                if (isOurs && owed.TrueForAll(each => each.Name != followUp.Intent))
                {
                    var (row, again, next) = await followUps.Look(followUp, ct);
                    if (row is null && again is { } delay) return Again(run.Sent with { FollowUp = next }, delay);
                    if (row is not null && FollowUps.ReplicaIn(row) is { } own) owed.Add(new(followUp.Intent, own));
                    else if (row is not null) await followUps.Close(followUp, ct); // another message has done its work
                    if (owed.TrueForAll(each => each.Name != followUp.Intent)) return JobOutcome.Done;
                }
                if (owed.Count == 0) return JobOutcome.Done;

                var first = run.Place is { ReplicaTraits.KeepsVersions: false } ? owed[^1] : owed[0];
                var outcome = await Attempt(run, new(address, run.Sent.Site, followUp.Intent, lease), first, owed, isOurs, ct);
                if (outcome.IsSettled) lease = null;
                if (outcome.Ends is { } end) return isOurs ? end : JobOutcome.Done;
                isOurs &= !outcome.ClosedOwn;
                if (clock.GetUtcNow() >= run.Until) return isOurs ? Again(run.Sent, TimeSpan.Zero) : JobOutcome.Done;
            }
            finally
            {
                if (lease is not null) await rows.Release(lease, CancellationToken.None);
            }
        }
    }

    /// <summary>One copy, and what becomes of it.</summary>
    private async ValueTask<Step> Attempt(CopyRun run, CopyTurn at, OwedCopy of, List<OwedCopy> owed, bool isOurs, CancellationToken ct)
    {
        var found = await rows.Find(at.Address, of.Intent.Sequence, of.Intent.VersionId, ct);
        var bucket = await parts.Buckets.Find(run.Sent.Bucket, ct);
        if (bucket is null || Rows.ObjectSpace(bucket) != run.Sent.FollowUp.Space) found = null;
        var state = found?.Version.Replication?.Of(at.Site);
        // Gone, or asked for no more; or done by a copy that was made for another reason.
        if (state is not { Status: ReplicationStatus.Pending })
        {
            await Abandon(run, of, ct);
            return await Settle(at, of, found, null, of.Intent.Generation, owed, null, ct);
        }
        var version = found!.Version;
        var generation = version.Replication!.Generation;
        try
        {
            if (run.Place is null)
            {
                throw new ReplicaRefusedException(at.Site, "NoSuchLocation", run.Location is null
                    ? $"There is no location {at.Site} any more. Add it again, or take it out of the rules."
                    : $"The location {at.Site} cannot take copies.");
            }
            var isNewest = VersionRows.CurrentRow(at.Address, version) == found.Row.Key.Row || !await rows.HasNewer(at.Address, at.Site, version.Sequence, ct);
            AtSite there = new(null, null, generation);
            var isFresh = of.Intent.At - version.Modified < WithVersion && of.Intent.Generation == 1;
            if (isNewest || run.Place.ReplicaTraits.KeepsVersions)
            {
                // What no process can have begun before is not there: one question less.
                var mayBeThere = !isFresh || parts.Consistency.IsShared || of.Intent.At <= started || !begun.TryAdd(of.Name, true);
                var copy = new SiteCopy(bucket!, run.Sent.FollowUp.Key, version, at.Site, run.Place, isNewest, mayBeThere, run.Bandwidth);
                if (await copies.Run(copy, run.Until, ct) is not { } copied) return Step.End(Again(run.Sent, TimeSpan.Zero));
                run.Answered = true;
                there = copied;
            }
            else
            {
                await Abandon(run, of, ct);
            }
            var next = state with { Status = ReplicationStatus.Completed, VersionId = there.VersionId, ETag = there.ETag, Generation = there.Generation, Afresh = false };
            var step = await Settle(at, of, found, next, there.Generation, owed, leave.Of(at.Address, bucket!, run.Sent.FollowUp.Key, ct), ct);
            begun.TryRemove(of.Name, out _);
            if (!isFresh) await parts.Failed.Remove(bucket!.Id, run.Sent.FollowUp.Key, version.PublicId, at.Site, ct);
            return step;
        }
        catch (ReplicaRefusedException refused)
        {
            run.Answered = true;
            return await GiveUp(run, at, of, found, bucket!, owed, $"{refused.Code}: {refused.Message}", ct);
        }
        catch (Exception e) when (e is LocationUnavailableException or SourceDamagedException || IsOfVersion(e) || (e is OperationCanceledException && !run.Stopping.IsCancellationRequested))
        {
            if (e is LocationUnavailableException) run.Answered = false;
            begun[of.Name] = true;
            if (!isOurs) return Step.End(JobOutcome.Done); // its own message will see to it
            var since = run.Sent.FailingSince ?? clock.GetUtcNow();
            run.Sent = run.Sent with { Failures = run.Sent.Failures + 1, FailingSince = since };
            if (!run.Policy.IsExhausted(run.Sent.Failures, clock.GetUtcNow() - since))
            {
                var pause = run.Policy.Pause(run.Sent.Failures);
                await rows.Note(at.Address, at.Own, run.Sent.Failures, since, run.Stopping);
                Log.CopyFailed(log, bucket!.Name, run.Sent.FollowUp.Key, version.PublicId, at.Site, run.Sent.Failures, clock.GetUtcNow() + pause, e.Message);
                return Step.End(Again(run.Sent, pause));
            }
            // The limit of the job may be what it failed by.
            var step = await GiveUp(run, at, of, found, bucket!, owed, e.Message, run.Stopping);
            run.Sent = run.Sent with { Failures = 0, FailingSince = null };
            return step;
        }
    }

    /// <summary>
    /// What an engine makes of something that it did not foresee in one version: that is tried again, and given up, like any other
    /// trouble, instead of being pending for ever.
    /// </summary>
    private static bool IsOfVersion(Exception e) =>
        e is BodyLengthException or InvalidDataException or ArgumentException or FormatException or NotSupportedException or InvalidOperationException;

    /// <summary>The site does not answer others: the message comes back later, or is given up where that has lasted too long.</summary>
    private async ValueTask<JobOutcome> LeaveAlone(CopyRun run, TimeSpan pause, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var since = run.Sent.FailingSince ?? now;
        if (!run.Policy.IsExhausted(run.Sent.Failures, now - since)) return Again(run.Sent with { FailingSince = since }, pause);
        var followUp = run.Sent.FollowUp;
        var address = KeyCodec.Address(followUp.Space, followUp.Key);
        var lease = parts.Consistency.IsShared ? await rows.Lease(address, run.Sent.Site, LeaseTime, ct) : null;
        if (parts.Consistency.IsShared && lease is null) return Again(run.Sent, Busy);
        var at = new CopyTurn(address, run.Sent.Site, followUp.Intent, lease);
        var owed = await rows.Owed(address, at.Site, ct);
        if (owed.Find(each => each.Name == followUp.Intent) is not { } own
            || await rows.Find(address, own.Intent.Sequence, own.Intent.VersionId, ct) is not { } found
            || found.Version.Replication?.Of(at.Site) is not { Status: ReplicationStatus.Pending }
            || await parts.Buckets.Find(run.Sent.Bucket, ct) is not { } bucket)
        {
            if (lease is not null) await rows.Release(lease, CancellationToken.None);
            return Again(run.Sent with { Failures = 0, FailingSince = null }, pause);
        }
        await GiveUp(run, at, own, found, bucket, owed, $"The site {at.Site} has not answered since {since:u}.", ct);
        return JobOutcome.Done;
    }

    /// <summary>What was begun of a large copy that is wanted no more.</summary>
    private ValueTask Abandon(CopyRun run, OwedCopy of, CancellationToken ct) => copies.Abandon(
        run.Place, run.Sent.Site, SiteCopy.KeyAt(run.Place, run.Sent.Bucket, run.Sent.FollowUp.Key), of.Intent.VersionId, of.Intent.Size, ct);

    /// <summary>Into the list of failures first: what its row says FAILED always stands there.</summary>
    private async ValueTask<Step> GiveUp(
        CopyRun run, CopyTurn at, OwedCopy of, VersionRows.Found found, Bucket bucket, List<OwedCopy> owed, string reason, CancellationToken ct)
    {
        var (version, key) = (found.Version, run.Sent.FollowUp.Key);
        var failed = new FailedReplication
        {
            Site = at.Site, Bucket = bucket.Name, BucketId = bucket.Id, Key = key, VersionId = version.PublicId, Size = version.Size,
            Modified = version.Modified, Reason = reason,
        };
        await parts.Failed.Add(failed, ct);
        var generation = version.Replication!.Generation;
        var state = version.Replication.Of(at.Site)! with { Status = ReplicationStatus.Failed };
        var events = EventIntents.For(bucket, followUps, parts.Objects, clock);
        var isAgain = false;
        var step = await Settle(at, of, found, state, generation, owed, events is null ? null : async (now, add) =>
        {
            if (isAgain) await events.Renew(at.Address, ct);
            isAgain = true;
            await events.AddFailure(add, at.Address, bucket, key, now, new(at.Site, reason, of.Intent.At), ct);
            return now;
        }, ct);
        begun.TryRemove(of.Name, out _);
        Log.CopyGivenUp(log, bucket.Name, key, version.PublicId, at.Site, reason);
        return step;
    }

    private async ValueTask<Step> Settle(
        CopyTurn at, OwedCopy of, VersionRows.Found? found, SiteState? state, int generation, List<OwedCopy> owed,
        Func<ObjectVersion, Action<Change>, ValueTask<ObjectVersion>>? also, CancellationToken ct)
    {
        var settled = await rows.Settle(at, of.Intent, found, state, generation, owed, also, ct);
        foreach (var intent in settled.Closed)
        {
            if (state?.Status == ReplicationStatus.Failed) parts.Counters.Failed(at.Site, intent.Size, intent.At);
            else parts.Counters.Completed(at.Site, intent.Size, intent.At);
        }
        var own = owed.Find(each => each.Name == at.Own);
        return new(null, true, own is not null && settled.Closed.Contains(own.Intent));
    }

    private static JobOutcome Again(ReplicationMessage message, TimeSpan delay) =>
        JobOutcome.After(delay, StoredJson.Write(message, StateJson.Default.ReplicationMessage));

    /// <summary>The work on one message.</summary>
    private sealed class CopyRun(ReplicationMessage sent, ILocation? location, RetryPolicy policy, BandwidthLimit? bandwidth, DateTimeOffset until, CancellationToken stopping)
    {
        public ReplicationMessage Sent { get; set; } = sent;

        public ILocation? Location => location;

        public IReplicas? Place { get; } = location as IReplicas;

        public RetryPolicy Policy => policy;

        public BandwidthLimit? Bandwidth => bandwidth;

        /// <summary>Ends when the process stops, not when the job takes too long.</summary>
        public CancellationToken Stopping => stopping;

        /// <summary>When another message has to go on.</summary>
        public DateTimeOffset Until => until;

        /// <summary>Whether the site answered; null where it was not asked.</summary>
        public bool? Answered { get; set; }
    }

    /// <summary>How one copy ended.</summary>
    /// <param name="Ends">What becomes of the message, where that ends its work.</param>
    /// <param name="IsSettled">Whether something was written down, which gives the lease back.</param>
    /// <param name="ClosedOwn">Whether the message's own intent was closed.</param>
    private readonly record struct Step(JobOutcome? Ends, bool IsSettled, bool ClosedOwn)
    {
        public static Step End(JobOutcome outcome) => new(outcome, false, false);
    }
}
