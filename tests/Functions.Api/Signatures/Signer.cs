using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>The forms of payload that version 4 knows.</summary>
public enum PayloadForm
{
    Unsigned,
    Hashed,
    SignedChunks,
    SignedChunksAndTrailer,
    UnsignedChunksAndTrailer,
}

/// <summary>
/// Signs requests as clients do: version 4 with every form of payload, presigned URLs, version 2. Written from AWS's
/// description alone and not from the verifier, so that each checks the other.
/// </summary>
public sealed class Signer(string keyId, string secret, string region, DateTimeOffset time)
{
    private const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    public string Region { get; set; } = region;
    public string Service { get; set; } = "s3";
    public string Terminator { get; set; } = "aws4_request";
    public DateTimeOffset Time { get; set; } = time;
    public int ChunkSize { get; set; } = 8192;

    /// <summary>Sent behind the body in the forms that have trailers.</summary>
    public List<(string Name, string Value)> Trailers { get; } = [];

    /// <summary>Headers that are left out of the signature.</summary>
    public HashSet<string> Leave { get; } = new(StringComparer.OrdinalIgnoreCase) { "User-Agent", "Authorization" };

    private string Stamp => Time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private string Scope => $"{Stamp[..8]}/{Region}/{Service}/{Terminator}";

    /// <summary>Signs in the Authorization header and frames the body.</summary>
    public SignedRequest Sign(SignedRequest request, PayloadForm form = PayloadForm.Hashed)
    {
        var payload = request.Body;
        var chunked = form is not (PayloadForm.Unsigned or PayloadForm.Hashed);
        var hash = form switch
        {
            PayloadForm.Unsigned => "UNSIGNED-PAYLOAD",
            PayloadForm.Hashed => Hex(SHA256.HashData(payload)),
            PayloadForm.SignedChunks => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            PayloadForm.SignedChunksAndTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            _ => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        };
        request.With("x-amz-content-sha256", hash);
        if (!request.Headers.ContainsKey("Date")) request.With("x-amz-date", Stamp);
        if (chunked)
        {
            if (!request.Headers.ContainsKey("Content-Encoding")) request.With("Content-Encoding", "aws-chunked");
            request.With("x-amz-decoded-content-length", payload.Length.ToString(CultureInfo.InvariantCulture));
            if (form != PayloadForm.SignedChunks && Trailers.Count > 0)
                request.With("x-amz-trailer", string.Join(',', Trailers.Select(t => t.Name)));
        }
        var names = SignedNames(request);
        var signature = Signature(CanonicalRequest(request, names, hash));
        request.With("Authorization",
            $"AWS4-HMAC-SHA256 Credential={keyId}/{Scope}, SignedHeaders={string.Join(';', names)}, Signature={signature}");
        if (chunked) request.Body = Frame(payload, form, signature);
        return request;
    }

    /// <summary>Signs in the query; the headers that the request has are signed with it.</summary>
    public SignedRequest Presign(SignedRequest request, int seconds)
    {
        var names = SignedNames(request);
        var parameters = $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Encode($"{keyId}/{Scope}")}&X-Amz-Date={Stamp}"
            + $"&X-Amz-Expires={seconds}&X-Amz-SignedHeaders={Encode(string.Join(';', names))}";
        request.Query = request.Query.Length == 0 ? parameters : $"{request.Query}&{parameters}";
        var hash = request.Headers.TryGetValue("x-amz-content-sha256", out var announced) && !Leave.Contains("x-amz-content-sha256")
            ? announced.ToString() : "UNSIGNED-PAYLOAD";
        request.Query += "&X-Amz-Signature=" + Signature(CanonicalRequest(request, names, hash));
        return request;
    }

    /// <summary>Signs with version 2 in the Authorization header.</summary>
    public SignedRequest SignV2(SignedRequest request, string? hostBucket = null)
    {
        if (!request.Headers.ContainsKey("Date") && !request.Headers.ContainsKey("x-amz-date"))
            request.With("Date", Time.UtcDateTime.ToString("R", CultureInfo.InvariantCulture));
        var date = request.Headers.ContainsKey("x-amz-date") ? "" : request.Headers["Date"].ToString();
        return request.With("Authorization", $"AWS {keyId}:{V2(request, date, hostBucket)}");
    }

    /// <summary>Signs with version 2 in the query.</summary>
    public SignedRequest PresignV2(SignedRequest request, int seconds, string? hostBucket = null)
    {
        var expires = Time.AddSeconds(seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = V2(request, expires, hostBucket);
        request.Query += (request.Query.Length == 0 ? "" : "&") + $"AWSAccessKeyId={keyId}&Expires={expires}&Signature={Encode(signature)}";
        return request;
    }

    private string[] SignedNames(SignedRequest request) =>
        [.. request.Headers.Keys.Where(name => !Leave.Contains(name)).Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal)];

    private static string CanonicalRequest(SignedRequest request, string[] names, string hash)
    {
        var query = request.Query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => (Name: Recode(pair[0]), Value: pair.Length > 1 ? Recode(pair[1]) : ""))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}");
        var headers = names.Select(name =>
            $"{name}:{string.Join(',', request.Headers[name].Select(value => string.Join(' ', value!.Split(' ', StringSplitOptions.RemoveEmptyEntries))))}\n");
        return $"{request.Verb}\n{request.Path}\n{string.Join('&', query)}\n{string.Concat(headers)}\n{string.Join(';', names)}\n{hash}";
    }

    private string Signature(string canonicalRequest) =>
        Hex(Mac(Key(), $"AWS4-HMAC-SHA256\n{Stamp}\n{Scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}"));

    private byte[] Key() => Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes("AWS4" + secret), Stamp[..8]), Region), Service), Terminator);

    private byte[] Frame(byte[] payload, PayloadForm form, string seed)
    {
        var body = new MemoryStream();
        var previous = seed;
        var signed = form != PayloadForm.UnsignedChunksAndTrailer;
        foreach (var chunk in payload.Chunk(ChunkSize).Append([]))
        {
            var extension = "";
            if (signed)
            {
                previous = Hex(Mac(Key(), $"AWS4-HMAC-SHA256-PAYLOAD\n{Stamp}\n{Scope}\n{previous}\n{Empty}\n{Hex(SHA256.HashData(chunk))}"));
                extension = $";chunk-signature={previous}";
            }
            Write($"{chunk.Length:x}{extension}\r\n");
            body.Write(chunk);
            if (chunk.Length > 0) Write("\r\n");
        }
        if (form != PayloadForm.SignedChunks)
        {
            foreach (var (name, value) in Trailers) Write($"{name}:{value}\r\n");
            if (signed)
            {
                var lines = string.Concat(Trailers.Select(t => $"{t.Name}:{t.Value}\n"));
                var hash = Hex(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
                Write($"x-amz-trailer-signature:{Hex(Mac(Key(), $"AWS4-HMAC-SHA256-TRAILER\n{Stamp}\n{Scope}\n{previous}\n{hash}"))}\r\n");
            }
        }
        Write("\r\n");
        return body.ToArray();

        void Write(string text) => body.Write(Encoding.ASCII.GetBytes(text));
    }

    private string V2(SignedRequest request, string date, string? hostBucket)
    {
        string[] covered =
        [
            "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "requestPayment",
            "restore", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
        ];
        var amz = request.Headers.Keys.Where(name => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            .Select(name => $"{name.ToLowerInvariant()}:{request.Headers[name]}\n").Order(StringComparer.Ordinal);
        var sub = request.Query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => covered.Contains(pair.Split('=')[0]) || pair.StartsWith("response-", StringComparison.Ordinal))
            .Select(Uri.UnescapeDataString).Order(StringComparer.Ordinal).ToArray();
        var resource = (hostBucket is null ? "" : "/" + hostBucket) + request.Path + (sub.Length == 0 ? "" : "?" + string.Join('&', sub));
        var text = $"{request.Verb}\n{request.Headers["Content-MD5"]}\n{request.Headers["Content-Type"]}\n{date}\n{string.Concat(amz)}{resource}";
#pragma warning disable CA5350 // version 2 is defined with it
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    private static string Recode(string raw) => Encode(Uri.UnescapeDataString(raw.Replace('+', ' ')));

    // EscapeDataString leaves exactly A-Z a-z 0-9 - . _ ~ as they are.
    private static string Encode(string text) => Uri.EscapeDataString(text);

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
