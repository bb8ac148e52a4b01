using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A location in the list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, for people.</param>
/// <param name="Answers">Whether it answers; null where that was not found out.</param>
/// <param name="Bytes">What is kept there; null where that is not known.</param>
/// <param name="Limit">The most bytes that it may keep; null for any number.</param>
/// <param name="Where">Bucket and endpoint.</param>
public sealed record LocationLine(string Name, string Type, bool? Answers, long? Bytes, long? Limit, string Where);

/// <summary>What the list of locations shows.</summary>
/// <param name="Lines">The locations; null where the person may not see them.</param>
public sealed record LocationsModel(IReadOnlyList<LocationLine>? Lines);

public partial class LocationsPage
{
    /// <summary>What follows the name of a location where a bucket is to mirror it: Zenko's way to say it.</summary>
    internal const string Mirror = ":ingest";

    private const string Path = "/_/management/locations";

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", Path, "", ct);
        if (answer.Status == 403) return await call.Page<LocationsPage>(new LocationsModel(null));
        var stored = await StoredAmounts.Read(call, ct, isOwn: false);
        var health = await Health(call, ct);
        var lines = answer.OrThrow().Json(LocationsJson.Default.LocationList).Locations.Select(each => new LocationLine(
            each.Name, TypeOf(each.LocationType), health.TryGetValue(each.Name, out var answers) ? answers : null,
            stored?.First.Locations.FirstOrDefault(one => one.Location == each.Name)?.Held.Bytes ?? each.BytesStored, each.SizeLimit,
            string.Join(" at ", new[] { each.Details.BucketName, each.Details.Endpoint }.Where(part => !string.IsNullOrEmpty(part)))));
        return await call.Page<LocationsPage>(new LocationsModel([.. lines]));
    }

    /// <summary>The pages about locations.</summary>
    internal static IReadOnlyList<(string, string)> Tabs(ConsoleCall call) => [("Locations", call.Link("locations")), ("Mirrors", call.Link("mirrors"))];

    /// <summary>Where a bucket can be made, or what it can mirror as well; nothing where the person may not see locations.</summary>
    internal static async ValueTask<IReadOnlyList<LocationChoice>> Choices(ConsoleCall call, bool withMirrors, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", Path, "", ct);
        // What keeps objects under their own keys can be mirrored.
        return answer.Status == 403 ? [] : [.. answer.OrThrow().Json(LocationsJson.Default.LocationList).Locations.SelectMany(each => withMirrors && each.Details.BucketMatch == true
            ? [Kept(each), new LocationChoice(each.Name + Mirror, $"{each.Name}, as a mirror of {each.Details.BucketName}")]
            : (LocationChoice[])[Kept(each)])];

        static LocationChoice Kept(Core.Locations.Configured.LocationConfig place) => new(place.Name, $"{place.Name} ({TypeOf(place.LocationType)})");
    }

    /// <summary>Which locations answer, by name; nothing where the person may not know.</summary>
    internal static async ValueTask<IReadOnlyDictionary<string, bool>> Health(ConsoleCall call, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", "/_/healthcheck/deep", "", ct);
        if (answer.Body.IsEmpty) return new Dictionary<string, bool>();
        using var document = JsonDocument.Parse(answer.Body);
        return document.RootElement.EnumerateObject().Where(each => each.Value.TryGetProperty("code", out _)).ToDictionary(each => each.Name, each => each.Value.GetProperty("code").GetInt32() == 200, StringComparer.Ordinal);
    }

    /// <summary><c>location-aws-s3-v1</c> → <c>aws-s3</c>.</summary>
    private static string TypeOf(string type) => type.Replace("location-", "", StringComparison.Ordinal) is var name && name.LastIndexOf("-v", StringComparison.Ordinal) is > 0 and var end ? name[..end] : name;
}
