using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>Whether headers come through, both ways, and what is answered to them.</summary>
internal static class HeaderChecks
{
    private static readonly byte[] Text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("The same words again and again. ", 1000)));

    private static readonly (string Name, string Value)[] Kept =
    [
        ("Content-Type", "text/plain; charset=utf-8"), ("Content-Encoding", "identity-of-the-probe"), ("Content-Language", "de"), ("Cache-Control", "max-age=7, no-transform"),
        ("Content-Disposition", "attachment; filename=\"a b.txt\""), ("Expires", "Wed, 21 Oct 2037 07:28:00 GMT"), ("x-amz-meta-colour", "blue and green"),
    ];

    /// <summary>The checks.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        new("headers kept", KeptBothWays),
        new("Content-MD5", Md5),
        new("headers sent twice", Twice),
        new("metadata that is not ASCII", NotAscii),
        new("HEAD", Head),
        new("range", (session, ct) => Range(session, "bytes=10-19", "bytes 10-19/32000", 10, ct)),
        new("range from the end", (session, ct) => Range(session, "bytes=-5", "bytes 31995-31999/32000", 5, ct)),
        new("conditions", Conditions),
        new("no compression on the way", Compression),
        new("clock", Clock),
    ];

    private static async Task<Finding> KeptBothWays(Session session, CancellationToken ct)
    {
        var put = await session.Put("headers", Text, ct, Kept);
        if (put.Status != 200) return Finding.Broken(put.Told, "Objects with ordinary headers cannot be stored.", "See who answers, and what it wants.");
        var got = await session.Get("headers", ct);
        var lost = Kept.Where(h => got[h.Name] != h.Value).Select(h => h.Name).ToList();
        foreach (var name in new[] { "ETag", "Last-Modified", "Accept-Ranges", "Content-Length" })
            if (got[name] is null) lost.Add(name);
        return lost.Count == 0
            ? Finding.Ok($"{Kept.Length + 4} of them came back")
            : Finding.Broken($"lost or changed: {string.Join(", ", lost)}", "What clients store beside their objects, or need to know of them, gets lost.", "Let what is in front pass these headers, in both directions.");
    }

    private static async Task<Finding> Md5(Session session, CancellationToken ct)
    {
        // Not signed, as clients that sign little have it: a platform that removes it would go unnoticed otherwise.
        Task<Answer> Put(string md5) => session.Send(
            new("PUT", session.At("md5")) { Payload = Signer.Unsigned, Body = Text, IsMd5Unsigned = true, Headers = [("Content-MD5", md5)] }, ct);
#pragma warning disable CA5351 // Content-MD5 is MD5.
        var right = await Put(Convert.ToBase64String(MD5.HashData(Text)));
        var wrong = await Put(Convert.ToBase64String(MD5.HashData("other"u8)));
#pragma warning restore CA5351
        return (right.Status, wrong.Status) switch
        {
            (200, 400) => Finding.Ok("the right one is taken, the wrong one refused"),
            (200, 200) => Finding.Broken("a wrong one is not noticed", "Content-MD5 does not arrive: bodies that were damaged on their way are stored.", "Let what is in front pass Content-MD5. On Functions host.json must say enableProxyingHttpRequest."),
            _ => Finding.Broken($"{right.Told} and {wrong.Told}", "Uploads with Content-MD5 fail.", "See who answers, and what it wants."),
        };
    }

    private static async Task<Finding> Twice(Session session, CancellationToken ct)
    {
        var put = await session.Put("twice", Text, ct, ("x-amz-meta-list", "one"), ("x-amz-meta-list", "two"));
        if (put.Status != 200) return Finding.Limited(put.Told, "Two lines of one header are merged in a way that breaks signatures.", "Few clients send a signed header twice; those that do must send one line.");
        var got = await session.Send(new("HEAD", session.At("twice")), ct);
        return got["x-amz-meta-list"]?.Replace(" ", "", StringComparison.Ordinal) == "one,two"
            ? Finding.Ok($"merged to \"{got["x-amz-meta-list"]}\"")
            : Finding.Limited($"came back as \"{got["x-amz-meta-list"]}\"", "Of two lines of one header, one is lost.", "Few clients send a header twice; those that do must send one line.");
    }

    private static async Task<Finding> NotAscii(Session session, CancellationToken ct)
    {
        var put = await session.Put("umlaut", Text, ct, ("x-amz-meta-town", "Zürich"));
        if (put.Status != 200) return Finding.Limited(put.Told, "Metadata in plain UTF-8 is refused on its way.", "Most SDKs encode it (RFC 2047) or refuse it themselves; users of others must encode it.");
        var got = await session.Send(new("HEAD", session.At("umlaut")), ct);
        return got["x-amz-meta-town"] is "Zürich" || got["x-amz-meta-town"]?.StartsWith("=?UTF-8?", StringComparison.OrdinalIgnoreCase) == true
            ? Finding.Ok($"came back as {got["x-amz-meta-town"]}")
            : Finding.Limited($"came back as {got["x-amz-meta-town"] ?? "nothing"}", "Metadata in plain UTF-8 is damaged on its way.", "Users must encode it (RFC 2047), as most SDKs do.");
    }

    private static async Task<Finding> Head(Session session, CancellationToken ct)
    {
        var answer = await session.Send(new("HEAD", session.At("headers")), ct);
        return answer is { Status: 200 } && answer["content-length"] == "32000" && answer["etag"] is not null
            ? Finding.Ok("with the length and the ETag")
            : Finding.Broken($"{answer.Told}, Content-Length {answer["content-length"] ?? "none"}", "Clients learn neither whether an object exists nor how large it is; syncs copy everything.", "Let HEAD requests through, and their answers' Content-Length.");
    }

    private static async Task<Finding> Range(Session session, string range, string expected, int length, CancellationToken ct)
    {
        var got = await session.Get("headers", ct, ("Range", range));
        return got.Status == 206 && got["content-range"] == expected && got.Length == length
            ? Finding.Ok("206")
            : Finding.Broken($"{got.Told}, Content-Range {got["content-range"] ?? "none"}, {got.Length} bytes", "Parts of objects cannot be read: no parallel or resumed downloads.", "Let Range through, and switch off caches in front that change it.");
    }

    private static async Task<Finding> Conditions(Session session, CancellationToken ct)
    {
        var tag = (await session.Send(new("HEAD", session.At("headers")), ct))["etag"] ?? "\"none\"";
        var same = await session.Get("headers", ct, ("If-None-Match", tag));
        var other = await session.Get("headers", ct, ("If-Match", "\"00000000000000000000000000000000\""));
        var create = await session.Put("headers", Text, ct, ("If-None-Match", "*"));
        return (same.Status, other.Status, create.Status) is (304, 412, 412)
            ? Finding.Ok("304 and 412")
            : Finding.Broken($"{same.Told}, {other.Told}, {create.Told}", "Conditional requests do not hold: what is to be made once can be overwritten.", "Let If-Match and If-None-Match through, and ETags back.");
    }

    private static async Task<Finding> Compression(Session session, CancellationToken ct)
    {
        var got = await session.Get("headers", ct, ("Accept-Encoding", "gzip, br"));
        return got.Length == Text.Length && got["content-length"] == "32000"
            ? Finding.Ok("bytes as they are")
            : Finding.Broken($"{got.Length} bytes, Content-Encoding {got["content-encoding"]}", "Answers are compressed on their way: lengths, ETags and ranges do not fit the bytes.", "Switch off compression in front.");
    }

    private static async Task<Finding> Clock(Session session, CancellationToken ct)
    {
        var before = session.Clock.GetUtcNow();
        var answer = await session.Send(new("HEAD", session.Root), ct);
        if (!DateTimeOffset.TryParse(answer["date"], System.Globalization.CultureInfo.InvariantCulture, out var date))
            return Finding.Limited("no Date in the answer", "Clients cannot correct their clocks.", "Let the header Date through.");
        var skew = date - before;
        var saw = $"{Math.Abs(skew.TotalSeconds):0} s apart";
        return Math.Abs(skew.TotalMinutes) switch
        {
            < 1 => Finding.Ok(saw),
            < 14 => Finding.Limited(saw, "Signatures are taken up to 15 minutes off; little of that is left.", "Set this machine's clock by NTP; if it is right, the platform's is wrong."),
            _ => Finding.Broken(saw, "Every signature is refused (RequestTimeTooSkewed).", "Set this machine's clock by NTP; if it is right, the platform's is wrong."),
        };
    }
}
