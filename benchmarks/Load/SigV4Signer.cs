using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>
/// Writes the head of a request with a fresh SigV4 signature over UNSIGNED-PAYLOAD. The
/// date, the scope and the key are made again only when the second, or the day, has changed.
/// </summary>
internal sealed class SigV4Signer(Target target) : ISigner
{
    private const string Region = "us-east-1";
    private readonly byte[] canonicalTail = new byte[256];
    private readonly byte[] canonical = new byte[4096];
    private readonly byte[] toSign = new byte[256];
    private readonly byte[] wire = new byte[512];
    private int canonicalTailLength, toSignLength, wireLength;
    private byte[] key = [];
    private string day = "";
    private long second;

    /// <inheritdoc/>
    public int Write(Span<byte> head, ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, long? length)
    {
        Refresh();
        var request = new HeadText(canonical);
        request.Add(method);
        request.Add("\n"u8);
        request.Add(path);
        request.Add("\n"u8);
        request.Add(query);
        request.Add(canonicalTail.AsSpan(0, canonicalTailLength));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(request.Written, hash);
        Convert.TryToHexStringLower(hash, toSign.AsSpan(toSignLength), out var hex);
        HMACSHA256.HashData(key, toSign.AsSpan(0, toSignLength + hex), hash);
        Span<byte> signature = stackalloc byte[2 * SHA256.HashSizeInBytes];
        Convert.TryToHexStringLower(hash, signature, out _);

        var text = new HeadText(head);
        text.AddTarget(method, path, query);
        text.Add(wire.AsSpan(0, wireLength));
        text.Add(signature);
        text.AddEnd(length);
        return text.Length;
    }

    private void Refresh()
    {
        var now = DateTime.UtcNow;
        if (now.Ticks / TimeSpan.TicksPerSecond == second) return;
        second = now.Ticks / TimeSpan.TicksPerSecond;
        var date = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        if (day != date[..8])
        {
            day = date[..8];
            key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + target.SecretKey), Encoding.UTF8.GetBytes(day));
            foreach (var name in (string[])[Region, "s3", "aws4_request"]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(name));
        }
        var scope = $"{day}/{Region}/s3/aws4_request";
        const string Signed = "host;x-amz-content-sha256;x-amz-date";
        canonicalTailLength = Encoding.UTF8.GetBytes(
            $"\nhost:{target.Host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:{date}\n\n{Signed}\nUNSIGNED-PAYLOAD", canonicalTail);
        toSignLength = Encoding.UTF8.GetBytes($"AWS4-HMAC-SHA256\n{date}\n{scope}\n", toSign);
        wireLength = Encoding.UTF8.GetBytes(
            $" HTTP/1.1\r\nHost: {target.Host}\r\nx-amz-date: {date}\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n"
            + $"Authorization: AWS4-HMAC-SHA256 Credential={target.AccessKey}/{scope}, SignedHeaders={Signed}, Signature=",
            wire);
    }
}
