using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>
/// One Apply, from the first sending to its outcome. After a lost answer nothing is sent again before the rows were looked
/// at (<see cref="Settlement"/>), and then with the same nonce.
/// </summary>
/// <remarks>
/// <b>The first request may still arrive</b> after we found that it had not. With a condition on a stamp, or of absence,
/// one of the two requests wins and the other is refused, as both ask for the same former state; a refusal after a lost answer is
/// itself looked into, so that the first request's success is found. Changes under <see cref="Condition.Any"/> are the same by value
/// whoever sends them; one that arrives very late may undo a newer one, as of any two unconditional writers the slower wins.
/// The server drops a request after <see cref="AzureTableOptions.WriteTimeout"/>, and none is sent so late that it could take effect
/// after <see cref="AzureTableOptions.CommitTimeout"/>: so a request that timed out is looked into, but not sent again.
/// <para>
/// <b>Deleting an absent row under Any.</b> The service refuses a whole transaction for it (404). Then the rows to be deleted
/// so are read, and the transaction is sent again without those that are absent: their deletion took effect when they were
/// seen absent, shortly before the rest. Rows that are there cost nothing extra.
/// </para>
/// </remarks>
internal sealed class TableWrite(TableService service, string table, string partition, ILogger log)
{
    // A lost answer is rare and two in a row mean an outage: then callers are better off knowing.
    private const int Sendings = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    /// <summary>Sends the changes. Throws <see cref="AzureTableException"/> where nothing was changed and nothing will be.</summary>
    public async Task<Outcome> Run(IReadOnlyList<Change> changes)
    {
        // A stamp that is none of ours is on no row.
        foreach (var change in changes)
            if (change.Condition.Kind == ConditionKind.Is && !EntityJson.TryRead(change.Condition.Stamp, out _, out _)) return Outcome.Refused;
        var doubt = false;
        var began = service.Clock.GetTimestamp();
        for (int sending = 1, thinned = 0; ;)
        {
            var (verdict, error) = await service.Send(table, partition, changes, nonce);
            if (verdict == Verdict.Done) return Outcome.Committed;
            doubt |= verdict == Verdict.Doubtful;
            if (doubt)
            {
                await Pause(sending);
                if (await Settle(changes) is { } outcome)
                {
                    Log.Settled(log, table, outcome);
                    return outcome;
                }
            }
            if (verdict == Verdict.Absent && OfAbsent(changes, error!) is { } absent && ++thinned <= TableLimits.Changes)
            {
                changes = await Without(changes, absent);
                if (changes.Count == 0) return Outcome.Committed;
                // Not a failure: it happens as often as rivals take rows away, each of them once.
                if (IsInTime(began)) continue;
                verdict = Verdict.Busy;
            }
            if (!doubt)
            {
                if (verdict is Verdict.Refused or Verdict.Absent) return Outcome.Refused;
                if (verdict == Verdict.Failed) throw error!.Exception(table);
                if (sending == Sendings || !IsInTime(began))
                    throw new AzureTableException($"The table {table} is busy or cannot be reached.", error?.Status ?? 0, error?.Code ?? "");
                await Pause(sending);
            }
            if (sending++ < Sendings && IsInTime(began)) continue;
            Log.Settled(log, table, Outcome.Unknown);
            return Outcome.Unknown;
        }
    }

    private bool IsInTime(long began) =>
        service.Clock.GetElapsedTime(began) < AzureTableOptions.CommitTimeout - AzureTableOptions.WriteTimeout;

    /// <summary>What the rows tell; null where the changes can be sent again.</summary>
    private async Task<Outcome?> Settle(IReadOnlyList<Change> changes)
    {
        var findings = new List<Finding>();
        try
        {
            // The rows that tell most, first.
            foreach (var change in changes.OrderBy(change => change.Value is null).ThenBy(change => change.Condition.Kind == ConditionKind.Any))
            {
                findings.Add(Settlement.Judge(change, await service.Get(table, new(partition, change.Row), CancellationToken.None), nonce));
                if (findings[^1] >= Finding.CertainlyOpen) break;
            }
        }
        catch (AzureTableException)
        {
            return Outcome.Unknown;
        }
        return Settlement.Sum(changes, findings) switch
        {
            Finding.Committed or Finding.Gone => Outcome.Committed,
            Finding.Refused => Outcome.Refused,
            Finding.Ambiguous => Outcome.Unknown,
            _ => null,
        };
    }

    // Which unconditional deletion was refused for want of its row; null where a condition was.
    private static int? OfAbsent(IReadOnlyList<Change> changes, TableError error)
    {
        var index = changes.Count == 1 ? 0 : error.Index ?? -1;
        return index >= 0 && index < changes.Count && IsPlainDeletion(changes[index]) ? index : null;
    }

    // One answer names one row; the others are read rather than tried, a request each either way.
    private async Task<List<Change>> Without(IReadOnlyList<Change> changes, int absent)
    {
        var present = new List<Change>(changes.Count);
        for (var i = 0; i < changes.Count; i++)
            if (i != absent && (!IsPlainDeletion(changes[i])
                || await service.Get(table, new(partition, changes[i].Row), CancellationToken.None) is not null))
                present.Add(changes[i]);
        return present;
    }

    private static bool IsPlainDeletion(Change change) => change.Value is null && change.Condition.Kind == ConditionKind.Any;

    // Up to twice as long each time, so that those who failed together do not come back together.
    private Task Pause(int sending) =>
        Task.Delay(FirstPause * (1 << sending - 1) * (1 + Random.Shared.NextDouble()), service.Clock, CancellationToken.None);
}
