using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>A signature, and what those of chunks and forms go on from.</summary>
internal sealed record Signed(string Signature, string Date, string Scope, byte[] Key);

/// <summary>Signs by version 4 (AWS, "Signature Calculations for the Authorization Header").</summary>
internal sealed class Signer(string accessKey, string secretKey, string? token, string region, TimeProvider clock)
{
    public const string Unsigned = "UNSIGNED-PAYLOAD";

    /// <summary>The headers to send with a call, Authorization among them.</summary>
    public (List<(string Name, string Value)> Headers, Signed Signed) Sign(Call call, string host)
    {
        var (date, scope, key) = Today(call.Service);
        var payload = call.Payload ?? Hex(SHA256.HashData(call.Body.Span));
        List<(string Name, string Value)> added = [("x-amz-date", date), ("x-amz-content-sha256", payload)];
        if (token is not null) added.Add(("x-amz-security-token", token));
        var signed = call.Headers.Concat(added).Append(("host", call.SignedHost ?? host))
            .Select(h => (Name: h.Item1.ToLowerInvariant(), Value: h.Item2.Trim()))
            .Where(h => h.Name == "host" || (h.Name == "content-md5" && !call.IsMd5Unsigned) || h.Name.StartsWith("x-amz-", StringComparison.Ordinal))
            .GroupBy(h => h.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Value: string.Join(',', g.Select(h => h.Value)))).ToList();
        var names = string.Join(';', signed.Select(h => h.Name));
        var canonical = $"{call.Verb}\n{call.SignedPath ?? call.Path}\n{Canonical(call.Query)}\n{string.Concat(signed.Select(h => $"{h.Name}:{h.Value}\n"))}\n{names}\n{payload}";
        var signature = Mac(key, $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}");
        var sent = call.IsForged ? new string('0', signature.Length) : signature;
        added.Add(("Authorization", $"AWS4-HMAC-SHA256 Credential={accessKey}/{scope}, SignedHeaders={names}, Signature={sent}"));
        return (added, new(signature, date, scope, key));
    }

    /// <summary>The fields of a browser's form whose policy this is; the policy must hold them as conditions.</summary>
    public IReadOnlyList<(string Name, string Value)> Form(Func<IReadOnlyList<(string Name, string Value)>, string> policy)
    {
        var (date, scope, key) = Today("s3");
        List<(string, string)> fields = [("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-credential", $"{accessKey}/{scope}"), ("x-amz-date", date)];
        if (token is not null) fields.Add(("x-amz-security-token", token));
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy(fields)));
        return [.. fields, ("policy", encoded), ("x-amz-signature", Mac(key, encoded))];
    }

    /// <summary>The lower-case hex of an HMAC-SHA256.</summary>
    public static string Mac(byte[] key, string text) => Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    /// <summary>Lower-case hex.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    // In order of name, each with '='; what is sent may be in another order.
    private static string Canonical(string query) => query.Length == 0 ? "" : string.Join(
        '&', query.Split('&').Select(each => each.Contains('=', StringComparison.Ordinal) ? each : each + "=").Order(StringComparer.Ordinal));

    private (string Date, string Scope, byte[] Key) Today(string service)
    {
        var date = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        string[] parts = [date[..8], region, service, "aws4_request"];
        foreach (var part in parts) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return (date, string.Join('/', parts), key);
    }
}
