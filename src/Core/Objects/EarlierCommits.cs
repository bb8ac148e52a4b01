using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Finds what a request that is sent again has made before. A version carries the token of its request, and the newest version
/// of a key those of its predecessors of the last minutes: so one that is sent for the first time costs no further look.
/// </summary>
internal sealed class EarlierCommits(ITable table)
{
    /// <summary>A host that gave up has sent a request for the last time by then: ten times, up to 250 ms apart, each as long as it takes.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>So many predecessors are remembered at the most.</summary>
    private const int Most = 8;

    /// <summary>The version or delete marker that the request made; null where there is none.</summary>
    /// <param name="address">The key.</param>
    /// <param name="head">Its newest version.</param>
    /// <param name="request">The request's token.</param>
    /// <param name="proposed">
    /// What the request would write now; null for a delete marker. That stands for a version that was replaced in the meantime.
    /// </param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<ObjectVersion?> Find(
        KeyAddress address, VersionRows.Head head, string request, ObjectVersion? proposed, CancellationToken ct)
    {
        if (head.Current is not { Version: var current }) return null;
        if (current.Request == request) return current;
        if (current.Recent?.Contains(request, StringComparison.Ordinal) != true) return null;
        var range = KeyRange.Rows(address.Partition, address.RowName(Rows.Version));
        await foreach (var row in table.Scan(range, null, Most, ct))
            if (ObjectVersionJson.Read(row.Value) is var older && older.Request == request) return older;
        return (proposed ?? current with { IsDeleteMarker = true }) with { IsNull = true };
    }

    /// <summary>Whether <see cref="Find"/> would find something behind this newest version.</summary>
    public static bool MayKnow(ObjectVersion current, string request) =>
        current.Request == request || current.Recent?.Contains(request, StringComparison.Ordinal) == true;

    /// <summary>What the version that comes after this one is to remember.</summary>
    public static string? Behind(ObjectVersion version, DateTimeOffset now)
    {
        if ((version.Request is null && version.Recent is null) || now - version.Modified > Memory) return null;
        var tokens = $"{version.Request} {version.Recent}".Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', tokens.Take(Most));
    }
}
