using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Logging;

/// <summary>A request as a line of AWS's server access log.</summary>
/// <remarks>
/// The fields, in order: bucket owner, bucket, time, peer, requester, request id, operation, key, request line, status, error,
/// bytes sent, object size, total and turn-around milliseconds, referer, user agent, version id, host id, signature version,
/// cipher, authentication, host, TLS version, access point, whether an ACL was needed. What is not known is <c>-</c>.
/// </remarks>
internal static class LogLine
{
    private const char Unknown = '-';

    /// <summary>The names of operations whose resource is not simply what they are applied to, or their sub-resource.</summary>
    private static readonly Dictionary<string, string> Irregular = new(StringComparer.Ordinal)
    {
        ["AbortMultipartUpload"] = "REST.DELETE.UPLOAD",
        ["CompleteMultipartUpload"] = "REST.POST.UPLOAD",
        ["CopyObject"] = "REST.COPY.OBJECT",
        ["CreateMultipartUpload"] = "REST.POST.UPLOADS",
        ["DeleteObjects"] = "REST.POST.MULTI_OBJECT_DELETE",
        ["ListMultipartUploads"] = "REST.GET.UPLOADS",
        ["ListObjectVersions"] = "REST.GET.BUCKETVERSIONS",
        ["ListParts"] = "REST.GET.UPLOAD",
        ["UploadPart"] = "REST.PUT.PART",
        ["UploadPartCopy"] = "REST.COPY.PART",
    };

    private static readonly Dictionary<string, string> Names = Operations.All.Select(operation => operation.Spec)
        .ToDictionary(spec => spec.Name, Name, StringComparer.Ordinal);

    /// <summary>The line of a request, with its end.</summary>
    public static string Write(Exchange exchange, Bucket bucket, Reply reply, DateTimeOffset at, TimeSpan took)
    {
        var request = exchange.Request;
        var line = Begin(
            exchange, bucket, at, exchange.Operation is { } operation ? Names.GetValueOrDefault(operation) ?? $"REST.{request.Verb}.{operation}" : null,
            exchange.Address?.Key);
        // The signature of a presigned URL is a secret while it lasts.
        Quote(line, $"{request.Verb} {request.RawPath}{(request.RawQuery.Length > 0 && !request.Query.Has("X-Amz-Signature") && !request.Query.Has("Signature") ? "?" + request.RawQuery : "")} HTTP/1.1");
        Add(line, Number(reply.Status));
        Add(line, reply.Error?.Code);
        Add(line, Number(reply.Body?.Length));
        Add(line, Number(exchange.Address is { Target: Target.Object } && reply.Error is null ? reply.Body?.Length ?? reply.ContentLength ?? request.ContentLength : null));
        Add(line, Number((long)took.TotalMilliseconds));
        Add(line, Number((long)took.TotalMilliseconds));
        Quote(line, request.Headers.Text("Referer"));
        Quote(line, request.Headers.Text("User-Agent"));
        return End(line, exchange, request.Query["versionId"] ?? reply.Headers.FirstOrDefault(header => header.Key == "x-amz-version-id").Value);
    }

    /// <summary>The line of one of the keys that a request deletes, with its end. What is the whole request's is in that one's line.</summary>
    public static string Write(Exchange exchange, Bucket bucket, KeyOutcome key, DateTimeOffset at)
    {
        var line = Begin(exchange, bucket, at, "BATCH.DELETE.OBJECT", key.Key);
        Add(line, null);
        Add(line, Number(key.Error?.Status ?? 204));
        Add(line, key.Error?.Code);
        Add(line, null);
        Add(line, Number(key.Removed is { IsDeleteMarker: false } removed ? removed.Size : null));
        for (var i = 0; i < 4; i++) Add(line, null); // the two times, referer, user agent
        return End(line, exchange, key.VersionId ?? key.Marker?.PublicId);
    }

    private static StringBuilder Begin(Exchange exchange, Bucket bucket, DateTimeOffset at, string? operation, string? key)
    {
        var line = new StringBuilder(512);
        Add(line, bucket.OwnerCanonicalId);
        Add(line, bucket.Name);
        line.Append(CultureInfo.InvariantCulture, $"[{at.UtcDateTime:dd/MMM/yyyy:HH:mm:ss} +0000] ");
        Add(line, exchange.Request.Peer?.ToString());
        Add(line, exchange.Sender?.User?.Arn ?? exchange.Sender?.Account?.CanonicalId);
        Add(line, exchange.RequestId);
        Add(line, operation);
        Add(line, string.IsNullOrEmpty(key) ? null : Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal));
        return line;
    }

    private static string End(StringBuilder line, Exchange exchange, string? versionId)
    {
        Add(line, versionId);
        Add(line, null);
        var (version, kind) = Signature(exchange.Request);
        Add(line, version);
        Add(line, null);
        Add(line, kind);
        Add(line, exchange.Request.Headers.Text("Host"));
        Add(line, null);
        Add(line, null);
        line.Append(Unknown).Append('\n');
        return line.ToString();
    }

    private static string Name(OperationSpec spec)
    {
        if (Irregular.TryGetValue(spec.Name, out var irregular)) return irregular;
        var about = spec.Target == Target.Object ? "OBJECT" : spec.Target == Target.Bucket ? "BUCKET" : "SERVICE";
        if (spec.Query.Count == 0 || spec.Query[0].StartsWith("list-type", StringComparison.Ordinal)) return $"REST.{spec.Verb}.{about}";
        var resource = spec.Query[0].Split('=')[0].Replace('-', '_').ToUpperInvariant();
        return spec.Target == Target.Object && resource == "TAGGING" ? $"REST.{spec.Verb}.OBJECT_TAGGING" : $"REST.{spec.Verb}.{resource}";
    }

    private static (string? Version, string? Kind) Signature(WireRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("AWS4-", StringComparison.Ordinal) ? ("SigV4", "AuthHeader")
            : header.StartsWith("AWS ", StringComparison.Ordinal) ? ("SigV2", "AuthHeader")
            : request.Query.Has("X-Amz-Signature") ? ("SigV4", "QueryString")
            : request.Query.Has("Signature") ? ("SigV2", "QueryString")
            : (null, null);
    }

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static void Add(StringBuilder line, string? field)
    {
        if (string.IsNullOrEmpty(field)) line.Append(Unknown);
        else foreach (var c in field) line.Append(char.IsControl(c) || char.IsWhiteSpace(c) ? '_' : c);
        line.Append(' ');
    }

    /// <summary>What a client wrote: it can end neither the field nor the line.</summary>
    private static void Quote(StringBuilder line, string? field)
    {
        line.Append('"');
        foreach (var c in string.IsNullOrEmpty(field) ? "-" : field)
        {
            if (c == '"') line.Append("%22");
            else line.Append(char.IsControl(c) || char.IsWhiteSpace(c) ? ' ' : c);
        }
        line.Append("\" ");
    }
}
