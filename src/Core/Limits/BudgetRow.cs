using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Limits;

/// <summary>What is left to one that is limited, as all instances know it.</summary>
internal sealed record BudgetRow
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>When that was so.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Tokens by what they are for; less than none where more was taken than there was. What is not there is full.</summary>
    public required IReadOnlyDictionary<string, double> Levels { get; init; }

    /// <summary>How many there are at a later moment.</summary>
    public double Level(string name, Allowance allowance, DateTimeOffset now) => Levels.TryGetValue(name, out var level)
        ? Math.Min(allowance.Burst, level + (Math.Max(0, (now - At).TotalSeconds) * allowance.PerSecond))
        : allowance.Burst;
}

/// <summary>How they are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BudgetRow))]
internal sealed partial class LimitsJson : JsonSerializerContext;
