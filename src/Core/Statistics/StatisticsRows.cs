using System.Globalization;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>
/// Names and stored forms of the rows of statistics.
/// <code>
/// s.PERIOD      SLICE.UNIQUE     what one instance counted in a slice (SliceRow); that instance alone writes it
/// objects       PERIOD           that there is a statistics object of that period, or was (ObjectRow)
/// h.BUCKETID    9…9-END          what the bucket held at the end of a slice (HeldRow): the newest comes first
/// service       id               the installation's id (ServiceRow)
/// </code>
/// PERIOD is its start and its length in seconds, SLICE and END are seconds since 1970.
/// </summary>
internal static class StatisticsRows
{
    public const string Objects = "objects", Service = "service", Id = "id";

    private const string Slices = "s.", OfBucket = "h.";
    private const long Last = 99_999_999_999;

    public static readonly KeyRange AllHeld = ExpiringRows.Partitions(OfBucket);

    public static string PartitionOf(Period period) => Slices + period.Row;

    public static string PartitionOf(string bucketId) => OfBucket + bucketId;

    public static string BucketOf(TableKey held) => held.Partition[OfBucket.Length..];

    public static Period PeriodOf(Row slice) => Period.Parse(slice.Key.Partition.AsSpan(Slices.Length));

    /// <summary>The partitions of slices of periods that begin within these times; they may also be none.</summary>
    public static KeyRange PeriodsFrom(long first, long end) => new(
        new(string.Create(CultureInfo.InvariantCulture, $"{Slices}{Math.Max(first, 0):d11}"), ""),
        new(string.Create(CultureInfo.InvariantCulture, $"{Slices}{Math.Max(end, 0):d11}"), ""));

    public static string RowOf(Slice slice, string unique) => RowOf(slice.Start) + "." + unique;

    /// <summary>Where the rows of slices begin that begin then.</summary>
    public static string RowOf(long slice) => slice.ToString("d11", CultureInfo.InvariantCulture);

    public static long SliceOf(TableKey key) => long.Parse(key.Row.AsSpan(0, 11), CultureInfo.InvariantCulture);

    public static string HeldAt(long end) => (Last - end).ToString("d11", CultureInfo.InvariantCulture);

    public static long EndOf(TableKey held) => Last - long.Parse(held.Row, CultureInfo.InvariantCulture);
}

/// <summary>What one instance counted in a slice, of one bucket and one sender.</summary>
internal sealed record SliceRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The bucket's name; empty for requests that concern none.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>The bucket's id, which is another one where it was made anew.</summary>
    public string BucketId { get; init; } = "";

    /// <summary>When the bucket was made, in seconds since 1970.</summary>
    public long Epoch { get; init; }

    /// <summary>The id of the account that is billed.</summary>
    public string Account { get; init; } = "";

    /// <summary>The id of its user who sent; empty where that was the account itself, or a role.</summary>
    public string User { get; init; } = "";

    /// <summary>The bucket's tag.</summary>
    public string Tag { get; init; } = "";

    /// <summary>What was counted, by operation.</summary>
    public required IReadOnlyDictionary<string, OperationTally> Operations { get; init; }
}

/// <summary>That there is a statistics object.</summary>
internal sealed record ObjectRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>When it was deleted; null while it is there.</summary>
    public DateTimeOffset? Deleted { get; init; }

    /// <summary>The request that did, where it may be sent again.</summary>
    public string? Request { get; init; }
}

/// <summary>What a bucket held.</summary>
internal sealed record HeldRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The id of the account that owns it.</summary>
    public required string Owner { get; init; }

    /// <summary>When the bucket was made, in seconds since 1970.</summary>
    public long Epoch { get; init; }

    /// <summary>Bytes, with those of unfinished uploads.</summary>
    public long Bytes { get; init; }

    /// <summary>Objects, older versions and delete markers.</summary>
    public long Objects { get; init; }
}

/// <summary>What tells this installation from others.</summary>
/// <param name="Id">16 decimal digits, below 2^53.</param>
internal sealed record ServiceRow(long Id);

/// <summary>How rows of this room are stored: JSON, so that they grow without a migration.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SliceRow))]
[JsonSerializable(typeof(ObjectRow))]
[JsonSerializable(typeof(HeldRow))]
[JsonSerializable(typeof(ServiceRow))]
internal sealed partial class StatisticsJson : JsonSerializerContext;
