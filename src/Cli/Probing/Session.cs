using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>What all checks of a run share: the endpoint, who signs, and the bucket that the run has for itself.</summary>
internal sealed class Session(Endpoint endpoint, Signer signer, ProbeOptions options, TimeProvider clock)
{
    /// <summary>What the run was told.</summary>
    public ProbeOptions Options => options;

    /// <summary>The local time.</summary>
    public TimeProvider Clock => clock;

    /// <summary>What clients put into the Host header.</summary>
    public string Authority => endpoint.Authority;

    /// <summary>Signs.</summary>
    public Signer Signer => signer;

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; } = $"zenkofn-probe-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    /// <summary>The bucket's path.</summary>
    public string Root => "/" + Bucket;

    /// <summary>The path of a key, encoded as the signature's canonical form is.</summary>
    public string At(string key) => $"{Root}/{Encode(key)}";

    /// <summary>Sends a call.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    public async Task<Answer> Send(Call call, CancellationToken ct)
    {
        var (headers, signed) = call.IsAnonymous ? ([], null) : signer.Sign(call, Authority);
        var body = signed is not null && call.MakeBody is { } make ? make(signed) : call.Body;
        using var wire = new Wire(await endpoint.Connect(ct));
        return await wire.Exchange(call, Authority, headers, body, ct);
    }

    /// <summary>Puts an object.</summary>
    public Task<Answer> Put(string key, ReadOnlyMemory<byte> body, CancellationToken ct, params (string Name, string Value)[] headers) =>
        Send(new("PUT", At(key)) { Body = body, Headers = headers }, ct);

    /// <summary>Gets an object.</summary>
    public Task<Answer> Get(string key, CancellationToken ct, params (string Name, string Value)[] headers) =>
        Send(new("GET", At(key)) { Headers = headers }, ct);

    /// <summary>Sends a document to the bucket, such as its policy.</summary>
    public Task<Answer> Set(string verb, string query, string document, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetBytes(document);
#pragma warning disable CA5351 // Content-MD5 is MD5.
        var md5 = Convert.ToBase64String(MD5.HashData(body));
#pragma warning restore CA5351
        return Send(new(verb, Root) { Query = query, Body = body, Headers = [("Content-MD5", md5)] }, ct);
    }

    /// <summary>The keys in the bucket that begin so.</summary>
    public async Task<IReadOnlyList<string>> List(string prefix, CancellationToken ct)
    {
        var answer = await Send(new("GET", Root) { Query = $"list-type=2&prefix={Encode(prefix, slashes: true)}" }, ct);
        if (answer.Status != 200) throw new IOException($"The bucket could not be listed: {answer.Told}.");
        using var reader = XmlReader.Create(new StringReader(answer.Text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        return [.. XDocument.Load(reader).Descendants().Where(e => e.Name.LocalName == "Key").Select(e => e.Value)];
    }

    /// <summary>Asks again until the answer is good, or so many seconds are over: settings of buckets are cached that long.</summary>
    public async Task<Answer> Until(Call call, Func<Answer, bool> good, CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            var answer = await Send(call, ct);
            if (good(answer) || !answer.IsGateways || clock.GetElapsedTime(start) > options.CachePatience) return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, ct);
        }
    }

    /// <summary>Makes the bucket. Null, or why it could not.</summary>
    public async Task<Answer?> Open(CancellationToken ct) => await Send(new("PUT", Root), ct) is { Status: not 200 } refused ? refused : null;

    /// <summary>Removes the bucket with all in it. Null, or what went wrong.</summary>
    public async Task<string?> Close(CancellationToken ct)
    {
        while (await List("", ct) is { Count: > 0 } keys)
        {
            var document = new XDocument(new XElement("Delete", new XElement("Quiet", "true"), keys.Select(key => new XElement("Object", new XElement("Key", key)))));
            var deleted = await Set("POST", "delete=", document.ToString(SaveOptions.DisableFormatting), ct);
            if (deleted.Status != 200 || deleted.Text.Contains("<Error>", StringComparison.Ordinal)) return deleted.Told;
        }
        var removed = await Send(new("DELETE", Root), ct);
        return removed.Status == 204 ? null : removed.Told;
    }

    /// <summary>Percent-encodes all but unreserved characters, and slashes unless told.</summary>
    public static string Encode(string text, bool slashes = false)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (b == '/' && !slashes)) encoded.Append((char)b);
            else encoded.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return encoded.ToString();
    }
}

/// <summary>What a run is told.</summary>
internal sealed record ProbeOptions
{
    /// <summary>MiB of the body that is really sent and read back.</summary>
    public int UploadMiB { get; init; } = 32;

    /// <summary>How long a change of a bucket's settings may take to be seen.</summary>
    public TimeSpan CachePatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a refusal of what is announced is waited for.</summary>
    public TimeSpan RefusalPatience { get; init; } = TimeSpan.FromSeconds(3);
}
