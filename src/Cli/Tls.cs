using System.Net.Security;
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
    /// <exception cref="StartupException">A file is missing, unreadable, or no certificate with its key.</exception>
    public static Tls? Of(ServeSettings settings, DataDirectory data, TimeProvider clock) =>
        settings.TlsCertificate is { } certificate ? new CertificateFiles(certificate, settings.TlsKey!)
        : settings.TlsAuto ? new LocalAuthority(Path.Combine(data.Root, "tls"), LocalAuthority.NamesOf(settings.Domains, settings.EndPoint.Address), clock)
        : null;

}

/// <summary>A certificate and its key in two PEM files, which are read again when they have changed (certbot replaces them).</summary>
internal sealed class CertificateFiles : Tls
{
    private readonly string certificate, key;
    private readonly Lock turn = new();
    private SslStreamCertificateContext current;
    private DateTime written;

    public CertificateFiles(string certificate, string key)
    {
        (this.certificate, this.key) = (certificate, key);
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
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificate, key), chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"--tls-cert {certificate} and --tls-key {key} cannot be used: {e.Message} They must be a certificate in PEM form (its chain behind it) and its private key, unencrypted.", e);
        }
    }
}
