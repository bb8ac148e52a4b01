using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>
/// Takes valid requests of every kind and alters them at random, by a seed that failures name. None may pass with another
/// meaning, fail with anything but an error of the protocol, or hang.
/// </summary>
public sealed class MutationTests
{
    private const int OpenUrl = 5, Version2 = 6, Version2Url = 7, Kinds = 9;

    // Signed hash, signed chunks with and without trailer, and a URL that covers the hash.
    private static readonly int[] Covered = [1, 2, 3, 8];

    private static readonly string[] Words =
    [
        "%2F", "%", "%00", "+", "/", "//", "..", "&", "=", ";", ",", " ", "\r\n", "\n", "0", "0\r\n\r\n", "ffffffff", "é", "x-amz-", "uploads",
        "acl", "X-Amz-Signature=", "Signature=", "host", "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "chunk-signature=", "\0", "-1", "20130524T000000Z",
    ];

    private static readonly string[] HeaderNames =
    [
        "x-amz-date", "Date", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "Authorization", "Host", "Content-Type",
        "x-amz-meta-a", "x-amz-acl", "x-amz-security-token", "x-amz-copy-source", "Content-MD5",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_altered_request_passes(int seed)
    {
        var gate = await Gate.Open();
        var random = new Random(seed);
        var (passed, refused) = (0, 0);
        for (var i = 0; i < 2000; i++)
        {
            var kind = random.Next(Kinds);
            var original = Make(gate, kind);
            var meaning = await Meaning(gate, original, kind, 0);
            Assert.NotNull(meaning);
            var altered = original.Copy();
            for (var times = random.Next(1, 3); times > 0; times--) Alter(altered, random);
            var what = $"seed {seed}, round {i}, kind {kind}: {altered.Verb} {altered.Path}?{altered.Query}\n{string.Join('\n', altered.Headers)}\n{Encoding.Latin1.GetString(altered.Body)}";
            Deed? got;
            try
            {
                got = await Meaning(gate, altered, kind, random.Next(0, 50)).WaitAsync(TimeSpan.FromMinutes(2));
            }
            catch (Exception other)
            {
                Assert.Fail($"{other}\n{what}");
                throw;
            }
            if (got is null) refused++;
            else
            {
                passed++;
                Assert.True(got == meaning, $"Passed as\n{got}\ninstead of\n{meaning}\n{what}");
            }
        }
        Assert.True(refused > 1000 && passed > 0, $"{passed} passed, {refused} refused: the mutations are too tame or too wild.");
    }

    /// <summary>What the server would act on.</summary>
    private sealed record Deed(string Target, string SubResources, string Query, string Host, string Headers, string Payload);

    /// <summary>What the server would act on, if it lets the request pass as its key's; null where it refuses it.</summary>
    private static async Task<Deed?> Meaning(Gate gate, SignedRequest request, int kind, int segment)
    {
        try
        {
            var sender = await gate.Authenticator.Verify(segment == 0 ? request.ToWire() : request.ToWire(segment), null, default);
            var payload = await Gate.ReadAll(sender.Body);
            // Nobody may send anything; it is the policy that refuses it.
            if (sender.Principal.IsAnonymous) return null;
            var items = QueryParameters.Parse(request.Query).Items
                .Where(item => !item.Key.StartsWith("X-Amz-", StringComparison.Ordinal) && item.Key is not ("Signature" or "Expires" or "AWSAccessKeyId"))
                .Select(item => (item.Key, Text: $"{item.Key}={item.Value}")).OrderBy(item => item.Text, StringComparer.Ordinal).ToArray();
            var headers = request.Headers
                .Where(header => header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) || header.Key == "Content-Type")
                // A presigned URL that leaves the body open leaves its framing open.
                .Where(header => kind != OpenUrl || header.Key != "x-amz-content-sha256")
                .Select(header => $"{header.Key.ToLowerInvariant()}:{Folded(header.Value.ToString())}").Order(StringComparer.Ordinal);
            var deed = new Deed($"{request.Verb} {Uri.UnescapeDataString(request.Path)}",
                string.Join('&', items.Where(item => item.Key is "partNumber" or "uploadId" or "uploads" or "acl").Select(item => item.Text)),
                string.Join('&', items.Select(item => item.Text)), Folded(request.Headers["Host"].ToString()), string.Join('\n', headers),
                $"{Convert.ToHexString(payload)} {sender.Trailer("x-amz-checksum-crc32")}");
            // What the kind of signature does not cover is not compared.
            if (kind is Version2 or Version2Url) deed = deed with { Query = "", Host = "" };
            return Covered.Contains(kind) ? deed : deed with { Payload = "" };
        }
        catch (S3Exception)
        {
            return null;
        }
    }

    private static string Folded(string value) => string.Join(' ', value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static SignedRequest Make(Gate gate, int kind)
    {
        var signer = gate.Signer();
        signer.ChunkSize = 20;
        signer.Trailers.Add(("x-amz-checksum-crc32", "AAAAAA=="));
        var request = new SignedRequest
        {
            Verb = "PUT", Path = "/bucket/some%20key", Query = "partNumber=1&uploadId=abc&x=%2Fy", Body = Encoding.ASCII.GetBytes("The quick brown fox jumps over the lazy dog."),
        }.With("Content-Type", "text/plain").With("x-amz-meta-a", "value");
        return kind switch
        {
            0 => signer.Sign(request, PayloadForm.Unsigned),
            1 => signer.Sign(request, PayloadForm.Hashed),
            2 => signer.Sign(request, PayloadForm.SignedChunks),
            3 => signer.Sign(request, PayloadForm.SignedChunksAndTrailer),
            4 => signer.Sign(request, PayloadForm.UnsignedChunksAndTrailer),
            OpenUrl => signer.Presign(request, 600),
            Version2 => signer.SignV2(request),
            Version2Url => signer.PresignV2(request, 600),
            _ => signer.Presign(request.With("x-amz-content-sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(request.Body))), 600),
        };
    }

    private static void Alter(SignedRequest request, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                request.Path = "/" + Alter(request.Path[1..], random);
                break;
            case 1:
                request.Query = Alter(request.Query, random);
                break;
            case 2:
                var names = random.Next(2) == 0 ? [.. request.Headers.Keys] : HeaderNames;
                var name = names[random.Next(names.Length)];
                var value = Alter(request.Headers[name].ToString(), random);
                if (random.Next(4) == 0) request.Headers.Remove(name);
                else if (random.Next(4) == 0) request.Headers[name] = new([request.Headers[name].ToString(), value]);
                else request.Headers[name] = value;
                break;
            case 3:
                request.Body = Encoding.Latin1.GetBytes(Alter(Encoding.Latin1.GetString(request.Body), random));
                break;
            default:
                string[] verbs = ["GET", "PUT", "DELETE", "POST", "HEAD"];
                request.Verb = verbs[random.Next(verbs.Length)];
                break;
        }
    }

    private static string Alter(string text, Random random)
    {
        var at = random.Next(text.Length + 1);
        var end = Math.Min(text.Length, at + random.Next(1, 30));
        return random.Next(7) switch
        {
            0 => text[..at] + text[end..],
            1 => text[..at] + text[at..end] + text[at..],
            2 => text[..at] + Words[random.Next(Words.Length)] + text[at..],
            3 when at < text.Length => text[..at] + (char)(text[at] ^ (1 << random.Next(7))) + text[(at + 1)..],
            4 => text[..at],
            5 => text[end..] + text[..end],
            _ => text.ToUpperInvariant(),
        };
    }
}
