using System.Globalization;
using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What is typed into a field.</summary>
public enum FieldKind
{
    /// <summary>A line of text.</summary>
    Text,

    /// <summary>What is never shown again.</summary>
    Secret,

    /// <summary>A whole number of 1 or more.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Switch,
}

/// <summary>A field of the form of a location.</summary>
/// <param name="Name">As the document of a location has it.</param>
/// <param name="Label">For people.</param>
/// <param name="Hint">What it is for.</param>
/// <param name="Kind">What is typed.</param>
/// <param name="IsRequired">Whether it has to be filled in.</param>
/// <param name="Value">What it is; null for nothing, and of a secret always.</param>
/// <param name="Example">What one may look like; null for nothing.</param>
public sealed record LocationField(string Name, string Label, string Hint, FieldKind Kind, bool IsRequired, string? Value, string? Example);

/// <summary>The form of a location: which fields there are the type says, by the names that its details have in documents.</summary>
internal static class LocationForm
{
    public const string Root = "/_/management/locations";

    private const string Secret = "secretKey";

    private static readonly Dictionary<string, (string Label, string Hint, FieldKind Kind, string? Example)> Details = new(StringComparer.Ordinal)
    {
        ["path"] = ("Directory", "An absolute path on the machine of the server. It is made if it is not there.", FieldKind.Text, "/srv/objects"),
        ["endpoint"] = ("Address", "The URL of the service.", FieldKind.Text, "https://s3.example.com"),
        ["region"] = ("Region", "What requests are signed for; us-east-1 where nothing is said.", FieldKind.Text, "us-east-1"),
        ["bucketName"] = ("Bucket", "The bucket there. It has to exist.", FieldKind.Text, null),
        ["accessKey"] = ("Access key", "Of a user of that service who may read, write, list and delete in the bucket.", FieldKind.Text, null),
        [Secret] = ("Secret key", "Kept sealed, and never shown again.", FieldKind.Secret, null),
        ["serverSideEncryption"] = ("Ask the service to encrypt", "What is written there is encrypted by the service with its own key.", FieldKind.Switch, null),
        ["bucketMatch"] = ("Write objects without prefix", "Objects have their own keys there, without a bucket’s name before them. A bucket can mirror such a location; copies cannot be sent there.", FieldKind.Switch, null),
        ["mpuBucketName"] = ("Helper bucket for uploads in parts", "For configurations that come from Zenko. Kept, and not needed.", FieldKind.Text, null),
    };

    private static readonly Dictionary<string, (string Label, string Hint)> OfAzure = new(StringComparer.Ordinal)
    {
        ["accessKey"] = ("Storage account", "The account’s name: 3 to 24 lower case letters and digits."),
        [Secret] = ("Account key", "One of the account’s two keys. Kept sealed, and never shown again."),
        ["bucketName"] = ("Container", "It is made if it is not there."),
        ["endpoint"] = ("Address", "Only where it is not the account’s own at blob.core.windows.net."),
    };

    private static readonly (string Name, string Label, string Hint, FieldKind Kind)[] Options =
    [
        ("sizeLimitGB", "Size limit in GB", "More is refused. Copies that replication keeps there do not count.", FieldKind.Number),
        ("bandwidthLimit", "Bandwidth in bytes a second", "The most that replication sends there.", FieldKind.Number),
        ("concurrency", "Copies at a time", "1 to 64. Without it they take what requests leave free.", FieldKind.Number),
        ("isTransient", "Transient", "Objects leave it once they are replicated.", FieldKind.Switch),
        ("legacyAwsBehavior", "Buckets may be made again by their owner", "As in AWS’s oldest region: the second request for a bucket succeeds.", FieldKind.Switch),
    ];

    /// <summary>The types; nothing else is known of any of them.</summary>
    public static async ValueTask<IReadOnlyList<LocationTypeTold>> Types(ConsoleCall call, CancellationToken ct) =>
        (await call.Api.Json("/_/management/location-types", "", LocationsJson.Default.LocationTypeList, ct)).Types;

    /// <summary>The fields of where it is, those that must be filled in first.</summary>
    /// <param name="type">The type.</param>
    /// <param name="valueOf">What a field says; null for nothing.</param>
    /// <param name="hasSecret">Whether there is a secret already, so that none means that one.</param>
    public static IReadOnlyList<LocationField> Fields(LocationTypeTold type, Func<string, string?> valueOf, bool hasSecret)
    {
        var isAzure = type.Required.Contains("accessKey") && !type.Optional.Contains("region") && !type.Optional.Contains("mpuBucketName") && type.ShortName.StartsWith("azure", StringComparison.Ordinal);
        var names = type.Required.Concat(type.Optional).ToList();
        // In the order that people think of them in, whatever the type's.
        return
        [
            .. Details.Where(detail => names.Contains(detail.Key)).Select(detail =>
            {
                var (name, (label, hint, kind, example)) = detail;
                if (isAzure && OfAzure.TryGetValue(name, out var other)) (label, hint, example) = (other.Label, other.Hint, null);
                if (name == Secret && hasSecret) hint = "Leave it empty to keep the one that there is.";
                return new LocationField(name, label, hint, kind, type.Required.Contains(name) && !(name == Secret && hasSecret), kind == FieldKind.Secret ? null : valueOf(name), example);
            }).OrderBy(field => field.Kind == FieldKind.Switch),
        ];
    }

    /// <summary>The fields of what is done with it.</summary>
    public static IReadOnlyList<LocationField> Advanced(LocationTypeTold type, Func<string, string?> valueOf) =>
    [
        .. Options.Where(option => option.Name != "isTransient" || type.MayBeTransient)
            .Select(option => new LocationField(option.Name, option.Label, option.Hint, option.Kind, false, valueOf(option.Name), null)),
    ];

    /// <summary>What a document says of a field.</summary>
    public static Func<string, string?> In(JsonObject document) => name =>
    {
        var value = document[name] ?? (document["details"] as JsonObject)?[name];
        return value is null ? null : value.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True => "1",
            System.Text.Json.JsonValueKind.False => null,
            _ => value.ToString(),
        };
    };

    /// <summary>The document with what a form says. What the form has no field for stays.</summary>
    public static JsonObject Write(JsonObject document, LocationTypeTold type, ConsoleForm form)
    {
        if (document["details"] is not JsonObject details) document["details"] = details = [];
        foreach (var name in type.Required.Concat(type.Optional)) Set(details, name, Details.TryGetValue(name, out var detail) ? detail.Kind : FieldKind.Text, form[name]);
        foreach (var option in Options) Set(document, option.Name, option.Kind, form[option.Name]);
        return document;
    }

    /// <summary>What trying it out came to, and why it was not tried.</summary>
    public static async ValueTask<(CheckTold? Result, FormProblem? Problem)> Try(ConsoleCall call, JsonObject document, CancellationToken ct)
    {
        var answer = await call.Api.Send("POST", "/_/management/location-checks", "", ct, Body(document));
        return answer.Refusal is not { } refused ? (CheckTold.Of(answer), null) : (null, FormProblem.Of(refused));
    }

    /// <summary>A document, as it is sent.</summary>
    public static byte[] Body(JsonNode document) => System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());

    private static void Set(JsonObject to, string name, FieldKind kind, string? value)
    {
        to.Remove(name);
        if (value is null) return;
        to[name] = kind switch
        {
            FieldKind.Switch => true,
            FieldKind.Number => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new ConsoleException(ManagementErrors.InvalidLocation.Status, ManagementErrors.InvalidLocation.Code, $"'{value}' is no whole number."),
            _ => value,
        };
    }
}

/// <summary>A step of trying a location out.</summary>
public sealed record CheckStepTold(string Name, bool Ok, string Detail, long Milliseconds);

/// <summary>What trying a location out came to.</summary>
public sealed record CheckTold(bool Ok, IReadOnlyList<CheckStepTold> Steps)
{
    /// <summary>As the API tells it.</summary>
    internal static CheckTold Of(ApiAnswer answer)
    {
        var report = answer.Json(Core.Locations.Configured.LocationCheckJson.Default.LocationCheckReport);
        return new(report.Ok, [.. report.Steps.Select(step => new CheckStepTold(step.Step, step.Ok, step.Detail, step.Milliseconds))]);
    }
}
