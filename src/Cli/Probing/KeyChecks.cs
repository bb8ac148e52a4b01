using System.Text;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>Whether keys arrive as they were sent, under a signature, and are stored under their own names.</summary>
internal static class KeyChecks
{
    private const string Undo = "Clients cannot work round this. Set ZENKOFN_PUBLIC_HOSTS and try the platform's own host name; if that fares no better, what is in front must not decode or encode paths.";

    /// <summary>A key, and how it goes over the wire: the path behind the bucket, where that is not the canonical form.</summary>
    private sealed record Case(string Label, string Key, string? Sent = null, bool IsRare = false, string? SignedAs = null);

    private static readonly Case[] Cases =
    [
        new("a b", "a b"),
        new("a+b", "a+b"),
        new("a%2Fb", "a%2Fb"),
        new("a/b sent as a%2Fb", "a/b", "a%2Fb"),
        new("é", "é"),
        new("日本/🙂", "日本/🙂"),
        new("a//b", "a//b"),
        new("a/", "a/"),
        new("a//", "a//"),
        new("(x)!'*", "(x)!'*"),
        new("(x)!'* sent as it is", "(y)!'*", "(y)!'*", SignedAs: "%28y%29%21%27%2A"),
        new("a:b@c,d;e=f&g$h", "a:b@c,d;e=f&g$h"),
        new("a?b", "a?b"),
        new("a#b", "a#b"),
        new("%", "%"),
        new("%25", "%25"),
        new("a\\b", "a\\b"),
        new("a\"<>^`{|}~[]", "a\"<>^`{|}~[]"),
        new("percent in lower case", "é/small", "%c3%a9/small", IsRare: true),
        new("a/./b", "a/./b", IsRare: true),
        new("a/../b", "a/../b", IsRare: true),
        new("1,024 bytes", new string('k', 1024)),
        new("1,024 bytes, all encoded", string.Concat(Enumerable.Repeat("é", 512))),
    ];

    /// <summary>The checks, one a key.</summary>
    public static IEnumerable<Check> All => Cases.Select(one => new Check($"key {one.Label}", (session, ct) => Try(session, one, ct)));

    private static async Task<Finding> Try(Session session, Case one, CancellationToken ct)
    {
        var path = $"{session.Root}/{one.Sent ?? Session.Encode(one.Key)}";
        var signed = one.SignedAs is null ? null : $"{session.Root}/{one.SignedAs}";
        var body = Encoding.UTF8.GetBytes(one.Key);
        var put = await session.Send(new("PUT", path) { Body = body, SignedPath = signed }, ct);
        if (put.Status != 200)
        {
            var means = put.Text.Contains("SignatureDoesNotMatch", StringComparison.Ordinal)
                ? "The path is changed on its way so that the signature does not hold: clients get 403 for such keys."
                : "Objects of such names cannot be made through this endpoint.";
            return Wrong(one, put.Told, means);
        }
        var stored = await session.List(one.Key.Length > 8 ? one.Key[..4] : "", ct);
        if (!stored.Contains(one.Key)) return Finding.Broken("200, but under another name", "Such keys are stored under other names: two keys can overwrite each other.", Undo);
        var got = await session.Send(new("GET", path) { SignedPath = signed }, ct);
        if (got.Status != 200 || got.Text != one.Key) return Wrong(one, $"PUT 200, GET {got.Told}", "Such objects can be written and not read.");
        var deleted = await session.Send(new("DELETE", path) { SignedPath = signed }, ct);
        return deleted.Status == 204 ? Finding.Ok("put, listed, read, deleted") : Wrong(one, $"DELETE {deleted.Told}", "Such objects cannot be deleted by a request of their own (DeleteObjects can).");
    }

    private static Finding Wrong(Case one, string saw, string means) => one.IsRare
        ? Finding.Limited(saw, means, "Few clients ever send that. Tell users to avoid it.")
        : Finding.Broken(saw, means, Undo);
}
