using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>Links are shared access signatures of one blob: read-only, HTTPS only (but for an Azurite on this machine).</summary>
public sealed partial class AzureBlobLocation : ILinks
{
    private readonly DelegationKey delegation = new(clock ?? TimeProvider.System);

    /// <inheritdoc/>
    public async ValueTask<Uri?> Link(Stored at, LinkHeaders headers, TimeSpan life, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        StoredNames.Require(at.Name);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(life, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(life, LinkHeaders.LongestLife);
        if (account.Blob.Scheme != Uri.UriSchemeHttps && !account.Blob.IsLoopback) return null;
        var signature = new BlobSasBuilder(BlobSasPermissions.Read, (clock ?? TimeProvider.System).GetUtcNow() + life)
        {
            BlobContainerName = container,
            BlobName = at.Name,
            Resource = "b",
            Protocol = account.Blob.IsLoopback ? SasProtocol.HttpsAndHttp : SasProtocol.Https,
            ContentType = headers.ContentType,
            ContentDisposition = headers.ContentDisposition,
            ContentEncoding = headers.ContentEncoding,
            ContentLanguage = headers.ContentLanguage,
            CacheControl = headers.CacheControl,
        };
        BlobSasQueryParameters signed;
        if (account.SharedKey is { } key) signed = signature.ToSasQueryParameters(key);
        else if (await delegation.Get(service.Value, ct) is { } delegated) signed = signature.ToSasQueryParameters(delegated, account.Name);
        else return null;
        return new BlobUriBuilder(Container.GetBlobClient(at.Name).Uri) { Sas = signed }.ToUri();
    }
}
