using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>Which certificates of servers are believed: those that the system trusts, and those by an authority of the server's own.</summary>
/// <param name="authority">A PEM file with it; null for none.</param>
internal sealed class Trust(string? authority)
{
    /// <summary>Whether a certificate is believed.</summary>
    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || authority is null || certificate is null) return false;
        using var own = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        own.ChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        using var leaf = new X509Certificate2(certificate);
        return own.Build(leaf);
    }
}
