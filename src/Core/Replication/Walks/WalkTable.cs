using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>
/// The rows of walks in the table <c>replication</c>: partition <c>walk</c>, a row for each name. A walk's row is its checkpoint; who
/// runs it holds the row's stamp, so that whoever changes the row otherwise ends that run. Rows whose names begin
/// with <see cref="Beside"/> are what a walk knows besides.
/// </summary>
internal sealed class WalkTable(ITable table)
{
    /// <summary>All of them.</summary>
    public const string Partition = "walk";

    /// <summary>Begins the names of rows that are a walk's further notes.</summary>
    public const string Beside = "~";

    /// <summary>A walk with its row.</summary>
    public sealed record Found(Walk Walk, Stamp Stamp);

    /// <summary>The walk of that name; null where there never was one.</summary>
    public async ValueTask<Found?> Find(string id, CancellationToken ct) =>
        await table.Get(new(Partition, id), ct) is { } row ? Read(row) : null;

    /// <summary>The walks by name, those behind <paramref name="after"/>; null for all.</summary>
    public async IAsyncEnumerable<Walk> All(string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = new KeyRange(new(Partition, ""), new(Partition, Beside));
        if (after is not null) range = range.After(after);
        await foreach (var row in table.Scan(range, null, null, ct)) yield return Read(row).Walk;
    }

    /// <summary>Writes the walk, and what is beside it, where its row is as it was found (null for absent), and gives it with its new stamp; else null.</summary>
    public async ValueTask<Found?> Write(Walk walk, Found? before, CancellationToken ct, IReadOnlyList<Change>? beside = null)
    {
        var condition = before is null ? Condition.Absent : Condition.Is(before.Stamp);
        var outcome = await table.Apply(Partition, [Change.Put(walk.Id, condition, StoredJson.Write(walk, WalkJson.Default.Walk)), .. beside ?? []], ct);
        if (outcome == Outcome.Unknown) throw new IOException($"Whether the walk {walk.Id} was stored is not known.");
        if (outcome == Outcome.Refused) return null;
        // What stands there now may be another's already; then what follows will find that out.
        return await Find(walk.Id, ct) is { } now && now.Walk.Run == walk.Run && now.Walk.Claim == walk.Claim && now.Walk.State == walk.State ? now : null;
    }

    private static Found Read(Row row) => new(StoredJson.Read(row.Value, WalkJson.Default.Walk), row.Stamp);
}
