using System.Net;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api;

/// <summary>
/// The way of a request through the Functions host, which replaces its Host header, merges header lines, and encodes an
/// encoded slash once more; what the client really sent is not known then. A signature tells: it is verified over a bounded
/// list of readings, and the one that matches is what the client sent.
/// </summary>
/// <param name="publicHosts">Hosts that clients may have signed for besides the one that the platform tells.</param>
/// <param name="clientAddressHeader">The header that says where the client is; null where none is to be believed.</param>
/// <param name="bodyLimit">Bytes of the largest body that comes through.</param>
/// <param name="clientCertificateHeader">The header that tells the certificate which a client has shown; null where none is to be believed.</param>
public sealed class HostHop(IReadOnlyList<string> publicHosts, string? clientAddressHeader, long bodyLimit, string? clientCertificateHeader = null)
{
    private const int MaxHosts = 8;
    private const string EncodedPercentSlash = "%252F";
    private const string OriginalUrl = "X-WAWS-Unencoded-URL";

    // What the platform adds under a protocol's own prefix: no client signed it.
    private static readonly string[] Injected =
    [
        "x-ms-invocation-id", "x-ms-coldstart", "x-ms-arm-request-tracking-id", "x-ms-via-extensions-route", "x-ms-client-authorization-source",
    ];

    private static readonly string[] InjectedPrefixes = ["x-ms-client-principal", "x-ms-token-"];

    /// <summary>Bytes of the largest body that comes through.</summary>
    public long BodyLimit => bodyLimit;

    /// <summary>What the client may have sent, the likeliest first. All share one body.</summary>
    public IEnumerable<WireRequest> Readings(WireRequest arrived)
    {
        var headers = arrived.Headers;
        var likeliest = arrived with
        {
            InvocationId = headers["X-Azure-Functions-InvocationId"].ToString(),
            IsHttps = headers["X-Forwarded-Proto"] == "https",
            Peer = clientAddressHeader is null ? null : AddressIn(headers[clientAddressHeader].ToString()),
            ClientCertificate = clientCertificateHeader is null ? null : CertificateIn(headers[clientCertificateHeader].ToString()),
        };
        foreach (var path in Paths(arrived))
        {
            foreach (var host in Hosts(headers))
            {
                var own = new HeaderDictionary(headers.Count);
                foreach (var (name, value) in headers)
                    if (!IsInjected(name)) own[name] = value;
                own["Host"] = host;
                yield return likeliest with { RawPath = path, Headers = own };
            }
        }
    }

    private List<string> Hosts(IHeaderDictionary headers)
    {
        var hosts = new List<string>();
        string[] told = [headers["X-Forwarded-Host"].ToString(), headers["DISGUISED-HOST"].ToString(), .. publicHosts, headers.Host.ToString()];
        foreach (var host in told.Where(host => host.Length > 0))
        {
            // Some clients sign the port that their URL does not show.
            string[] forms = host.EndsWith(":443", StringComparison.Ordinal) ? [host, host[..^4]]
                : host.EndsWith(":80", StringComparison.Ordinal) ? [host, host[..^3]]
                : host.Contains(':', StringComparison.Ordinal) ? [host] : [host, host + ":443", host + ":80"];
            foreach (var form in forms)
                if (hosts.Count < MaxHosts && !hosts.Contains(form)) hosts.Add(form);
        }
        return hosts;
    }

    private static string[] Paths(WireRequest arrived)
    {
        var path = arrived.RawPath;
        if (arrived.Headers[OriginalUrl].ToString() is { Length: > 0 } original)
        {
            var query = original.IndexOf('?', StringComparison.Ordinal);
            var sent = query < 0 ? original : original[..query];
            if (sent.StartsWith('/') && Arrives(sent) == Arrives(path)) return [sent];
        }
        if (!path.Contains(EncodedPercentSlash, StringComparison.OrdinalIgnoreCase)) return [path];
        var slashes = path.Replace(EncodedPercentSlash, "%2F", StringComparison.OrdinalIgnoreCase);
        // Where no signature decides, a slash that a client encoded is far likelier than a percent sign in a name.
        return IsSigned(arrived) ? [path, slashes] : [slashes];
    }

    private static bool IsSigned(WireRequest request) =>
        request.Headers.Authorization is [{ } authorization] && !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || request.Query.Has("X-Amz-Signature") || request.Query.Has("Signature");

    /// <summary>What is left of a path when the host has decoded it, taken dots for directories, and we decode once more.</summary>
    private static string Arrives(string path)
    {
        var segments = new List<string>();
        foreach (var segment in Uri.UnescapeDataString(Uri.UnescapeDataString(path)).Split('/'))
        {
            if (segment == "..")
            {
                if (segments.Count > 1) segments.RemoveAt(segments.Count - 1);
            }
            else if (segment != ".")
            {
                segments.Add(segment);
            }
        }
        return string.Join('/', segments);
    }

    private static ClientCertificate? CertificateIn(string value) => value.Length == 0 ? null : ClientCertificate.OfHeader(value);

    private static IPAddress? AddressIn(string value) =>
        IPEndPoint.TryParse(value, out var endPoint) ? endPoint.Address : null;

    private static bool IsInjected(string name) =>
        Array.Exists(Injected, injected => name.Equals(injected, StringComparison.OrdinalIgnoreCase))
        || Array.Exists(InjectedPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
