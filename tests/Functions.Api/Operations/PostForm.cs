using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>A browser's form: what pages put together before they send it.</summary>
internal sealed class PostForm
{
    private const string Boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

    /// <summary>Fields in their order; <c>file</c> is added last.</summary>
    public List<(string Name, string Value)> Fields { get; init; } = [];

    public byte[] File { get; set; } = "bar"u8.ToArray();

    public string? FileName { get; set; } = "file.bin";

    /// <summary>Sent behind the file.</summary>
    public string After { get; set; } = "";

    public string ContentType { get; set; } = $"multipart/form-data; boundary={Boundary}";

    public PostForm With(string name, string value)
    {
        Fields.Add((name, value));
        return this;
    }

    /// <summary>A policy that holds for ten minutes, with these conditions (JSON, commas between).</summary>
    public static string Policy(string conditions, int seconds = 600) =>
        $$"""{"expiration": "{{DateTime.UtcNow.AddSeconds(seconds):yyyy-MM-ddTHH:mm:ss.fffZ}}", "conditions": [{{conditions}}]}""";

    /// <summary>Conditions that allow exactly the fields there are.</summary>
    public string ExactConditions(string bucket, string key) => string.Join(", ",
        Fields.Where(f => f.Name != "key").Append(("key", key)).Append(("bucket", bucket))
            .Select(f => $"{{{JsonSerializer.Serialize(f.Item1)}: {JsonSerializer.Serialize(f.Item2)}}}"));

    public PostForm SignV2(AccessKey key, string policy)
    {
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy));
#pragma warning disable CA5350 // version 2 is defined with it
        var signature = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(key.Secret), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
        return With("AWSAccessKeyId", key.Id).With("policy", text).With("signature", signature);
    }

    /// <summary>Adds the fields of version 4; the conditions get those that need one.</summary>
    public PostForm SignV4(AccessKey key, string conditions, int seconds = 600, string region = "us-east-1")
    {
        var stamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var credential = $"{key.Id}/{stamp[..8]}/{region}/s3/aws4_request";
        With("x-amz-algorithm", "AWS4-HMAC-SHA256").With("x-amz-credential", credential).With("x-amz-date", stamp);
        var policy = Policy(
            $$"""{{conditions}}, {"x-amz-algorithm": "AWS4-HMAC-SHA256"}, {"x-amz-credential": "{{credential}}"}, {"x-amz-date": "{{stamp}}"}""", seconds);
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(policy));
        var mac = Encoding.UTF8.GetBytes("AWS4" + key.Secret);
        foreach (var step in new[] { stamp[..8], region, "s3", "aws4_request", text }) mac = HMACSHA256.HashData(mac, Encoding.UTF8.GetBytes(step));
        return With("policy", text).With("x-amz-signature", Convert.ToHexStringLower(mac));
    }

    public byte[] Bytes()
    {
        var head = new StringBuilder();
        foreach (var (name, value) in Fields)
            head.Append(CultureInfo.InvariantCulture, $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        if (FileName is not null)
            head.Append(CultureInfo.InvariantCulture, $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{FileName}\"\r\nContent-Type: text/html\r\n\r\n");
        var tail = FileName is null ? $"--{Boundary}--\r\n" : $"\r\n{After}--{Boundary}--\r\n";
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. FileName is null ? [] : File, .. Encoding.UTF8.GetBytes(tail)];
    }

    /// <summary>A further part, to be sent behind the file.</summary>
    public static string Part(string name, string value) =>
        $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";
}
