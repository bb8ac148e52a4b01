using System.Globalization;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Replication;

/// <summary>A copy in parts that was begun.</summary>
internal sealed record BegunCopy
{
    public int Format { get; init; } = 1;

    /// <summary>What the site calls it; null while it is being begun: where that was cut off, the site may have something of which only the key is known.</summary>
    public string? Upload { get; init; }

    /// <summary>Bytes of each part but the last.</summary>
    public required long PartBytes { get; init; }

    /// <summary>The generation of the version that it was begun with.</summary>
    public required int Generation { get; init; }

    /// <summary>When it was begun, by our clock; null where that was not written down.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>A part that the site has, and the checksum of its bytes as they were read.</summary>
internal sealed record CopiedPart(ReplicaPart Part, byte[]? Checksum);

/// <summary>Some of the parts that the site has, in order.</summary>
internal sealed record CopiedParts
{
    public int Format { get; init; } = 1;

    public List<CopiedPart> Parts { get; init; } = [];
}

/// <summary>
/// How far large copies have come, so that another message, or another process, goes on with them. In the table
/// <c>replication</c> each has a partition <c>u.SITE.VERSION</c> (the version by its <see cref="ObjectVersion.Id"/>) with a row <c>b</c> that says how
/// it was begun, and rows <c>pNNNN</c> of two hundred parts each.
/// </summary>
internal sealed class CopyProgress(ITable table)
{
    private const int PartsOfRow = 200;

    /// <summary>What was begun; null where nothing was.</summary>
    public async ValueTask<(BegunCopy Begun, List<CopiedPart> Parts)?> Find(string site, string version, CancellationToken ct)
    {
        BegunCopy? begun = null;
        var parts = new List<CopiedPart>();
        await foreach (var row in table.Scan(KeyRange.Partition(PartitionOf(site, version)), null, null, ct))
        {
            if (row.Key.Row == "b") begun = StoredJson.Read(row.Value, ReplicationJson.Default.BegunCopy);
            else parts.AddRange(StoredJson.Read(row.Value, ReplicationJson.Default.CopiedParts).Parts);
        }
        return begun is null ? null : (begun, parts);
    }

    /// <summary>It was begun, or is going to be.</summary>
    public ValueTask Begin(string site, string version, BegunCopy begun, CancellationToken ct) =>
        Put(site, version, "b", StoredJson.Write(begun, ReplicationJson.Default.BegunCopy), ct);

    /// <summary>The last of these parts has come to be there.</summary>
    public ValueTask Add(string site, string version, List<CopiedPart> parts, CancellationToken ct)
    {
        var row = (parts.Count - 1) / PartsOfRow;
        var some = new CopiedParts { Parts = parts[(row * PartsOfRow)..] };
        return Put(site, version, "p" + row.ToString("d4", CultureInfo.InvariantCulture), StoredJson.Write(some, ReplicationJson.Default.CopiedParts), ct);
    }

    /// <summary>It is over.</summary>
    public async ValueTask Forget(string site, string version, CancellationToken ct)
    {
        var partition = PartitionOf(site, version);
        var changes = new List<Change>();
        // What says that it was begun goes last.
        await foreach (var row in table.Scan(KeyRange.Partition(partition), null, null, ct)) changes.Insert(0, Change.Delete(row.Key.Row, Condition.Any));
        foreach (var some in changes.Chunk(TableLimits.Changes)) await table.Apply(partition, some, ct);
    }

    private async ValueTask Put(string site, string version, string row, ReadOnlyMemory<byte> value, CancellationToken ct)
    {
        if (await table.Apply(PartitionOf(site, version), [Change.Put(row, Condition.Any, value)], ct) != Outcome.Committed)
            throw new UnknownOutcomeException();
    }

    private static string PartitionOf(string site, string version) => $"u.{site}.{version}";
}
