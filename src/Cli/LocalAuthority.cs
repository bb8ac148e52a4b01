using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ZenkoFunctions.Cli;

/// <summary>
/// A certificate authority of this data directory, made once, and the server's certificate by it, which is made anew before it ends or
/// when the names change. Clients that trust <c>ca.pem</c> trust the server from then on.
/// </summary>
internal sealed class LocalAuthority : Tls
{
    private const string Subject = "CN=ZenkoFunctions local CA, O=ZenkoFunctions";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Apple's clients refuse more than 825 days.
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650), LeafLife = TimeSpan.FromDays(397), RenewBefore = TimeSpan.FromDays(60);

    // Clocks of clients are behind.
    private static readonly TimeSpan Before = TimeSpan.FromDays(1);

    private readonly string directory;
    private readonly IReadOnlyList<string> names;
    private readonly TimeProvider clock;
    private readonly Lock turn = new();
    private X509Certificate2? leaf;
    private SslStreamCertificateContext? context;

    /// <param name="directory">Where authority and certificate are kept, for their owner only.</param>
    /// <param name="names">Of the server: names and addresses.</param>
    /// <param name="clock">Tells when to renew.</param>
    public LocalAuthority(string directory, IReadOnlyList<string> names, TimeProvider clock)
    {
        (this.directory, this.names, this.clock) = (directory, names, clock);
        Context();
    }

    public override string Authority => Path.Combine(directory, "ca.pem");

    private string AuthorityKey => Path.Combine(directory, "ca-key.pem");

    private string Leaf => Path.Combine(directory, "server.pem");

    private string LeafKey => Path.Combine(directory, "server-key.pem");

    /// <summary>What a server under those domains is called: each domain, what is below it, storage accounts, this machine, and the address it listens on.</summary>
    public static IReadOnlyList<string> NamesOf(IEnumerable<string> domains, IPAddress address)
    {
        var all = domains.Append("localhost").Distinct().SelectMany(domain => new[] { domain, "*." + domain, "*.blob." + domain }).Append("127.0.0.1").Append("::1");
        return [.. (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? all.Append(Dns.GetHostName().ToLowerInvariant()) : all.Append(address.ToString())).Distinct()];
    }

    public override SslStreamCertificateContext Context()
    {
        lock (turn)
        {
            if (context is not null && Lasts(leaf!)) return context;
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
            else Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            using var authority = OpenAuthority();
            // The one before is left to the collector: connections may use it still.
            leaf = Kept(authority) ?? Issue(authority);
            return context = SslStreamCertificateContext.Create(leaf, [], offline: true);
        }
    }

    private bool Lasts(X509Certificate2 certificate) => clock.GetUtcNow() < new DateTimeOffset(certificate.NotAfter.ToUniversalTime()) - RenewBefore;

    private X509Certificate2 OpenAuthority()
    {
        if (File.Exists(Authority) && File.Exists(AuthorityKey)) return Open(Authority, AuthorityKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = clock.GetUtcNow();
        using var made = request.CreateSelfSigned(now - Before, now + AuthorityLife);
        Write(AuthorityKey, key.ExportPkcs8PrivateKeyPem());
        Write(Authority, made.ExportCertificatePem());
        return Open(Authority, AuthorityKey);
    }

    private X509Certificate2? Kept(X509Certificate2 authority)
    {
        if (!File.Exists(Leaf) || !File.Exists(LeafKey)) return null;
        var kept = Open(Leaf, LeafKey);
        var named = kept.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(each => each.ToString())));
        if (Lasts(kept) && kept.IssuerName.RawData.AsSpan().SequenceEqual(authority.SubjectName.RawData) && named.Order().SequenceEqual(names.Order())) return kept;
        kept.Dispose();
        return null;
    }

    private X509Certificate2 Issue(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost, O=ZenkoFunctions", key, HashAlgorithmName.SHA256);
        var called = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) called.AddIpAddress(address);
            else called.AddDnsName(name);
        }
        request.CertificateExtensions.Add(called.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // server authentication
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var now = clock.GetUtcNow();
        using var made = request.Create(authority, now - Before, now + LeafLife, RandomNumberGenerator.GetBytes(16));
        Write(LeafKey, key.ExportPkcs8PrivateKeyPem());
        Write(Leaf, made.ExportCertificatePem());
        return Open(Leaf, LeafKey);
    }

    private static X509Certificate2 Open(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new StartupException($"{certificate} and {key} are no certificate with its key: {e.Message} Remove both, and they are made anew; after ca.pem clients have to trust the new one.", e);
        }
    }

    // Whole under another name first: what is there is all there.
    private static void Write(string path, string pem)
    {
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new StreamWriter(draft, options)) file.Write(pem);
        File.Move(draft, path, overwrite: true);
    }
}
