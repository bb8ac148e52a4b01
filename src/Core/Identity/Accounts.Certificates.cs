using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Identity;

/// <summary>
/// Certificates of clients that stand for access keys. What one may do is asked of its key whenever it is used: with the key, its user
/// or account it ends at once.
/// </summary>
public sealed partial class Accounts
{
    /// <summary>The most certificates that the keys of an account have together; two that are bound at once may pass it by one.</summary>
    public const int MostCertificates = 100;

    private readonly RowCache<string, StoredCertificate> certificates = new(keyCacheAge ?? Timeout.InfiniteTimeSpan, clock);

    /// <summary>Binds a certificate to a lasting key; without effect where it is bound to that key already.</summary>
    /// <returns>
    /// The binding, and whether it is new; <see cref="Refusal.IdentityTaken"/> where the certificate is another key's, or
    /// <see cref="Refusal.TooLarge"/>.
    /// </returns>
    public async ValueTask<Result<(CertificateBinding Binding, bool IsNew)>> BindCertificate(ClientCertificate certificate, AccessKey key, CancellationToken ct)
    {
        var partition = IdentityRows.OfCertificate(certificate.Fingerprint);
        while (true)
        {
            var row = await table.Get(new(partition, IdentityRows.CertificateRow), ct);
            if (row is not null)
            {
                var held = IdentityRows.Read(row, IdentityJson.Default.StoredCertificate);
                if (held.IsOf(key)) return (held.Value, false);
                if (await KeyOf(held, ct) is not null)
                    return Refusal.IdentityTaken.Because("The certificate is bound to another access key. Delete that binding first, or make another certificate.");
            }
            if (await CountCertificates(key.Account, ct) >= MostCertificates)
                return Refusal.TooLarge.Because($"The keys of an account have at most {MostCertificates} certificates. Delete some that are not used.");
            var stored = new StoredCertificate(
                1, certificate.Fingerprint, certificate.Subject, certificate.NotBefore, certificate.NotAfter, key.Id, key.Created, key.Account.Id, key.User?.Id, clock.GetUtcNow());
            // The owner's row first, as with keys: a binding that holds can be found and removed.
            var listed = await table.Apply(IdentityRows.OfAccount(key.Account.Id),
                [Change.Put(IdentityRows.OwnedCertificatePrefix + certificate.Fingerprint, Condition.Any,
                    IdentityRows.Write(new StoredIndex(1, key.Account.Id, stored.Bound), IdentityJson.Default.StoredIndex))], ct);
            if (listed != Outcome.Committed) return Refusal.Unavailable.Because("The answer of the table was lost; nothing was bound.");
            var outcome = await table.Apply(
                partition, [Change.Put(IdentityRows.CertificateRow, Condition.AsRead(row), IdentityRows.Write(stored, IdentityJson.Default.StoredCertificate))], ct);
            certificates.Forget(certificate.Fingerprint);
            if (outcome == Outcome.Committed) return (stored.Value, true);
            if (outcome == Outcome.Unknown) return Refusal.Unavailable.Because("The answer of the table was lost; see whether the certificate is bound.");
        }
    }

    /// <summary>The binding of a certificate and the key that it stands for, enabled or not; null where it is bound to none.</summary>
    public async ValueTask<(CertificateBinding Binding, AccessKey Key)?> FindCertificate(string fingerprint, CancellationToken ct)
    {
        if (ClientCertificate.WrongFingerprint(fingerprint) is not null) return null;
        if (certificates.Find(fingerprint) is not { } stored)
        {
            var look = certificates.Begin();
            if (await ReadCertificate(fingerprint, ct) is not { } read) return null;
            certificates.Remember(fingerprint, stored = read, look);
        }
        return await KeyOf(stored, ct) is { } key ? (stored.Value, key) : null;
    }

    /// <summary>The bindings to keys of the account and its users, ordered by fingerprint.</summary>
    public async IAsyncEnumerable<CertificateBinding> Certificates(Account account, [EnumeratorCancellation] CancellationToken ct)
    {
        var range = KeyRange.Rows(IdentityRows.OfAccount(account.Id), IdentityRows.OwnedCertificatePrefix);
        await foreach (var row in table.Scan(range, null, null, ct))
            if (await ReadCertificate(row.Key.Row[IdentityRows.OwnedCertificatePrefix.Length..], ct) is { } stored && stored.AccountId == account.Id && await KeyOf(stored, ct) is not null)
                yield return stored.Value;
    }

    /// <summary>Binds a certificate no longer; without effect where it is not bound to a key of that account.</summary>
    /// <returns>Whether it was.</returns>
    public async ValueTask<bool> UnbindCertificate(string fingerprint, string accountId, CancellationToken ct)
    {
        if (ClientCertificate.WrongFingerprint(fingerprint) is not null) return false;
        var partition = IdentityRows.OfCertificate(fingerprint);
        while (await table.Get(new(partition, IdentityRows.CertificateRow), ct) is { } row
            && IdentityRows.Read(row, IdentityJson.Default.StoredCertificate).AccountId == accountId)
        {
            var outcome = await table.Apply(partition, [Change.Delete(IdentityRows.CertificateRow, Condition.Is(row.Stamp))], ct);
            certificates.Forget(fingerprint);
            if (outcome != Outcome.Committed) continue;
            await table.Apply(IdentityRows.OfAccount(accountId), [Change.Delete(IdentityRows.OwnedCertificatePrefix + fingerprint, Condition.Any)], ct);
            return true;
        }
        return false;
    }

    private async ValueTask UnbindCertificates(StoredKey key, CancellationToken ct)
    {
        var range = KeyRange.Rows(IdentityRows.OfAccount(key.AccountId), IdentityRows.OwnedCertificatePrefix);
        await foreach (var row in table.Scan(range, null, null, ct))
        {
            var fingerprint = row.Key.Row[IdentityRows.OwnedCertificatePrefix.Length..];
            if (await ReadCertificate(fingerprint, ct) is { } stored && stored.KeyId == key.Id) await UnbindCertificate(fingerprint, key.AccountId, ct);
        }
    }

    // A fixed id may have become another's key since, or its owner's anew.
    private async ValueTask<AccessKey?> KeyOf(StoredCertificate stored, CancellationToken ct) =>
        await FindKey(stored.KeyId, ct) is { } key && stored.IsOf(key) ? key : null;

    private async ValueTask<int> CountCertificates(Account account, CancellationToken ct)
    {
        var count = 0;
        var range = KeyRange.Rows(IdentityRows.OfAccount(account.Id), IdentityRows.OwnedCertificatePrefix);
        await foreach (var _ in table.Scan(range, null, MostCertificates, ct)) count++;
        return count;
    }

    private async ValueTask<StoredCertificate?> ReadCertificate(string fingerprint, CancellationToken ct) =>
        await table.Get(new(IdentityRows.OfCertificate(fingerprint), IdentityRows.CertificateRow), ct) is { } row
            ? IdentityRows.Read(row, IdentityJson.Default.StoredCertificate)
            : null;
}
