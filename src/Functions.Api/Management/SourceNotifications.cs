using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Ingestion;

namespace ZenkoFunctions.Api.Management;

/// <summary>Takes what the source of a mirror tells of changes, in the forms of S3's notifications.</summary>
internal static class SourceNotifications
{
    public static async ValueTask<Reply> Take(ManagementCall call, CancellationToken ct)
    {
        var name = call.Path["bucket"];
        var account = call.Caller.Account!;
        // Whose bucket it is not is told no more than that there is none.
        if (await call.Installation.Buckets.Find(name, ct) is not { } bucket || (bucket.OwnerId != account.Id && !await call.Installation.Accounts.IsRoot(account, ct)))
            return Reply.Refused(S3Errors.NoSuchBucket);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        Read(call.Body, keys);
        if (keys.Count > SourceEvents.MostKeys) throw new S3Exception(ManagementErrors.MalformedBody, $"A message may tell of {SourceEvents.MostKeys} keys.");
        var taken = await call.Installation.SourceEvents.Take(bucket, keys, ct);
        return taken.Refusal is { } refusal
            ? Reply.Refused(refusal is Refusal.InvalidRequest ? S3Errors.InvalidRequest : S3Errors.ServiceUnavailable, taken.Detail)
            : Reply.Json(SourceNotificationJson.Default.SourceNotificationTaken, new(keys.Count, taken.Value));
    }

    /// <summary>The keys that a message tells of.</summary>
    private static void Read(ReadOnlyMemory<byte> body, HashSet<string> keys)
    {
        try
        {
            using var message = JsonDocument.Parse(body);
            Read(message.RootElement, keys, isWrapped: false);
        }
        catch (JsonException e)
        {
            throw new S3Exception(ManagementErrors.MalformedBody, $"The body is no JSON: {e.Message}");
        }
    }

    private static void Read(JsonElement message, HashSet<string> keys, bool isWrapped)
    {
        if (message.ValueKind != JsonValueKind.Object) throw Unknown();
        if (message.TryGetProperty("Records", out var records) && records.ValueKind == JsonValueKind.Array)
        {
            foreach (var record in records.EnumerateArray())
                keys.Add(WebUtility.UrlDecode(Text(record, "s3", "object", "key") ?? throw Unknown())); // as forms encode it
        }
        else if (Text(message, "detail", "object", "key") is { } key)
        {
            keys.Add(key); // EventBridge
        }
        else if (!isWrapped && Text(message, "Message") is { } inner && Text(message, "Type") == "Notification")
        {
            using var wrapped = JsonDocument.Parse(inner); // SNS
            Read(wrapped.RootElement, keys, isWrapped: true);
        }
        else if (Text(message, "Event") != "s3:TestEvent")
        {
            throw Text(message, "SubscribeURL") is { } url
                ? new S3Exception(ManagementErrors.MalformedBody, $"A subscription is confirmed by whoever made it: open {url}")
                : Unknown();
        }
    }

    private static string? Text(JsonElement from, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out from)) return null;
        return from.ValueKind == JsonValueKind.String ? from.GetString() : null;
    }

    private static S3Exception Unknown() =>
        new(ManagementErrors.MalformedBody, "The body must be an event of S3 ({\"Records\":[{\"s3\":{\"object\":{\"key\":…}}}]}), as it is or wrapped by SNS, or one of EventBridge.");
}

/// <summary>What became of a message.</summary>
/// <param name="Keys">How many keys it told of.</param>
/// <param name="Changed">How many of them were different here; null where the source is paused, and they are looked at later.</param>
public sealed record SourceNotificationTaken(int Keys, int? Changed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SourceNotificationTaken))]
internal sealed partial class SourceNotificationJson : JsonSerializerContext;
