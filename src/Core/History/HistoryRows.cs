using System.Globalization;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.History;

/// <summary>
/// Names and stored forms of the rows of history, in the table <c>statistics</c>.
/// <code>
/// r.01.DAY      START.c.WRITER   what one process counted in a minute (HistoryRow); that process alone writes it
/// r.01.DAY      START.g          how things stood at its end (HistoryRow); whoever comes first writes it
/// r.15.DAY      START            both, of a quarter of an hour (HistoryRow); whoever comes first writes it
/// </code>
/// DAY is days, START is seconds since 1970.
/// </summary>
internal static class HistoryRows
{
    /// <summary>A minute, and a quarter of an hour, in seconds.</summary>
    public const long Minute = 60, Quarter = 900;

    private const long Day = 86_400;

    public static string PartitionOf(long length, long start) => string.Create(CultureInfo.InvariantCulture, $"r.{length / Minute:d2}.{start / Day:d6}");

    public static string RowOf(long start) => start.ToString("d11", CultureInfo.InvariantCulture);

    public static long StartOf(Row row) => long.Parse(row.Key.Row.AsSpan(0, 11), CultureInfo.InvariantCulture);

    /// <summary>The rows that begin within these times.</summary>
    public static KeyRange Between(long length, long from, long to) => new(new(PartitionOf(length, from), RowOf(from)), new(PartitionOf(length, to), RowOf(to)));

    /// <summary>The rows of that kind that end.</summary>
    public static ExpiringRows Expiring(ITable table, string name, long length, TimeSpan kept) => new(
        name, table, now => Between(length, 0, (now - kept).ToUnixTimeSeconds()),
        (row, _) => new(DateTimeOffset.FromUnixTimeSeconds(StartOf(row) + length)), kept);
}

/// <summary>What a row has of a time: what was counted in it, or how things stood at its end, or both.</summary>
internal sealed record HistoryRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>What was asked for; null for nothing.</summary>
    public IReadOnlyList<RequestNumbers>? Requests { get; init; }

    /// <summary>What was stored; null where that was not looked at.</summary>
    public IReadOnlyList<StoredNumbers>? Stored { get; init; }

    /// <summary>How far replication was; null where that was not looked at.</summary>
    public IReadOnlyList<SiteNumbers>? Sites { get; init; }

    /// <summary>Rows of one time, or of times that follow each other, as one.</summary>
    public static HistoryRow Of(IEnumerable<HistoryRow> rows)
    {
        var requests = new SortedDictionary<string, RequestNumbers>(StringComparer.Ordinal);
        var (stored, sites) = ((IReadOnlyList<StoredNumbers>?)null, (IReadOnlyList<SiteNumbers>?)null);
        foreach (var row in rows)
        {
            foreach (var one in row.Requests ?? []) requests[one.Protocol] = requests.TryGetValue(one.Protocol, out var sum) ? sum + one : one;
            (stored, sites) = (row.Stored ?? stored, row.Sites ?? sites);
        }
        return new() { Requests = requests.Count == 0 ? null : [.. requests.Values], Stored = stored, Sites = sites };
    }
}

/// <summary>Requests of a protocol that were answered within a time.</summary>
/// <param name="Protocol">Its name.</param>
/// <param name="Done">By a status below 400.</param>
/// <param name="Refused">By one from 400 to 499, or whose client went away before.</param>
/// <param name="Failed">By one from 500 on.</param>
/// <param name="Received">Bytes of their bodies.</param>
/// <param name="Sent">Bytes of the bodies of their answers.</param>
public sealed record RequestNumbers(string Protocol, long Done, long Refused, long Failed, long Received, long Sent)
{
    /// <summary>Both together.</summary>
    public static RequestNumbers operator +(RequestNumbers a, RequestNumbers b) =>
        new(a.Protocol, a.Done + b.Done, a.Refused + b.Refused, a.Failed + b.Failed, a.Received + b.Received, a.Sent + b.Sent);

    /// <summary>What the first is more.</summary>
    public static RequestNumbers operator -(RequestNumbers a, RequestNumbers b) =>
        new(a.Protocol, a.Done - b.Done, a.Refused - b.Refused, a.Failed - b.Failed, a.Received - b.Received, a.Sent - b.Sent);

    /// <summary>Whether it is nothing at all.</summary>
    internal bool IsNothing() => (Done, Refused, Failed, Received, Sent) == default;
}

/// <summary>What is stored at a location.</summary>
/// <param name="Location">Its name; empty while that is being found out.</param>
/// <param name="Bytes">Of all versions and of parts of uploads.</param>
/// <param name="Versions">Objects, older versions and delete markers.</param>
public sealed record StoredNumbers(string Location, long Bytes, long Versions);

/// <summary>How far replication to a site is.</summary>
/// <param name="Site">The location.</param>
/// <param name="Pending">Copies that are owed.</param>
/// <param name="PendingBytes">Their bytes.</param>
/// <param name="OldestSeconds">For how long the oldest has been; 0 where none is.</param>
/// <param name="Done">Copies that were ever done.</param>
/// <param name="DoneBytes">Their bytes.</param>
/// <param name="Failed">Copies that were ever given up.</param>
/// <param name="LagP50">Seconds from commit to copy that half of the last hour's took at most; null where there were none.</param>
/// <param name="LagP99">The same for 99 of 100.</param>
public sealed record SiteNumbers(string Site, long Pending, long PendingBytes, double OldestSeconds, long Done, long DoneBytes, long Failed, double? LagP50, double? LagP99);

/// <summary>How things stand.</summary>
/// <param name="Stored">What is stored by location; null where that was not asked for.</param>
/// <param name="Sites">Sites that ever were to get anything.</param>
public sealed record Standing(IReadOnlyList<StoredNumbers>? Stored, IReadOnlyList<SiteNumbers> Sites);

/// <summary>How rows of this room are stored: JSON, so that they grow without a migration.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HistoryRow))]
internal sealed partial class HistoryJson : JsonSerializerContext;
