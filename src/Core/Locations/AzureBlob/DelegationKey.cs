using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Core.Locations.AzureBlob;

/// <summary>
/// The key by which an identity signs links (a user delegation key), kept for some hours. An identity that may not have one
/// (it lacks <c>generateUserDelegationKey</c>) is not asked about again for a while.
/// </summary>
internal sealed class DelegationKey(TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(6);
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(15); // renewed when no more than that is left
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private volatile Kept kept = new(null, DateTimeOffset.MinValue);

    /// <summary>The key; null where there is none to be had.</summary>
    public async ValueTask<UserDelegationKey?> Get(BlobServiceClient service, CancellationToken ct)
    {
        if (kept is var known && clock.GetUtcNow() < known.Until) return known.Key;
        var fetched = await Fetch(service, clock.GetUtcNow(), ct); // several may at once: each key is as good
        kept = fetched;
        return fetched.Key;
    }

    private static async ValueTask<Kept> Fetch(BlobServiceClient service, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            return new((await service.GetUserDelegationKeyAsync(null, now + Life, ct)).Value, now + Life - Rest);
        }
        catch (Exception e) when (StorageFaults.Is(e, ct))
        {
            return new(null, now + Pause);
        }
    }

    private sealed record Kept(UserDelegationKey? Key, DateTimeOffset Until);
}
