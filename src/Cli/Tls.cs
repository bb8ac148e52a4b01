using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ZenkoFunctions.Cli;

/// <summary>The certificate that a server shows: asked for with every connection, so that it can be renewed while it serves.</summary>
internal abstract class Tls
{
    /// <summary>The certificate with its key, and what lies between it and its root.</summary>
    public abstract SslStreamCertificateContext Context();

    /// <summary>The file of the authority that clients are to trust; null where they trust it anyhow, or the person knows.</summary>
    public virtual string? Authority => null;

    /// <summary>The TLS of the settings; null for none.</summary>
    /// <exception cref="StartupException">A file is missing, unreadable, or no certificate with its key, or it does not hold now.</exception>
    public static Tls? Of(ServeSettings settings, DataDirectory data, TimeProvider clock) =>
        settings.TlsCertificate is { } certificate ? new CertificateFiles(certificate, settings.TlsKey!, clock)
        : settings.TlsAuto ? new LocalAuthority(Path.Combine(data.Root, "tls"), LocalAuthority.NamesOf(settings.Domains, settings.EndPoint.Address), clock)
        : null;

    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    /// <summary>How a connection is secured.</summary>
    /// <param name="asksClients">Whether the client is asked for a certificate; it need not have one.</param>
    [SuppressMessage("Security", "CA5359", Justification = "A client's certificate says who it is by its fingerprint alone; whoever issued it is not asked.")]
    public SslServerAuthenticationOptions Options(bool asksClients)
    {
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = Context(), EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13, ApplicationProtocols = Protocols };
        if (!asksClients) return options;
        options.ClientCertificateRequired = true;
        // The handshake has shown that the client has the certificate's key. Who issued it says nothing here: it is bound to an access
        // key by its fingerprint, and looked at when it is used. So nothing is looked up for it, and no server that it names is asked.
        options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        options.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        options.CertificateChainPolicy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, TrustMode = X509ChainTrustMode.CustomRootTrust };
        // Each connection is to prove it anew.
        options.AllowTlsResume = false;
        return options;
    }
}

/// <summary>A certificate and its key in two PEM files, which are read again when they have changed (certbot replaces them).</summary>
internal sealed class CertificateFiles : Tls
{
    private readonly string certificate, key;
    private readonly TimeProvider clock;
    private readonly Lock turn = new();
    private SslStreamCertificateContext current;
    private DateTime written;

    public CertificateFiles(string certificate, string key, TimeProvider clock)
    {
        (this.certificate, this.key, this.clock) = (certificate, key, clock);
        written = Written();
        current = Read();
    }

    public override SslStreamCertificateContext Context()
    {
        lock (turn)
        {
            if (Written() is var now && now == written) return current;
            try
            {
                (current, written) = (Read(), now);
            }
            catch (StartupException)
            {
                // Half replaced; the next connection looks again.
            }
            return current;
        }
    }

    private DateTime Written() => new[] { File.GetLastWriteTimeUtc(certificate), File.GetLastWriteTimeUtc(key) }.Max();

    private SslStreamCertificateContext Read()
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            var own = X509Certificate2.CreateFromPemFile(certificate, key);
            CheckTime(own);
            return SslStreamCertificateContext.Create(own, chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"--tls-cert {certificate} and --tls-key {key} cannot be used: {e.Message} They must be a certificate in PEM form (its chain behind it) and its private key, unencrypted.", e);
        }
    }

    private void CheckTime(X509Certificate2 own)
    {
        var (now, from, until) = (clock.GetUtcNow().UtcDateTime, own.NotBefore.ToUniversalTime(), own.NotAfter.ToUniversalTime());
        if (now >= until) throw new StartupException($"The certificate of --tls-cert {certificate} ended on {until:yyyy-MM-dd HH:mm} UTC: no client would take it. Renew it, and start again.");
        if (now < from) throw new StartupException($"The certificate of --tls-cert {certificate} holds from {from:yyyy-MM-dd HH:mm} UTC on only: check this machine's clock, or use another certificate.");
    }
}
