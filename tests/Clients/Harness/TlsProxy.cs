using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Ends TLS in front of a server, as a proxy on the same machine does: some clients send keys of SSE-C no other way.</summary>
public sealed class TlsProxy : IAsyncDisposable
{
    private readonly Uri behind;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly X509Certificate2 certificate = SelfSigned();
    private readonly Task loop;

    /// <param name="endpoint">The server's http://host:port.</param>
    public TlsProxy(string endpoint)
    {
        behind = new(endpoint);
        listener.Start();
        loop = Accept();
    }

    /// <summary>https://127.0.0.1:port; its certificate is nobody's.</summary>
    public string Endpoint => $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await loop;
        certificate.Dispose();
        stopping.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Serve(await listener.AcceptTcpClientAsync(stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var front = client;
        using var back = new TcpClient();
        try
        {
            await using var tls = new SslStream(front.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stopping.Token);
            await back.ConnectAsync(behind.Host, behind.Port, stopping.Token);
            await Task.WhenAny(tls.CopyToAsync(back.GetStream(), stopping.Token), back.GetStream().CopyToAsync(tls, stopping.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // A side has closed its connection, which closes the other's.
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        // Through PKCS #12, so that the key is one that TLS can use on every system.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
