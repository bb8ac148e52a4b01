using System.Net;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>
/// Who may watch without a signature, which Prometheus cannot make: who has the token, and programs on this machine, as with Zenko.
/// </summary>
/// <param name="token">The token; null where there is none.</param>
internal sealed class Monitors(string? token)
{
    private const string Bearer = "Bearer ";

    // Set by what stands in front: whoever sent the request is elsewhere then.
    private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    private readonly byte[]? expected = token is null ? null : Encoding.UTF8.GetBytes(token);

    /// <summary>
    /// Whether one of them sent a request: false where it has another token than theirs, null where it says nothing of the kind. One that
    /// says who sends it is judged by that alone.
    /// </summary>
    public bool? Sent(Exchange exchange)
    {
        var request = exchange.Request;
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return expected is not null && CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(authorization[Bearer.Length..].Trim()));
        // Behind the Functions host, everybody seems to be on this machine.
        if (exchange.Readings is not null || request.Peer is not { } peer || !IPAddress.IsLoopback(peer)) return null;
        if (authorization.Length > 0 || request.RawQuery.Length > 0 || Forwarding.Any(request.Headers.ContainsKey)) return null;
        return IsThisMachine(request.Headers.Host.ToString()) ? true : null;
    }

    // A page of another host whose name was made to lead here asks for that name.
    private static bool IsThisMachine(string host) => Uri.TryCreate("http://" + host, UriKind.Absolute, out var uri) && uri.IsLoopback;
}
