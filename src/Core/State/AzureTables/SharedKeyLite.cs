using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>
/// Signs requests to the table service: HMAC-SHA256 of <c>date \n /account + encoded path</c> ("Authorize with Shared Key",
/// Shared Key Lite for the Table service). The query is signed by none but <c>comp</c>, which we never send.
/// </summary>
internal sealed class SharedKeyLite(string account, byte[] key, TimeProvider clock) : HttpPipelineSynchronousPolicy
{
    /// <inheritdoc/>
    public override void OnSendingRequest(HttpMessage message)
    {
        var date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        message.Request.Headers.SetValue("x-ms-date", date);
        message.Request.Headers.SetValue("Authorization", $"SharedKeyLite {account}:{Sign(date, message.Request.Uri.ToUri().AbsolutePath)}");
    }

    /// <summary>The signature of a request for that path, percent-encoded as it is sent.</summary>
    internal string Sign(string date, string path) =>
        Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{date}\n/{account}{path}")));
}
