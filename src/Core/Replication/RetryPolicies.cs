using System.Globalization;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Core.Replication;

/// <summary>How often and how long a copy is tried before it is given up.</summary>
/// <param name="Retries">Attempts after the first.</param>
/// <param name="Timeout">From the first failure on.</param>
/// <param name="First">The pause after the first failure.</param>
/// <param name="Longest">The longest pause.</param>
public sealed record RetryPolicy(int Retries, TimeSpan Timeout, TimeSpan First, TimeSpan Longest)
{
    private const double Factor = 1.5, Jitter = 0.1;

    /// <summary>Whether it is given up after so many failures, the first of them so long ago.</summary>
    public bool IsExhausted(int failures, TimeSpan since) => failures > Retries || since >= Timeout;

    /// <summary>The pause after the failure of that number, from 1.</summary>
    public TimeSpan Pause(int failures)
    {
        var pause = Math.Min(First.TotalSeconds * Math.Pow(Factor, failures - 1), Longest.TotalSeconds);
        return TimeSpan.FromSeconds(pause * (1 + (2 * Random.Shared.NextDouble() - 1) * Jitter));
    }

    /// <summary>A policy as settings tell it: <c>retries,timeout,first,longest</c>, times in seconds; null for anything else.</summary>
    public static RetryPolicy? Parse(string text)
    {
        var numbers = text.Split(',').Select(part => double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n) ? n : -1).ToList();
        return numbers.Count != 4 || numbers.Any(n => n is < 0 or > 604_800) || numbers[0] != Math.Floor(numbers[0])
            ? null
            : new((int)numbers[0], TimeSpan.FromSeconds(numbers[1]), TimeSpan.FromSeconds(numbers[2]), TimeSpan.FromSeconds(numbers[3]));
    }
}

/// <summary>Zenko's policies, by what serves a location.</summary>
public static class RetryPolicies
{
    private static readonly RetryPolicy Cloud = new(5, TimeSpan.FromSeconds(900), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(900));
    private static readonly RetryPolicy Near = new(5, TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(300));

    private static readonly Dictionary<LocationEngine, RetryPolicy> ByEngine = new()
    {
        [LocationEngine.S3] = Cloud,
        [LocationEngine.Azure] = Cloud,
        [LocationEngine.Disk] = Near,
    };

    /// <summary>The policy of a location; that of clouds for one that the installation came with.</summary>
    public static RetryPolicy Of(LocationConfig? location) =>
        location is not null && LocationTypes.Find(location.LocationType) is { } type ? ByEngine[type.Engine] : Cloud;
}
