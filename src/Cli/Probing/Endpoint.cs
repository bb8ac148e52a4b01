using System.Net.Security;
using System.Net.Sockets;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>Where requests go to. Connections are raw, for an HTTP library would tidy up the very paths and headers that are to be tried.</summary>
internal sealed class Endpoint(Uri url)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>What clients put into the Host header.</summary>
    public string Authority { get; } = url.Authority;

    /// <summary>Opens a connection.</summary>
    /// <exception cref="IOException">Nobody answers there.</exception>
    public async Task<Stream> Connect(CancellationToken ct)
    {
        var client = new TcpClient { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            await client.ConnectAsync(url.IdnHost, url.Port, limit.Token);
            if (url.Scheme == Uri.UriSchemeHttp) return client.GetStream();
            var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = url.IdnHost }, limit.Token);
            return tls;
        }
        catch (Exception e)
        {
            client.Dispose();
            if (e is OperationCanceledException && !ct.IsCancellationRequested) throw new IOException($"{Authority} did not answer within {Patience.TotalSeconds:0} s.", e);
            if (e is SocketException or System.Security.Authentication.AuthenticationException) throw new IOException(e.Message, e);
            throw;
        }
    }
}
