using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Notifications;

/// <summary>Events as AWS writes them.</summary>
internal static class EventJson
{
    /// <summary>The version of the form.</summary>
    private const string Version = "2.1";

    /// <summary>A document with one record.</summary>
    public static ReadOnlyMemory<byte> Write(ObjectEvent happened, string region)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("Records");
        json.WriteStartObject();
        json.WriteString("eventVersion", Version);
        json.WriteString("eventSource", "aws:s3");
        json.WriteString("awsRegion", region);
        json.WriteString("eventTime", Time(happened.At));
        json.WriteString("eventName", happened.Name["s3:".Length..]);
        Nested(json, "userIdentity", "principalId", happened.PrincipalId ?? happened.OwnerCanonicalId);
        Nested(json, "requestParameters", "sourceIPAddress", happened.Address ?? "");
        Nested(json, "responseElements", "x-amz-request-id", happened.RequestId ?? "", "x-amz-id-2", happened.RequestId ?? "");
        json.WriteStartObject("s3");
        json.WriteString("s3SchemaVersion", "1.0");
        json.WriteString("configurationId", happened.Rule);
        json.WriteStartObject("bucket");
        json.WriteString("name", happened.Bucket);
        Nested(json, "ownerIdentity", "principalId", happened.OwnerCanonicalId);
        json.WriteString("arn", "arn:aws:s3:::" + happened.Bucket);
        json.WriteEndObject();
        WriteObject(json, happened);
        json.WriteEndObject();
        if (happened.FailedCopy is { } failed) WriteFailure(json, happened, failed);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>What a destination gets when it is configured.</summary>
    public static string Test(string bucket, string requestId, DateTimeOffset at)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("Service", "Amazon S3");
        json.WriteString("Event", "s3:TestEvent");
        json.WriteString("Time", Time(at));
        json.WriteString("Bucket", bucket);
        json.WriteString("RequestId", requestId);
        json.WriteString("HostId", requestId);
        json.WriteEndObject();
        json.Flush();
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteObject(Utf8JsonWriter json, ObjectEvent happened)
    {
        json.WriteStartObject("object");
        // As a form's value, but for the slashes.
        json.WriteString("key", WebUtility.UrlEncode(happened.Key).Replace("%2F", "/", StringComparison.Ordinal));
        if (happened.Size is { } size) json.WriteNumber("size", size);
        if (happened.ETag is { } etag) json.WriteString("eTag", etag);
        if (happened.VersionId is { } version) json.WriteString("versionId", version);
        json.WriteString("sequencer", happened.Order.ToString("X16", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void WriteFailure(Utf8JsonWriter json, ObjectEvent happened, FailedCopy failed)
    {
        json.WriteStartObject("replicationEventData");
        json.WriteString("replicationRuleId", failed.Rule ?? "");
        json.WriteString("destinationBucket", failed.Site);
        json.WriteString("s3Operation", happened.ETag is { Length: > 0 } ? "OBJECT_PUT" : "DELETE_MARKER_CREATE");
        json.WriteString("requestTime", Time(failed.Since));
        json.WriteString("failureReason", failed.Reason);
        json.WriteEndObject();
    }

    private static void Nested(Utf8JsonWriter json, string name, params ReadOnlySpan<string> pairs)
    {
        json.WriteStartObject(name);
        for (var i = 0; i < pairs.Length; i += 2) json.WriteString(pairs[i], pairs[i + 1]);
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
