using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>
/// A request as bytes, signed by SigV4 (rules of AWS's "Signature Calculations for the Authorization Header"); everything
/// that matters is signed, so that any change of it must be refused.
/// </summary>
public static class SignedRequest
{
    private const string Scope = "us-east-1/s3/aws4_request";

    /// <summary>Header signature, the body's hash signed.</summary>
    /// <param name="host">Host header.</param>
    /// <param name="verb">GET, PUT …</param>
    /// <param name="path">Encoded path.</param>
    /// <param name="query">Encoded query, its parameters in order of name.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Further headers, names in lower case; they are signed too.</param>
    public static byte[] Whole(string host, string verb, string path, string query, byte[] body, params (string Name, string Value)[] headers)
    {
        var now = DateTime.UtcNow;
        var head = Head(host, verb, path, query, Hex(SHA256.HashData(body)), body.Length, headers, now, out _);
        return [.. head, .. body];
    }

    /// <summary>STREAMING-AWS4-HMAC-SHA256-PAYLOAD: each chunk signed.</summary>
    public static byte[] Chunked(string host, string path, byte[] body, int chunk)
    {
        var now = DateTime.UtcNow;
        var sizes = Enumerable.Range(0, (body.Length + chunk - 1) / chunk).Select(i => Math.Min(chunk, body.Length - i * chunk)).Append(0).ToArray();
        var length = sizes.Sum(size => size.ToString("x", CultureInfo.InvariantCulture).Length + ";chunk-signature=".Length + 64 + 4 + size);
        var head = Head(
            host, "PUT", path, "", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", length,
            [("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", body.Length.ToString(CultureInfo.InvariantCulture))], now, out var previous);
        var request = new MemoryStream();
        request.Write(head);
        var offset = 0;
        foreach (var size in sizes)
        {
            var bytes = body.AsSpan(offset, size);
            offset += size;
            previous = Hex(HMACSHA256.HashData(Key(now), Encoding.ASCII.GetBytes(
                $"AWS4-HMAC-SHA256-PAYLOAD\n{Stamp(now)}\n{Day(now)}/{Scope}\n{previous}\n{Hex(SHA256.HashData([]))}\n{Hex(SHA256.HashData(bytes))}")));
            request.Write(Encoding.ASCII.GetBytes($"{size:x};chunk-signature={previous}\r\n"));
            request.Write(bytes);
            request.Write("\r\n"u8);
        }
        return request.ToArray();
    }

    private static byte[] Head(
        string host, string verb, string path, string query, string payload, long length, (string Name, string Value)[] more, DateTime now,
        out string signature)
    {
        (string Name, string Value)[] headers =
        [
            .. more, ("host", host), ("content-length", length.ToString(CultureInfo.InvariantCulture)),
            ("x-amz-content-sha256", payload), ("x-amz-date", Stamp(now)),
        ];
        headers = [.. headers.OrderBy(h => h.Name, StringComparer.Ordinal)];
        var signed = string.Join(';', headers.Select(h => h.Name));
        var canonical = $"{verb}\n{path}\n{query}\n{string.Concat(headers.Select(h => $"{h.Name}:{h.Value}\n"))}\n{signed}\n{payload}";
        var toSign = $"AWS4-HMAC-SHA256\n{Stamp(now)}\n{Day(now)}/{Scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        signature = Hex(HMACSHA256.HashData(Key(now), Encoding.ASCII.GetBytes(toSign)));
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{verb} {path}{(query.Length > 0 ? "?" : "")}{query} HTTP/1.1\r\n");
        foreach (var (name, value) in headers) text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"authorization: AWS4-HMAC-SHA256 Credential={ServerProcess.AccessKey}/{Day(now)}/{Scope}, SignedHeaders={signed}, Signature={signature}\r\n\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Key(DateTime now)
    {
        var key = Encoding.ASCII.GetBytes("AWS4" + ServerProcess.SecretKey);
        foreach (var part in (string[])[Day(now), .. Scope.Split('/')]) key = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(part));
        return key;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Day(DateTime now) => now.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Stamp(DateTime now) => now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
