using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ZenkoFunctions.Cli.Diagnosis;

/// <summary>What a server shows to everybody: its clock and its certificate.</summary>
/// <param name="Ahead">By how much its clock is ahead of this machine's; null where it did not answer, or told no time.</param>
/// <param name="CertificateEnds">When its certificate ends; null over plain HTTP.</param>
/// <param name="IsTrusted">Whether the certificate is trusted here.</param>
/// <param name="Trouble">Why it did not answer; null where it did.</param>
/// <param name="Status">The status of its answer; 0 for none.</param>
internal sealed record Peer(TimeSpan? Ahead, DateTimeOffset? CertificateEnds, bool IsTrusted, string? Trouble, int Status)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What servers tell has no parts of seconds.
    private static readonly TimeSpan HalfSecond = TimeSpan.FromSeconds(0.5);

    /// <summary>Looks at one. Nothing is signed, and what it answers does not matter.</summary>
    /// <param name="url">What is asked for.</param>
    /// <param name="trusts">Which certificates are trusted.</param>
    /// <param name="clock">This machine's time.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<Peer> Look(Uri url, RemoteCertificateValidationCallback trusts, TimeProvider clock, CancellationToken ct)
    {
        DateTimeOffset? ends = null;
        var isTrusted = true;
        using var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false,
            SslOptions =
            {
#pragma warning disable CA5359 // Nothing is sent that is secret; that it is not trusted is part of the answer.
                RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                {
                    using var shown = certificate is null ? null : new X509Certificate2(certificate);
                    ends = shown?.NotAfter.ToUniversalTime();
                    isTrusted = trusts(sender, certificate, chain, errors);
                    return true;
                },
#pragma warning restore CA5359
            },
        }) { Timeout = Patience };
        try
        {
            var before = clock.GetUtcNow();
            using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, ct);
            var after = clock.GetUtcNow();
            return new(answer.Headers.Date + HalfSecond - (before + ((after - before) / 2)), ends, isTrusted, null, (int)answer.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new(null, ends, isTrusted, e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} seconds" : e.Message, 0);
        }
    }
}
