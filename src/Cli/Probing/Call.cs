namespace ZenkoFunctions.Cli.Probing;

/// <summary>A request, as odd as need be.</summary>
/// <param name="Verb">GET, PUT …</param>
/// <param name="Path">The path as it goes over the wire; nobody encodes or tidies it.</param>
internal sealed record Call(string Verb, string Path)
{
    /// <summary>The service that it is signed for.</summary>
    public string Service { get; init; } = "s3";

    /// <summary>The query as it goes over the wire, encoded; it is signed in the canonical order, whatever the order here.</summary>
    public string Query { get; init; } = "";

    /// <summary>Further headers. Those that begin with x-amz- or content-md5 are signed.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The bytes that are sent.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Makes the body, where it depends on the signature of the head.</summary>
    public Func<Signed, byte[]>? MakeBody { get; init; }

    /// <summary>The Content-Length, where it is another than the body's.</summary>
    public long? Announced { get; init; }

    /// <summary>x-amz-content-sha256, where it is not the hash of the body.</summary>
    public string? Payload { get; init; }

    /// <summary>The path that is signed, where it is another one.</summary>
    public string? SignedPath { get; init; }

    /// <summary>The host that is signed, where it is another one.</summary>
    public string? SignedHost { get; init; }

    /// <summary>Whether nobody signs it.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Whether the signature is spoilt.</summary>
    public bool IsForged { get; init; }

    /// <summary>Whether Content-MD5 is left out of what is signed.</summary>
    public bool IsMd5Unsigned { get; init; }

    /// <summary>Whether the body goes in HTTP's chunks instead of having a length.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Whether "100 Continue" is asked for; the body is not sent then.</summary>
    public bool Expects { get; init; }

    /// <summary>How long an answer is waited for behind the body; none in that time is an answer too.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(120);
}

/// <summary>An answer.</summary>
/// <param name="Status">100 where one was asked for and came; 0 where nothing came in time.</param>
/// <param name="Headers">In the order of the wire.</param>
/// <param name="Body">Its first MiB.</param>
/// <param name="Length">All bytes of it.</param>
/// <param name="Hash">The SHA-256 of them, in hex.</param>
/// <param name="First">When its head came.</param>
/// <param name="Total">When it ended.</param>
internal sealed record Answer(
    int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, long Length, string Hash, TimeSpan First, TimeSpan Total)
{
    /// <summary>A header's value; null where there is none.</summary>
    public string? this[string name] => Headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Whether the gateway wrote it, and not something in front.</summary>
    public bool IsGateways => this["x-amz-request-id"] is not null;

    /// <summary>The body as text.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    /// <summary>The status, the error's code, and whose it is.</summary>
    public string Told
    {
        get
        {
            if (Status == 0) return "no answer";
            var code = Text.IndexOf("<Code>", StringComparison.Ordinal) is >= 0 and var at && Text.IndexOf("</Code>", at, StringComparison.Ordinal) is > 0 and var end
                ? " " + Text[(at + 6)..end]
                : "";
            return $"{Status}{code}{(IsGateways ? "" : " from in front of the gateway")}";
        }
    }
}
