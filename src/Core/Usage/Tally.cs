using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Usage;

/// <summary>
/// Amounts by the location where they are. Immutable; a bucket has few locations. What was counted before locations were told apart is
/// at <see cref="Unknown"/>, until a walk has found out.
/// </summary>
[JsonConverter(typeof(TallyConverter))]
public readonly struct Tally : IEquatable<Tally>
{
    /// <summary>The name of no location.</summary>
    public const string Unknown = "";

    private readonly Share[]? shares;

    // In order of name, none of them nothing.
    private Tally(Share[] shares) => this.shares = shares.Length == 0 ? null : shares;

    /// <summary>An amount at one location.</summary>
    public Tally(string location, Amount amount) : this(amount == default ? [] : [new(location, amount)])
    {
    }

    /// <summary>What is at each location, by name; one where there is nothing may be left out.</summary>
    public IReadOnlyList<Share> Shares => shares ?? [];

    /// <summary>All of it.</summary>
    public Amount Total
    {
        get
        {
            var total = default(Amount);
            foreach (var share in shares ?? []) total += share.Amount;
            return total;
        }
    }

    /// <summary>What is at one location.</summary>
    public Amount At(string location)
    {
        foreach (var share in shares ?? [])
            if (share.Location == location) return share.Amount;
        return default;
    }

    /// <summary>How much that is, whichever way.</summary>
    internal Tally Size() => new([.. Shares.Select(share => share with { Amount = share.Amount.Size() })]);

    /// <summary>Nothing of what is not more than that. The sum obeys by itself: what the locations lack or have too much then is at none.</summary>
    internal Tally Beyond(Tally least)
    {
        Tally beyond = new([.. Shares.Select(share => share with { Amount = share.Amount.Beyond(least.At(share.Location)) }).Where(share => share.Amount != default)]);
        return beyond + new Tally(Unknown, Total.Beyond(least.Total) - beyond.Total);
    }

    /// <summary>Both together.</summary>
    public static Tally operator +(Tally a, Tally b) =>
        a.shares is null ? b
        : b.shares is null ? a
        : a.shares is [var one] && b.shares is [var other] && one.Location == other.Location ? new(one.Location, one.Amount + other.Amount)
        : new([
            .. a.shares.Concat(b.shares).GroupBy(share => share.Location, (location, some) => new Share(location, some.Aggregate(default(Amount), (sum, share) => sum + share.Amount)))
                .Where(share => share.Amount != default).OrderBy(share => share.Location, StringComparer.Ordinal),
        ]);

    /// <summary>What is more.</summary>
    public static Tally operator -(Tally a, Tally b) => a + new Tally([.. b.Shares.Select(share => share with { Amount = default(Amount) - share.Amount })]);

    /// <inheritdoc cref="Equals(Tally)"/>
    public static bool operator ==(Tally a, Tally b) => a.Equals(b);

    /// <inheritdoc cref="Equals(Tally)"/>
    public static bool operator !=(Tally a, Tally b) => !a.Equals(b);

    /// <summary>Whether as much is at the same locations.</summary>
    public bool Equals(Tally other) => (shares ?? []).AsSpan().SequenceEqual(other.shares ?? []);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tally other && Equals(other);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Shares);

    /// <inheritdoc/>
    public override int GetHashCode() => Total.GetHashCode();

    /// <summary>What is at one location.</summary>
    public readonly record struct Share(string Location, Amount Amount);
}

/// <summary>How a tally is stored: its sum, as it was before locations were told apart, and what of it is where.</summary>
/// <param name="Bytes"><inheritdoc cref="Amount.Bytes"/></param>
/// <param name="Versions"><inheritdoc cref="Amount.Versions"/></param>
/// <param name="Parts"><inheritdoc cref="Amount.Parts"/></param>
/// <param name="At">What is at each location; null where that is not known.</param>
internal sealed record StoredTally(long Bytes, long Versions, long Parts, IReadOnlyDictionary<string, Amount>? At = null);

/// <summary>Reads and writes tallies.</summary>
internal sealed class TallyConverter : JsonConverter<Tally>
{
    /// <inheritdoc/>
    public override Tally Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var stored = JsonSerializer.Deserialize(ref reader, UsageJson.Default.StoredTally)!;
        var known = (stored.At ?? new Dictionary<string, Amount>()).Aggregate(default(Tally), (sum, share) => sum + new Tally(share.Key, share.Value));
        return known + new Tally(Tally.Unknown, new Amount(stored.Bytes, stored.Versions, stored.Parts) - known.Total);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Tally value, JsonSerializerOptions options)
    {
        var total = value.Total;
        var known = value.Shares.Where(share => share.Location != Tally.Unknown).ToDictionary(share => share.Location, share => share.Amount);
        JsonSerializer.Serialize(writer, new(total.Bytes, total.Versions, total.Parts, known.Count == 0 ? null : known), UsageJson.Default.StoredTally);
    }
}
