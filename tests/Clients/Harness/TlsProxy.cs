using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>Ends TLS in front of a server, as a proxy on the same machine does: some clients send keys of SSE-C no other way.</summary>
/// <param name="endpoint">The server's http://127.0.0.1:port.</param>
public sealed class TlsProxy(string endpoint) : LoopbackRelay(new Uri(endpoint).Port)
{
    private static readonly X509Certificate2 Certificate = SelfSigned();

    /// <summary>https://127.0.0.1:port; its certificate is nobody's.</summary>
    public string Endpoint => $"https://{Authority}";

    /// <inheritdoc/>
    protected override async ValueTask<Stream?> Greet(Stream front, CancellationToken ct)
    {
        var tls = new SslStream(front);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, ct);
        return tls;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        // Through PKCS #12, so that the key is one that TLS can use on every system.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
