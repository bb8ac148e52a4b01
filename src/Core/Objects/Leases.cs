namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// Whom the lease of a blob keeps out, or a copy to it that is under way. Pure; as the table "Outcomes of use attempts on blobs" of Azure's Lease Blob says.
/// </summary>
public static class Leases
{
    private static readonly Declined PendingCopy = new(Refusal.PendingCopy, null), IncrementalCopy = new(Refusal.IncrementalCopy, null);

    /// <summary>Why a version may not be changed or removed now; null where it may.</summary>
    /// <param name="conditions">Under which lease the sender asks. Clients of S3 have none.</param>
    /// <param name="current">The key's newest version; null for none.</param>
    /// <param name="now">The time.</param>
    public static Declined? ForWrite(Conditions conditions, ObjectVersion? current, DateTimeOffset now)
    {
        if (conditions.IsOfLease || current?.Blob is not { } blob) return conditions is { IsOfLease: false, LeaseId: { } unknown } ? ForUse(unknown, null, now) : null;
        if (conditions.LeaseId is { } id)
        {
            if (ForUse(id, blob.Lease, now) is { } refused) return refused;
        }
        else if (blob.Lease?.Holds(now) == true)
        {
            return Refusal.Leased.Because("The object is leased by a client of Azure's protocol. Have the lease released or broken, or wait for its end.");
        }
        if (conditions is { IsBlob: true, IsOfIncremental: false, CopyId: null } && blob.Incremental is not null) return IncrementalCopy;
        return conditions.IsBlob && blob.Copy is { IsPending: true } copy && copy.Id != conditions.CopyId ? PendingCopy : null;
    }

    /// <summary>Why a read may not be answered that names a lease; null where it may.</summary>
    public static Declined? ForRead(Conditions conditions, ObjectVersion version, DateTimeOffset now) =>
        conditions.LeaseId is { } id ? ForUse(id, version.Blob?.Lease, now) : null;

    private static Declined? ForUse(string id, Lease? lease, DateTimeOffset now)
    {
        if (lease is null) return Refusal.LeaseNotPresent.Because("The blob is not leased.");
        if (!lease.Holds(now))
            return lease.State(now) == "available" ? Refusal.LeaseNotPresent.Because("The blob is not leased.") : Refusal.LeaseLost.Because("The lease has ended.");
        return lease.Id == id ? null : Refusal.LeaseMismatch.Because("The blob is leased under another id.");
    }
}
