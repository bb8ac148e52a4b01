using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// A row of counters. A bucket's partition has its id for a name. The row <c>base</c> is what closed counters and the last walk
/// came to; a row <c>i.INSTANCE</c> is written by that instance alone, and stands as long as its counter is open: one that
/// stands while its instance is dead lacks the last changes.
/// </summary>
internal sealed record UsageRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>The account that owns it; null where that was not noted yet.</summary>
    public string? Account { get; init; }

    /// <summary>What is to be added to the other rows.</summary>
    public Tally Amount { get; init; }

    /// <summary>All changes, whichever way, together.</summary>
    public Tally Moved { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>How far a walk has come: the row <c>walk</c>.</summary>
internal sealed record WalkRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Of this walk alone.</summary>
    public required string Id { get; init; }

    /// <summary>The instance whose memory knows the changes since; null where that is handed over, in order.</summary>
    public string? Owner { get; init; }

    /// <summary>What is being walked.</summary>
    public UsagePhase Phase { get; init; }

    /// <summary>The last partition that was counted; null for none.</summary>
    public string? Cursor { get; init; }

    /// <summary>What was counted so far.</summary>
    public Tally Counted { get; init; }

    /// <summary>The changes that were made behind the cursor; only where nobody else counts.</summary>
    public Tally Behind { get; init; }

    /// <summary>All movements before the walk began; only where others count too.</summary>
    public Tally MovedBefore { get; init; }
}

/// <summary>
/// What a bucket has held in one hour, up to a moment: the row <c>hour</c>, written with the counter's. Between two writes it is taken
/// to have held what the first says.
/// </summary>
public sealed record HourRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Up to when; it tells which hour it is.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>What is held since, in bytes.</summary>
    public required long Held { get; init; }

    /// <summary>Byte-seconds since the hour began.</summary>
    public decimal Integral { get; init; }

    /// <summary>The most bytes that were held in that hour, at the moments of writing.</summary>
    public required long Peak { get; init; }

    /// <summary>The hour's number since 1970.</summary>
    [JsonIgnore]
    public long Hour => Until.ToUnixTimeSeconds() / 3600;

    /// <summary>The same at a later moment, be it in another hour, where nothing is changed until then.</summary>
    public HourRow At(DateTimeOffset now)
    {
        if (now <= Until) return this;
        var begin = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / 3600 * 3600);
        return begin <= Until
            ? this with { Until = now, Integral = Integral + Integrated(now - Until) }
            : this with { Until = now, Integral = Integrated(now - begin), Peak = Held };
    }

    private decimal Integrated(TimeSpan time) => (decimal)Held * time.Ticks / TimeSpan.TicksPerSecond;
}

/// <summary>What a walk counts, in this order.</summary>
internal enum UsagePhase
{
    /// <summary>The versions.</summary>
    Objects,

    /// <summary>The parts of uploads.</summary>
    Uploads,

    /// <summary>Nothing any more.</summary>
    Settling,
}

/// <summary>The message that asks for a walk.</summary>
internal sealed record WalkMessage
{
    public int Format { get; init; } = 1;

    public required string Bucket { get; init; }

    public required string BucketId { get; init; }
}

/// <summary>How they are stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(UsageRow))]
[JsonSerializable(typeof(HourRow))]
[JsonSerializable(typeof(WalkRow))]
[JsonSerializable(typeof(WalkMessage))]
[JsonSerializable(typeof(StoredTally))]
internal sealed partial class UsageJson : JsonSerializerContext;
