using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Ingestion;

namespace ZenkoFunctions.Api.Management;

/// <summary>Takes what the source of a mirror tells of changes, in the forms of S3's notifications and of Azure's.</summary>
internal static class SourceNotifications
{
    /// <summary>Behind the container, in the subject of Azure's events.</summary>
    private const string Blobs = "/blobs/";

    public static async ValueTask<Reply> Take(ManagementCall call, CancellationToken ct)
    {
        var name = call.Path["bucket"];
        var account = call.Caller.Account!;
        // Whose bucket it is not is told no more than that there is none.
        if (await call.Installation.Buckets.Find(name, ct) is not { } bucket || (bucket.OwnerId != account.Id && !await call.Installation.Accounts.IsRoot(account, ct)))
            return Reply.Refused(S3Errors.NoSuchBucket);
        var changes = new HashSet<SourceChange>();
        if (Read(call.Body, changes) is { } code) return Reply.Json(SourceNotificationJson.Default.EventGridValidation, new(code));
        if (changes.Count > SourceEvents.Most) throw new S3Exception(ManagementErrors.MalformedBody, $"A message may tell of {SourceEvents.Most} keys.");
        var taken = await call.Installation.SourceEvents.Take(bucket, changes, ct);
        return taken.Refusal is { } refusal
            ? Reply.Refused(refusal is Refusal.InvalidRequest ? S3Errors.InvalidRequest : S3Errors.ServiceUnavailable, taken.Detail)
            : Reply.Json(SourceNotificationJson.Default.SourceNotificationTaken, new(changes.Count, taken.Value));
    }

    /// <summary>What a message tells of; or the code by which Event Grid knows that somebody is there.</summary>
    private static string? Read(ReadOnlyMemory<byte> body, HashSet<SourceChange> changes)
    {
        try
        {
            using var message = JsonDocument.Parse(body);
            if (message.RootElement.ValueKind != JsonValueKind.Array)
            {
                Read(message.RootElement, changes, isWrapped: false);
                return null;
            }
            foreach (var each in message.RootElement.EnumerateArray())
            {
                if (Text(each, "eventType") == "Microsoft.EventGrid.SubscriptionValidationEvent") return Text(each, "data", "validationCode") ?? throw Unknown();
                if (!ReadGrid(each, changes)) throw Unknown();
            }
            return null;
        }
        catch (JsonException e)
        {
            throw new S3Exception(ManagementErrors.MalformedBody, $"The body is no JSON: {e.Message}");
        }
    }

    private static void Read(JsonElement message, HashSet<SourceChange> changes, bool isWrapped)
    {
        if (message.ValueKind != JsonValueKind.Object) throw Unknown();
        if (message.TryGetProperty("Records", out var records) && records.ValueKind == JsonValueKind.Array)
        {
            foreach (var record in records.EnumerateArray())
            {
                var told = Text(record, "s3", "object", "key") ?? throw Unknown();
                var (version, isOfTags) = (Version(Text(record, "s3", "object", "versionId")), Text(record, "eventName")?.Contains("ObjectTagging:", StringComparison.Ordinal) == true);
                changes.Add(new(WebUtility.UrlDecode(told), version, isOfTags)); // as forms encode it
                // Ceph 16 tells keys as they are. A key too many does no harm.
                if (Text(record, "eventSource")?.StartsWith("ceph:", StringComparison.Ordinal) == true) changes.Add(new(told, version, isOfTags));
            }
        }
        else if (Text(message, "detail", "object", "key") is { } key)
        {
            // EventBridge
            changes.Add(new(key, Version(Text(message, "detail", "object", "version-id")), Text(message, "detail-type")?.StartsWith("Object Tags ", StringComparison.Ordinal) == true));
        }
        else if (!isWrapped && Text(message, "Message") is { } inner && Text(message, "Type") == "Notification")
        {
            using var wrapped = JsonDocument.Parse(inner); // SNS
            Read(wrapped.RootElement, changes, isWrapped: true);
        }
        else if (!ReadGrid(message, changes) && Text(message, "Event") != "s3:TestEvent")
        {
            throw Text(message, "SubscribeURL") is { } url
                ? new S3Exception(ManagementErrors.MalformedBody, $"A subscription is confirmed by whoever made it: open {url}")
                : Unknown();
        }
    }

    /// <summary>An event of Azure, in Event Grid's own form or as a CloudEvent.</summary>
    private static bool ReadGrid(JsonElement message, HashSet<SourceChange> changes)
    {
        if ((Text(message, "eventType") ?? Text(message, "type"))?.StartsWith("Microsoft.Storage.Blob", StringComparison.Ordinal) != true) return false;
        if (Text(message, "subject") is not { } subject || subject.IndexOf(Blobs, StringComparison.Ordinal) is not (>= 0 and var at)) throw Unknown();
        changes.Add(new(subject[(at + Blobs.Length)..], null, false));
        // The address of the blob says the same without a doubt about what is encoded.
        if (Text(message, "data", "url") is { } url && Uri.TryCreate(url, UriKind.Absolute, out var address)
            && Uri.UnescapeDataString(address.AbsolutePath).Split('/', 3) is [_, _, { Length: > 0 } key]) changes.Add(new(key, null, false));
        return true;
    }

    // What has none is told without, or as an empty one.
    private static string? Version(string? told) => string.IsNullOrEmpty(told) ? null : told;

    private static string? Text(JsonElement from, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out from)) return null;
        return from.ValueKind == JsonValueKind.String ? from.GetString() : null;
    }

    private static S3Exception Unknown() =>
        new(ManagementErrors.MalformedBody, "The body must be an event of S3 ({\"Records\":[{\"s3\":{\"object\":{\"key\":…}}}]}), as it is or wrapped by SNS, one of EventBridge, or of Azure's Event Grid.");
}

/// <summary>What became of a message.</summary>
/// <param name="Keys">How many changes of keys it told of.</param>
/// <param name="Changed">How many of them were different here; null where the source is paused, and they are looked at later.</param>
public sealed record SourceNotificationTaken(int Keys, int? Changed);

/// <summary>What Event Grid wants to read before it tells anything.</summary>
/// <param name="ValidationResponse">The code that it sent.</param>
public sealed record EventGridValidation(string ValidationResponse);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SourceNotificationTaken))]
[JsonSerializable(typeof(EventGridValidation))]
internal sealed partial class SourceNotificationJson : JsonSerializerContext;
