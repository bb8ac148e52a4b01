using System.Buffers;
using System.Globalization;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>The names of statistics objects: <c>s3-usage-ID-START-PERIOD</c>, the start in ISO 8601 with milliseconds, the period in seconds.</summary>
internal static class OstorUsage
{
    private const string Prefix = "s3-usage-", Time = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>The name of a period's object.</summary>
    public static string Name(long serviceId, Period period) => string.Create(
        CultureInfo.InvariantCulture, $"{Prefix}{serviceId:d16}-{DateTimeOffset.FromUnixTimeSeconds(period.Start).ToString(Time, CultureInfo.InvariantCulture)}-{period.Seconds}");

    /// <summary>The period of an object, null where no object of this installation is called so; throws InvalidArgument where none of any could be.</summary>
    public static Period? Parse(string name, long serviceId)
    {
        if (name.StartsWith(Prefix, StringComparison.Ordinal) && name.Length > Prefix.Length + 17)
        {
            var id = name.AsSpan(Prefix.Length, 16);
            var rest = name.AsSpan(Prefix.Length + 16);
            if (!id.ContainsAnyExcept(Digits) && rest[0] == '-' && rest.LastIndexOf('-') is > 0 and var dash
                && DateTimeOffset.TryParseExact(rest[1..dash], Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start)
                && int.TryParse(rest[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                var period = new Period(start.ToUnixTimeSeconds(), seconds);
                return Name(serviceId, period) == name ? period : null;
            }
        }
        throw S3.Parsing.Invalid.Argument("obj", name, "A statistics object is called s3-usage-ID-START-PERIOD.");
    }
}
