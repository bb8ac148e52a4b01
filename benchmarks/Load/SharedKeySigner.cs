using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>Writes the head of a request of Azure's protocol with a fresh SharedKey signature.</summary>
internal sealed class SharedKeySigner(Target target) : ISigner
{
    private const string Version = "2021-12-02";
    private readonly byte[] key = Convert.FromBase64String(target.SecretKey);
    private readonly byte[] toSign = new byte[2048];
    private readonly byte[] signed = new byte[256];
    private readonly byte[] wire = new byte[512];
    private int signedLength, wireLength;
    private long second;

    /// <inheritdoc/>
    public int Write(Span<byte> head, ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, long? length)
    {
        Refresh();
        // What has no parameters is written as a whole.
        var isBlob = query.Length == 0 && method is [(byte)'P', ..];
        var request = new HeadText(toSign);
        request.Add(method);
        request.Add("\n\n\n"u8);
        if (length is > 0 and var bytes) request.Add(bytes);
        request.Add("\n\n\n\n\n\n\n\n\n"u8);
        if (isBlob) request.Add("x-ms-blob-type:BlockBlob\n"u8);
        request.Add(signed.AsSpan(0, signedLength));
        request.Add(path);
        for (var rest = query; rest.Length > 0;)
        {
            var end = rest.IndexOf((byte)'&');
            var pair = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            var equals = pair.IndexOf((byte)'=');
            request.Add("\n"u8);
            request.Add(pair[..equals]);
            request.Add(":"u8);
            request.Add(pair[(equals + 1)..]);
        }
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, request.Written, hash);
        Span<byte> signature = stackalloc byte[44];
        Base64.EncodeToUtf8(hash, signature, out _, out _);

        var text = new HeadText(head);
        text.AddTarget(method, path, query);
        text.Add(wire.AsSpan(0, wireLength));
        text.Add(signature);
        if (isBlob) text.Add("\r\nx-ms-blob-type: BlockBlob"u8);
        text.AddEnd(length);
        return text.Length;
    }

    private void Refresh()
    {
        var now = DateTime.UtcNow;
        if (now.Ticks / TimeSpan.TicksPerSecond == second) return;
        second = now.Ticks / TimeSpan.TicksPerSecond;
        var date = now.ToString("R", CultureInfo.InvariantCulture);
        signedLength = Encoding.UTF8.GetBytes($"x-ms-date:{date}\nx-ms-version:{Version}\n/{target.AccessKey}", signed);
        wireLength = Encoding.UTF8.GetBytes(
            $" HTTP/1.1\r\nHost: {target.Host}\r\nx-ms-date: {date}\r\nx-ms-version: {Version}\r\nAuthorization: SharedKey {target.AccessKey}:", wire);
    }
}
