using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Core.Notifications;

/// <summary>
/// A target that is told by POST. Where there is a secret, the header <c>x-zenkofn-signature: t=SECONDS,v1=HEX</c> carries the
/// HMAC-SHA256, by that secret, of the seconds since 1970, a full stop and the body.
/// </summary>
/// <param name="client">Sends; its time-out bounds a delivery. Redirects are not to be followed.</param>
/// <param name="url">Absolute, http or https.</param>
/// <param name="secret">The secret; null to send no signature.</param>
/// <param name="clock">The time.</param>
public sealed class Webhook(HttpClient client, Uri url, byte[]? secret, TimeProvider clock) : IEventTarget
{
    /// <summary>The header of the signature.</summary>
    public const string SignatureHeader = "x-zenkofn-signature";

    /// <inheritdoc/>
    public async ValueTask Deliver(ReadOnlyMemory<byte> document, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(document) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (secret is not null) request.Headers.Add(SignatureHeader, Sign(document.Span, secret, clock.GetUtcNow().ToUnixTimeSeconds()));
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!response.IsSuccessStatusCode) throw new DeliveryException($"{url.Host} answered {(int)response.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryException($"{url.Host} cannot be reached: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new DeliveryException($"{url.Host} did not answer in time.", e);
        }
    }

    /// <summary>The value of <see cref="SignatureHeader"/>.</summary>
    public static string Sign(ReadOnlySpan<byte> document, byte[] secret, long seconds)
    {
        var time = seconds.ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes(time + "."));
        hmac.AppendData(document);
        return $"t={time},v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
