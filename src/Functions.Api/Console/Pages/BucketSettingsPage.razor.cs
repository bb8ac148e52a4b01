using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.Console.Pages.Settings;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A setting of a bucket, for people.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">How it is.</param>
/// <param name="IsSet">Whether somebody has set it.</param>
public sealed record SettingTold(string Name, string Value, bool IsSet)
{
    /// <summary>Where it is changed, behind the page; null for nowhere.</summary>
    public string? Editor { get; init; }
}

/// <summary>Settings that belong together.</summary>
public sealed record SettingGroup(string Id, string Title, IReadOnlyList<SettingTold> Settings);

/// <summary>What the settings of a bucket show.</summary>
public sealed record BucketSettingsModel(string Bucket, IReadOnlyList<SettingGroup> Groups);

public partial class BucketSettingsPage
{
    private const string Forbidden = "You may not see this";

    private sealed record Setting(string Name, string Query, string Unset, Func<ApiAnswer, string?> Tell)
    {
        public bool IsShownOnly { get; init; }
    }

    private static readonly (string Id, string Title, Setting[] Settings)[] Groups =
    [
        ("place", "Place", [
            new("Location", "location", "Default", answer => answer.Xml().Value is { Length: > 0 } name ? name : null),
            new("Owner", "acl", "", answer => answer.Xml().Child("Owner") is { } owner ? owner.Of("DisplayName") ?? owner.Of("ID") : null) { IsShownOnly = true },
            new("Quota", "quota", "None", Quota),
        ]),
        ("protection", "Protection", [
            new("Versioning", "versioning", "Off", answer => answer.Xml().Of("Status")),
            new("Object lock", "object-lock", "Off", Lock),
            new("Encryption", "encryption", "Off", answer => answer.Xml().All("SSEAlgorithm").FirstOrDefault()?.Value),
        ]),
        ("access", "Access", [
            new("Open to the public", "policyStatus", "No", answer => answer.Xml().Of("IsPublic") == "true" ? "Yes" : null),
            new("Policy", "policy", "None", Policy),
            new("Public access block", "publicAccessBlock", "None", answer => string.Join(", ", answer.Xml().Elements().Where(each => each.Value == "true").Select(each => each.Name.LocalName)) is { Length: > 0 } on ? on : null),
            new("Grants beside the owner’s", "acl", "None", answer => Math.Max(0, answer.Xml().All("Grant").Count() - 1) is > 0 and var more ? Text.Count(more, "grant") : null),
            new("Objects belong to", "ownershipControls", "Their writer", answer => answer.Xml().All("ObjectOwnership").FirstOrDefault()?.Value switch
            {
                "BucketOwnerEnforced" => "The bucket’s owner, always", "BucketOwnerPreferred" => "The bucket’s owner, where the writer agrees", "ObjectWriter" => "Their writer", _ => null,
            }),
            new("CORS", "cors", "None", Rules("CORSRule")),
        ]),
        ("workflows", "Workflows", [
            new("Replication", "replication", "None", Rules("Rule")),
            new("Lifecycle", "lifecycle", "None", Rules("Rule")),
            new("Notifications", "notification", "None", answer => answer.Xml().Elements().Count() is > 0 and var targets ? Text.Count(targets, "target") : null),
        ]),
        ("more", "More", [
            new("Website", "website", "None", answer => answer.Xml().All("Suffix").FirstOrDefault()?.Value is { } index ? $"Served, {index} first" : "Redirects"),
            new("Access log", "logging", "Off", answer => answer.Xml().All("TargetBucket").FirstOrDefault()?.Value is { } to ? $"To {to}" : null),
            new("Who pays", "requestPayment", "The bucket’s owner", answer => answer.Xml().Of("Payer") == "Requester" ? "Whoever asks" : null),
            new("Direct reads", "zenkofn-redirect", "Off", answer => long.TryParse(answer.Xml().Of("MinimumBytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? $"From {Text.Bytes(bytes)} on" : null),
            new("Tags", "tagging", "None", answer => string.Join(", ", answer.Xml().All("Tag").Select(tag => $"{tag.Of("Key")} = {tag.Of("Value")}")) is { Length: > 0 } tags ? tags : null),
        ]),
    ];

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var bucket = call.Path["bucket"];
        var path = ConsoleApi.PathOf(bucket);
        await call.Api.Do("HEAD", path, "", ct);
        var groups = new List<SettingGroup>();
        foreach (var (id, title, settings) in Groups)
        {
            var told = new List<SettingTold>();
            foreach (var setting in settings)
            {
                var answer = await call.Api.Send("GET", path, "?" + setting.Query, ct);
                // What was never set has an error of its own for each setting.
                var value = answer.Code is null ? setting.Tell(answer) : answer.Status == 403 ? Forbidden : answer.Status is 404 or 400 ? null : answer.OrThrow().Code;
                told.Add(new(setting.Name, value ?? setting.Unset, value is not null && value != Forbidden)
                {
                    Editor = setting.IsShownOnly || value == Forbidden ? null : BucketEditors.Of(setting.Query)?.Id,
                });
            }
            groups.Add(new(id, title, told));
        }
        return await call.Page<BucketSettingsPage>(new BucketSettingsModel(bucket, groups));
    }

    private static Func<ApiAnswer, string?> Rules(string element) => answer => answer.Xml().All(element).Count() is > 0 and var rules ? Text.Count(rules, "rule") : null;

    private static string? Quota(ApiAnswer answer) =>
        long.TryParse(answer.Xml().Of("Quota"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? Text.Bytes(bytes) : null;

    private static string? Lock(ApiAnswer answer)
    {
        var rule = answer.Xml().All("DefaultRetention").FirstOrDefault();
        return rule is null ? "On, without a default retention"
            : $"On, {rule.Of("Mode")?.ToLowerInvariant()} for {(rule.Of("Days") is { } days ? days + " days" : rule.Of("Years") + " years")}";
    }

    private static string Policy(ApiAnswer answer)
    {
        using var document = JsonDocument.Parse(answer.Body);
        var statements = document.RootElement.TryGetProperty("Statement", out var found) && found.ValueKind == JsonValueKind.Array ? found.GetArrayLength() : 1;
        return Text.Count(statements, "statement");
    }
}
