using System.Text.Json;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api.Utapi;

/// <summary>What ListMetrics is asked for.</summary>
/// <param name="Level">By what to sum.</param>
/// <param name="Names">Of what, as it was written.</param>
/// <param name="From">The beginning, a quarter of an hour's.</param>
/// <param name="To">The last moment; null for now.</param>
internal sealed record MetricsRequest(MetricsLevel Level, IReadOnlyList<string> Names, DateTimeOffset From, DateTimeOffset? To)
{
    /// <summary>The action, and the only one.</summary>
    public const string Action = "ListMetrics";

    /// <summary>The only service.</summary>
    public const string Service = "s3";

    /// <summary>The most that one request may ask for.</summary>
    private const int Most = 100;

    private const string ActionName = "Action", VersionName = "Version", TimeRange = "timeRange", ServiceName = "service";

    /// <summary>Milliseconds of a quarter of an hour.</summary>
    private const long Quarter = 900_000;

    /// <summary>The last millisecond that there is a date of.</summary>
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static readonly Dictionary<string, MetricsLevel> Levels = new(StringComparer.Ordinal)
    {
        ["/buckets"] = MetricsLevel.Buckets, ["/accounts"] = MetricsLevel.Accounts, ["/users"] = MetricsLevel.Users, ["/service"] = MetricsLevel.Service, ["/"] = MetricsLevel.Service,
    };

    /// <summary>Whether a request is Utapi's: a POST to one of these paths with an action. S3 has no such parameter.</summary>
    public static bool Is(WireRequest request) => request.Verb == "POST" && Levels.ContainsKey(request.RawPath) && request.Query.Has(ActionName);

    /// <summary>Reads the query; throws an <see cref="S3Exception"/> where it does not ask for metrics.</summary>
    public static void CheckQuery(WireRequest request)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Query.Items)
        {
            if (!names.Add(name)) throw new S3Exception(UtapiErrors.MalformedQueryString, $"{name} is there twice.");
            if (name is not (ActionName or VersionName) && !name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase))
                throw new S3Exception(UtapiErrors.InvalidQueryParameter, $"There is no parameter {name}.");
            if (name == VersionName && value is not ("20160815" or "2016-08-15")) throw new S3Exception(UtapiErrors.InvalidParameterValue, "The only version is 20160815.");
        }
        switch (request.Query[ActionName])
        {
            case "": throw new S3Exception(UtapiErrors.MissingAction);
            case not Action: throw new S3Exception(UtapiErrors.InvalidAction, $"The only action is {Action}.");
        }
    }

    /// <summary>Reads a body; throws an <see cref="S3Exception"/> where it is not one.</summary>
    /// <param name="rawPath">The path, which tells the level.</param>
    /// <param name="body">JSON.</param>
    /// <param name="now">The time.</param>
    public static MetricsRequest Read(string rawPath, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var level = Levels[rawPath];
        try
        {
            using var document = JsonDocument.Parse(body, new() { MaxDepth = 4, AllowDuplicateProperties = false });
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root) throw new S3Exception(UtapiErrors.ValidationError);
            foreach (var other in Levels.Values.Where(other => other != level))
                if (root.TryGetProperty(NameOf(other), out _)) throw new S3Exception(UtapiErrors.InvalidParameterCombination, $"{NameOf(level)} and {NameOf(other)} are asked for by requests of their own.");
            var names = ReadNames(level, Required(root, NameOf(level)));
            var (from, to) = ReadTimes(Required(root, TimeRange));
            if (from > (to ?? now)) throw Wrong(TimeRange, "It ends before it begins.");
            return new(level, names, from, to);
        }
        catch (JsonException e)
        {
            throw new S3Exception(UtapiErrors.ValidationError, $"The body is no JSON document: {e.Message}");
        }
    }

    /// <summary>A level as it is written, in bodies and in policies.</summary>
    public static string NameOf(MetricsLevel level) => level switch
    {
        MetricsLevel.Buckets => "buckets",
        MetricsLevel.Accounts => "accounts",
        MetricsLevel.Users => "users",
        _ => ServiceName,
    };

    private static IReadOnlyList<string> ReadNames(MetricsLevel level, JsonElement value)
    {
        if (level == MetricsLevel.Service)
            return value.ValueKind == JsonValueKind.String && value.GetString() == Service ? [Service] : throw Wrong(ServiceName, $"The only service is {Service}.");
        var name = NameOf(level);
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > Most) throw Wrong(name, $"It is an array of 1 to {Most} names.");
        return [.. value.EnumerateArray().Select(each => each.ValueKind == JsonValueKind.String && each.GetString() is { Length: > 0 and <= 1024 } text ? text : throw Wrong(name, "Each is a name."))];
    }

    private static (DateTimeOffset From, DateTimeOffset? To) ReadTimes(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is not (1 or 2)) throw Wrong(TimeRange, "It is an array of one or two times.");
        var times = value.EnumerateArray().Select(each => each.ValueKind == JsonValueKind.Number && each.TryGetInt64(out var time) && time >= 0 && time < Last
            ? time : throw Wrong(TimeRange, "Times are milliseconds since 1970.")).ToList();
        if (times[0] % Quarter != 0) throw Wrong(TimeRange, "It begins on a quarter of an hour.");
        return (DateTimeOffset.FromUnixTimeMilliseconds(times[0]), times is [_, var end] ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null);
    }

    private static JsonElement Required(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? value : throw new S3Exception(UtapiErrors.MissingParameter, $"{name} is missing.");

    private static S3Exception Wrong(string name, string why) => new(UtapiErrors.InvalidParameterValue, $"{name}: {why}");
}
