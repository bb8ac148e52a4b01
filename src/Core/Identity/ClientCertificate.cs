using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// What is known of a certificate that a client shows. Who issued it does not matter: it is known by its fingerprint, so nobody's
/// word for it is needed.
/// </summary>
/// <param name="Fingerprint">The SHA-256 of its DER form in lower-case hex, 64 digits.</param>
/// <param name="Subject">The subject's distinguished name, at most 1,024 characters.</param>
/// <param name="NotBefore">From when it holds.</param>
/// <param name="NotAfter">Until when.</param>
public sealed record ClientCertificate(string Fingerprint, string Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>The most characters that a certificate in PEM form may have, and bytes in DER form.</summary>
    public const int MostPem = 32 * 1024, MostDer = 16 * 1024;

    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2", AnyPurpose = "2.5.29.37.0";
    private const int LeastRsaBits = 2048, LeastEcBits = 256, MostSubject = 1024;

    /// <summary>What is wrong with a fingerprint, or null.</summary>
    public static string? WrongFingerprint(string fingerprint) =>
        fingerprint.Length == 64 && fingerprint.All(char.IsAsciiHexDigitLower) ? null : "A fingerprint is a SHA-256 in 64 lower-case hex digits.";

    /// <summary>A fingerprint as people copy it from other programs (upper case, with colons), in the form that is kept.</summary>
    public static string Normalised(string fingerprint) => fingerprint.Trim().Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>That of a TLS connection.</summary>
    public static ClientCertificate Of(X509Certificate2 certificate) => new(
        Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span)),
        certificate.Subject.Length > MostSubject ? certificate.Subject[..MostSubject] : certificate.Subject,
        new(certificate.NotBefore.ToUniversalTime()), new(certificate.NotAfter.ToUniversalTime()));

    /// <summary>That in a header of a platform which ended TLS: DER in Base64. Null where it is none.</summary>
    public static ClientCertificate? OfHeader(string value)
    {
        var der = new byte[Math.Min(value.Length, MostDer)];
        if (value.Length > MostDer * 4 / 3 || !Convert.TryFromBase64String(value, der, out var length)) return null;
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der.AsSpan(0, length));
            return Of(certificate);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The certificate in a PEM document, to be bound to a key.</summary>
    /// <param name="utf8">The document: one certificate, and nothing that is secret.</param>
    /// <param name="now">The time.</param>
    /// <returns>The certificate, or <see cref="Refusal.InvalidRequest"/> with what to do.</returns>
    public static Result<ClientCertificate> Read(ReadOnlySpan<byte> utf8, DateTimeOffset now)
    {
        var pem = utf8.Length > MostPem ? "" : Encoding.UTF8.GetString(utf8);
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
            return Refusal.InvalidRequest.Because("There is a private key in what was sent, which belongs to nobody but its owner. Send the certificate alone; and if this was not sent over TLS, make another key.");
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != "CERTIFICATE")
            return Refusal.InvalidRequest.Because($"Send a certificate in PEM form (-----BEGIN CERTIFICATE-----), at most {MostPem} bytes.");
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem[fields.Location]);
            return Wrong(certificate, now) is { } wrong ? Refusal.InvalidRequest.Because(wrong) : Of(certificate);
        }
        catch (CryptographicException)
        {
            return Refusal.InvalidRequest.Because("What stands between BEGIN CERTIFICATE and END CERTIFICATE is no certificate. Copy the file again.");
        }
    }

    /// <summary>What is wrong with its time, or null.</summary>
    public string? WrongTime(DateTimeOffset now) =>
        now > NotAfter ? $"The certificate {Fingerprint} ended at {Iso(NotAfter)}. Make another, and register that."
        : now < NotBefore ? $"The certificate {Fingerprint} holds from {Iso(NotBefore)} on only: see whether the clocks are right, or make another."
        : null;

    private static string? Wrong(X509Certificate2 certificate, DateTimeOffset now)
    {
        if (Of(certificate).WrongTime(now) is { } time) return time;
        foreach (var extension in certificate.Extensions)
        {
            switch (extension)
            {
                case X509BasicConstraintsExtension { CertificateAuthority: true }:
                    return "The certificate is one of an authority (CA:TRUE), which issues others. Make one for the client itself: with openssl req -x509, add -extensions usr_cert.";
                case X509EnhancedKeyUsageExtension usage when !usage.EnhancedKeyUsages.OfType<Oid>().Any(purpose => purpose.Value is ClientAuthentication or AnyPurpose):
                    return "The certificate says what it is for (extended key usage), and clients are not among it. Make one with extendedKeyUsage=clientAuth.";
                case X509KeyUsageExtension { KeyUsages: var usages } when !usages.HasFlag(X509KeyUsageFlags.DigitalSignature):
                    return "The certificate's key is not for signatures (key usage), with which TLS has a client prove that it has the key. Make one with keyUsage=digitalSignature.";
            }
        }
        using var rsa = certificate.GetRSAPublicKey();
        using var ec = certificate.GetECDsaPublicKey();
        return rsa?.KeySize >= LeastRsaBits || ec?.KeySize >= LeastEcBits
            ? null
            : $"The certificate's key is too weak, or of a kind that is not taken. Make one with an RSA key of at least {LeastRsaBits} bits, or one on the curve P-256, P-384 or P-521.";
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}

/// <summary>That a certificate stands for an access key.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="KeyId">The key.</param>
/// <param name="AccountId">Whose key it is.</param>
/// <param name="UserId">The user within the account; null where the key is the account's own.</param>
/// <param name="Bound">When it was bound.</param>
public sealed record CertificateBinding(ClientCertificate Certificate, string KeyId, string AccountId, string? UserId, DateTimeOffset Bound);
