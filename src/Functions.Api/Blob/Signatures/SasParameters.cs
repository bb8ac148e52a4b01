using System.Globalization;
using System.Net;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob.Signatures;

/// <summary>The parameters of a shared access signature: each at most once, none longer than a bound.</summary>
internal sealed class SasParameters
{
    /// <summary>The oldest version whose signatures are taken.</summary>
    public const string Oldest = "2015-04-05";

    private const int MaxValue = 1024;

    // Overrides of headers, in the order in which they are signed.
    private static readonly (string Parameter, string Header)[] Headers =
    [
        ("rscc", "Cache-Control"), ("rscd", "Content-Disposition"), ("rsce", "Content-Encoding"), ("rscl", "Content-Language"), ("rsct", "Content-Type"),
    ];

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", "yyyy-MM-dd'T'HH:mm:sszzz",
    ];

    private static readonly HashSet<string> Names =
    [
        "sv", "sig", "ss", "srt", "sr", "sp", "st", "se", "si", "sip", "spr", "ses", "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid",
        "skdutid", "sduoid", "sdd", "srh", "srq", .. Headers.Select(header => header.Parameter),
    ];

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    private SasParameters()
    {
    }

    /// <summary>The value of a parameter; empty where it is not there.</summary>
    public string this[string name] => values.GetValueOrDefault(name, "");

    /// <summary>The version of the string to sign.</summary>
    public string Version => this["sv"];

    /// <summary>Headers that the answer of a read gets, by name.</summary>
    public IReadOnlyDictionary<string, string> Overrides => Headers.Where(header => this[header.Parameter].Length > 0).ToDictionary(header => header.Header, header => this[header.Parameter]);

    /// <summary>The values of the overrides as they are signed, the last five lines.</summary>
    public IEnumerable<string> OverrideLines => Headers.Select(header => this[header.Parameter]);

    /// <summary>Reads a query; null where it holds no signature. Throws AuthenticationFailed.</summary>
    public static SasParameters? Read(QueryParameters query)
    {
        if (!query.Has("sig")) return null;
        var sas = new SasParameters();
        foreach (var (name, value) in query.Items)
        {
            if (!Names.Contains(name)) continue;
            if (value.Length > MaxValue) throw BlobFault.Failed($"The parameter {name} is longer than {MaxValue} characters.");
            // Each value is a line of what is signed.
            if (value.AsSpan().ContainsAnyInRange('\0', '\x1f')) throw BlobFault.Failed($"The parameter {name} holds control characters.");
            if (!sas.values.TryAdd(name, value)) throw BlobFault.Failed($"The parameter {name} stands in the URL twice.");
        }
        if (!BlobDialect.IsVersion(sas.Version) || string.CompareOrdinal(sas.Version, Oldest) < 0) throw BlobFault.Failed($"sv is mandatory and must be a version from {Oldest} on.");
        return sas;
    }

    /// <summary>Whether the string to sign is that of a version, or of a later one.</summary>
    public bool IsSince(string version) => string.CompareOrdinal(Version, version) >= 0;

    /// <summary>Checks when, from where and how the signature may be used. Throws the error of what is wrong.</summary>
    /// <param name="request">The request that it came with.</param>
    /// <param name="start">From when on; empty for at once.</param>
    /// <param name="expiry">Until when.</param>
    /// <param name="now">The time.</param>
    public void CheckUse(WireRequest request, DateTimeOffset? start, DateTimeOffset expiry, DateTimeOffset now)
    {
        if (now < start || now >= expiry)
        {
            throw BlobFault.Failed(string.Create(
                CultureInfo.InvariantCulture, $"Signature not valid in the specified time frame: Start [{start:R}] - Expiry [{expiry:R}] - Current [{now:R}]"));
        }
        switch (this["spr"])
        {
            case "" or "https,http" or "http,https":
                break;
            case "https":
                if (!request.IsHttps) throw new S3Exception(BlobErrors.AuthorizationProtocolMismatch);
                break;
            default:
                throw BlobFault.Failed("spr must be https, or https,http.");
        }
        if (this["sip"].Length > 0 && !IsFrom(request.Peer, this["sip"])) throw new S3Exception(BlobErrors.AuthorizationSourceIPMismatch);
    }

    /// <summary>A time of the signature; null where there is none. Throws AuthenticationFailed.</summary>
    public DateTimeOffset? Time(string name) => this[name] is not { Length: > 0 } text ? null
        : DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw BlobFault.Failed($"{name} is no time such as 2026-01-31T12:00:00Z.");

    private static bool IsFrom(IPAddress? peer, string addresses)
    {
        var dash = addresses.IndexOf('-', StringComparison.Ordinal);
        var (first, last) = dash < 0 ? (addresses, addresses) : (addresses[..dash], addresses[(dash + 1)..]);
        if (!IPAddress.TryParse(first, out var from) || !IPAddress.TryParse(last, out var to)) throw BlobFault.Failed("sip must be an address, or two with a dash between them.");
        // Who sends it is not known: then it is not certain that it may.
        if (peer is null) return false;
        if (peer.IsIPv4MappedToIPv6) peer = peer.MapToIPv4();
        return peer.AddressFamily == from.AddressFamily && peer.AddressFamily == to.AddressFamily
            && peer.GetAddressBytes().AsSpan().SequenceCompareTo(from.GetAddressBytes()) >= 0 && peer.GetAddressBytes().AsSpan().SequenceCompareTo(to.GetAddressBytes()) <= 0;
    }
}
