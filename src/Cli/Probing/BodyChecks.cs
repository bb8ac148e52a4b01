using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>Whether bodies arrive whole, in every form that clients send them, how large they may be, and whether anybody holds them back.</summary>
internal static class BodyChecks
{
    private const int MiB = 1024 * 1024;

    /// <summary>The most that S3 takes in one PUT.</summary>
    private const long Most = 5L * 1024 * MiB;

    private static readonly string Empty = Signer.Hex(SHA256.HashData([]));

    /// <summary>The checks.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        new("body of 0 bytes", (session, ct) => Whole(session, 0, ct)),
        new("body of 1 byte", (session, ct) => Whole(session, 1, ct)),
        new("body of 64 KiB", (session, ct) => Whole(session, 64 * 1024, ct)),
        new("body of 1 MiB + 1", (session, ct) => Whole(session, MiB + 1, ct)),
        new("large body", (session, ct) => Whole(session, session.Options.UploadMiB * MiB, ct)),
        new("largest body", Largest),
        new("early refusal", EarlyRefusal),
        new("100 Continue", Continue),
        new("streamed download", Streamed),
        new("chunks, signed", (session, ct) => Chunked(session, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", false, ct)),
        new("chunks, unsigned with trailer", (session, ct) => Chunked(session, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", false, ct)),
        new("chunks without a length", (session, ct) => Chunked(session, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", true, ct)),
        new("unsigned body", Unsigned),
    ];

    private static async Task<Finding> Whole(Session session, int length, CancellationToken ct)
    {
        var body = Bytes(length);
        var put = await session.Put("body", body, ct);
        if (put.Status != 200) return Finding.Broken(put.Told, $"Bodies of {Size(length)} do not get through.", "Raise the limit of what is in front (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT), or let clients upload in smaller parts.");
        var got = await session.Get("body", ct);
        return got.Status == 200 && got.Length == length && got.Hash == Signer.Hex(SHA256.HashData(body))
            ? Finding.Ok($"{Size(length)} up in {Seconds(put.Total)} and down in {Seconds(got.Total - got.First)}")
            : Finding.Broken($"GET {got.Told}, {got.Length} bytes", "What is read is not what was written.", "Something in front changes bodies: switch off its compression and its filters.");
    }

    /// <summary>Announces lengths and sends little: what is too long is refused by its head.</summary>
    private static async Task<Finding> Largest(Session session, CancellationToken ct)
    {
        async Task<bool> Passes(long length) => (await Announce(session, length, ct)).Status == 0;
        if (await Passes(Most)) return Finding.Ok($"5 GiB, as S3 has it (announced; {session.Options.UploadMiB} MiB were sent)");
        var (passes, fails) = (0L, Most / MiB);
        while (fails - passes > 1)
        {
            var middle = (passes + fails) / 2;
            if (await Passes(middle * MiB)) passes = middle;
            else fails = middle;
        }
        var refusal = await Announce(session, fails * MiB, ct);
        var saw = $"{passes} MiB pass, {fails} MiB get {refusal.Told}";
        return passes < 8
            ? Finding.Broken(saw, "Multipart uploads need parts of 5 MiB, and most clients send 8 MiB: large objects cannot be uploaded.", "Raise the limit of what is in front.")
            : Finding.Limited(saw, $"Larger objects must come in parts of at most {passes} MiB.", $"Tell users to set their clients' part size and multipart threshold to {Math.Min(passes, 64)} MiB or less; or raise FUNCTIONS_REQUEST_BODY_SIZE_LIMIT, if the platform keeps to it.");
    }

    private static Task<Answer> Announce(Session session, long length, CancellationToken ct) => session.Send(
        new("PUT", session.At("announced")) { Payload = Signer.Unsigned, Announced = length, Body = Bytes(16 * 1024), Patience = session.Options.RefusalPatience }, ct);

    private static async Task<Finding> EarlyRefusal(Session session, CancellationToken ct)
    {
        var refused = await session.Send(
            new("PUT", session.At("forged")) { IsForged = true, Payload = Signer.Unsigned, Announced = 64 * MiB, Body = Bytes(64 * 1024), Patience = session.Options.RefusalPatience * 2 }, ct);
        return refused.Status switch
        {
            403 => Finding.Ok($"a bad signature is refused in {refused.First.TotalMilliseconds:0} ms, before its body"),
            0 => Finding.Limited("no answer before the body was sent", "Requests are held back until their bodies are complete: uploads take longer, and a refusal comes late.", "If request buffering can be switched off in front, do so."),
            _ => Finding.Broken(refused.Told, "A bad signature is not answered as such.", "Find out who answers, and let requests through."),
        };
    }

    private static async Task<Finding> Continue(Session session, CancellationToken ct)
    {
        var patience = session.Options.RefusalPatience;
        var forged = await session.Send(new("PUT", session.At("forged")) { IsForged = true, Payload = Signer.Unsigned, Announced = MiB, Expects = true, Patience = patience }, ct);
        var good = await session.Send(new("PUT", session.At("expected")) { Payload = Signer.Unsigned, Announced = MiB, Expects = true, Patience = patience }, ct);
        return (forged.Status, good.Status) switch
        {
            (403, 100) => Finding.Ok("asked for and given, and refused where it must be"),
            (100, _) => Finding.Limited("given by something in front", "Clients that ask before they send (boto3, the aws CLI) send bodies that are then refused.", "Nothing needs to be done; it costs traffic only."),
            (_, 0) => Finding.Limited("asked for and never given", "Clients that ask before they send wait a second or so for each upload, and send then.", "Nothing needs to be done; clients can be told not to ask."),
            _ => Finding.Broken($"{forged.Told} and {good.Told}", "Clients that ask before they send fail.", "What is in front must let the header Expect pass, or remove it."),
        };
    }

    private static async Task<Finding> Streamed(Session session, CancellationToken ct)
    {
        // A busy server may let one of them wait; what holds answers back does it every time.
        string? saw = null;
        for (var tries = 0; tries < 3; tries++)
        {
            var got = await session.Get("body", ct);
            if (got.Status != 200) return Finding.Broken(got.Told, "What was uploaded cannot be read.", "See the check of bodies.");
            saw = $"first byte after {Seconds(got.First)} of {Seconds(got.Total)}";
            // Where the transfer takes no time worth the name, nobody can have waited for its end.
            if (got.Total < TimeSpan.FromSeconds(1) || got.First < got.Total / 2) return Finding.Ok(saw);
        }
        return Finding.Limited(saw!, "Answers seem to be held back until they are complete: large downloads begin late.", "Switch off response buffering in front.");
    }

    private static async Task<Finding> Unsigned(Session session, CancellationToken ct)
    {
        var put = await session.Send(new("PUT", session.At("unsigned")) { Payload = Signer.Unsigned, Body = Bytes(1000) }, ct);
        return put.Status == 200 ? Finding.Ok("200") : Finding.Broken(put.Told, "Clients that sign no bodies (over HTTPS most) fail.", "Something in front removes or changes x-amz-content-sha256.");
    }

    private static async Task<Finding> Chunked(Session session, string payload, bool withoutLength, CancellationToken ct)
    {
        var body = Bytes(200_000);
        var isSigned = payload[10] == 'A';
        List<(string, string)> headers = [("Content-Encoding", "aws-chunked"), ("x-amz-decoded-content-length", body.Length.ToString(CultureInfo.InvariantCulture))];
        if (!isSigned) headers.Add(("x-amz-trailer", "x-amz-checksum-sha256"));
        var put = await session.Send(
            new("PUT", session.At("chunked")) { Payload = payload, Headers = headers, IsChunked = withoutLength, MakeBody = signed => isSigned ? Signed(body, signed) : Trailed(body) }, ct);
        if (put.Status != 200)
        {
            return Finding.Broken(
                put.Told, $"Clients that stream (the AWS SDKs, by default) fail with {payload}{(withoutLength ? " and no Content-Length" : "")}.",
                "Something in front changes bodies, or removes Content-Encoding or Transfer-Encoding. On Functions host.json must say enableProxyingHttpRequest.");
        }
        var got = await session.Get("chunked", ct);
        return got.Hash == Signer.Hex(SHA256.HashData(body)) && got["content-encoding"] is null
            ? Finding.Ok("200, and the same bytes")
            : Finding.Broken($"{got.Told}, {got.Length} bytes, Content-Encoding {got["content-encoding"] ?? "none"}", "Chunked uploads are stored with their framing.", "Something in front hides Content-Encoding or x-amz-content-sha256.");
    }

    private static byte[] Signed(byte[] body, Signed head)
    {
        var (framed, previous) = (new MemoryStream(), head.Signature);
        foreach (var chunk in body.Chunk(64 * 1024).Append([]))
        {
            previous = Signer.Mac(head.Key, $"AWS4-HMAC-SHA256-PAYLOAD\n{head.Date}\n{head.Scope}\n{previous}\n{Empty}\n{Signer.Hex(SHA256.HashData(chunk))}");
            framed.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x};chunk-signature={previous}\r\n"));
            framed.Write(chunk);
            framed.Write("\r\n"u8);
        }
        return framed.ToArray();
    }

    private static byte[] Trailed(byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. Encoding.ASCII.GetBytes($"\r\n0\r\nx-amz-checksum-sha256:{Convert.ToBase64String(SHA256.HashData(body))}\r\n\r\n")];

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static string Size(int length) => length >= MiB && length % MiB == 0 ? $"{length / MiB} MiB" : $"{length} bytes";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);
}
