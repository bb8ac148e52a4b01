using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Lifecycle;

/// <summary>Tells of each version of a listing where it stands among those of its key.</summary>
internal static class PlacedVersions
{
    /// <summary>The versions in the order of the listing: by key, the newest first. Snapshots are none.</summary>
    public static async IAsyncEnumerable<PlacedVersion> Of(IAsyncEnumerable<VersionEntry> entries, [EnumeratorCancellation] CancellationToken ct)
    {
        PlacedVersion? before = null; // of the same key
        PlacedVersion? marker = null; // of which it is not known yet whether it is alone
        await foreach (var (key, found, isLatest) in entries.WithCancellation(ct))
        {
            if (found is not { } version || version.Blob is { Snapshot: not null }) continue;
            if (before?.Key != key) before = null;
            if (marker is { } held)
            {
                marker = null;
                yield return held with { IsAlone = held.Key != key };
            }
            var placed = new PlacedVersion(key, version, isLatest);
            if (!isLatest && before is { } newer) placed = placed with { Since = newer.Version.Modified, Newer = newer.IsLatest ? 0 : newer.Newer + 1 };
            // Without a newer one nothing is known of when it was replaced: it was taken for older a moment ago.
            if (!isLatest && before is null) continue;
            before = placed;
            if (isLatest && version.IsDeleteMarker) marker = placed;
            else yield return placed;
        }
        if (marker is { } last) yield return last with { IsAlone = true };
    }
}
