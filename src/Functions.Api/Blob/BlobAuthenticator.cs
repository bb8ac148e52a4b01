using ZenkoFunctions.Api.Blob.Signatures;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// Finds out who sends a request of Azure's protocol: SharedKey and SharedKeyLite, shared access signatures of an account, of a
/// service and of a user, Bearer tokens, or nobody.
/// </summary>
/// <param name="installation">The domain: the accounts, their keys and their owners.</param>
/// <param name="tokens">Verifies Bearer tokens; null where there are none.</param>
public sealed class BlobAuthenticator(Installation installation, IBlobTokens? tokens = null)
{
    private const string Bearer = "Bearer ";
    private const int TokenCharacters = 16 * 1024;

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    /// <inheritdoc cref="BlobAuthenticate"/>
    public ValueTask<BlobSender> Verify(WireRequest request, BlobAddress address, BlobAccount account, CancellationToken ct)
    {
        var authorization = request.Headers.Authorization;
        if (authorization.Count > 1) BlobFault.Malformed("A request has one Authorization header.");
        if (authorization.Count == 0) return SasParameters.Read(request.Query) is { } sas ? OfSas(sas, request, address, account, ct) : new(new BlobSender(Principal.Anonymous));
        var header = authorization.ToString();
        if (SharedKeySignature.Parse(header) is { } shared) return OfSharedKey(shared, request, account, ct);
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return OfToken(header[Bearer.Length..].Trim(), account, ct);
        throw new S3Exception(BlobErrors.InvalidAuthenticationInfo, "The scheme of the Authorization header is not known; sign with SharedKey, or send a Bearer token.");
    }

    private async ValueTask<BlobSender> OfSharedKey(SharedKeySignature signature, WireRequest request, BlobAccount account, CancellationToken ct)
    {
        CheckKeysSign(account);
        if (!signature.Account.Equals(account.Name, StringComparison.OrdinalIgnoreCase)) throw BlobFault.Failed($"The request is signed for the account '{signature.Account}', and sent to '{account.Name}'.");
        CheckDate(request);
        return await OfOwner(account, signature.Check(request, await installation.BlobAccounts.Keys(account, ct)), null, ct);
    }

    private async ValueTask<BlobSender> OfSas(SasParameters sas, WireRequest request, BlobAddress address, BlobAccount account, CancellationToken ct)
    {
        var now = installation.Clock.GetUtcNow();
        // Clients sign the name as they were given it, or as it stands in the URL.
        string[] names = [.. new[] { account.Name, address.Account, account.Id }.Distinct(StringComparer.Ordinal)];
        if (sas["skoid"].Length > 0)
        {
            var delegation = UserDelegation.Of(sas);
            var grant = Sas.OfUser(sas, request, address, names, delegation.Key(installation.BlobAccounts, account), now);
            var user = await delegation.Sender(installation.Accounts, ct) ?? throw BlobFault.Failed("The user who signed is gone.");
            return new(user) { Grant = grant, Renew = stop => delegation.Sender(installation.Accounts, stop) };
        }
        CheckKeysSign(account);
        var keys = await installation.BlobAccounts.Keys(account, ct);
        var (key, allowed) = sas["ss"].Length > 0 || sas["srt"].Length > 0
            ? Sas.OfAccount(sas, request, names, keys, now)
            : Sas.OfService(sas, request, address, names, keys, sas["si"].Length > 0 ? await Policies(account, address, ct) : [], now);
        return await OfOwner(account, key, allowed, ct);
    }

    private async ValueTask<BlobSender> OfToken(string token, BlobAccount account, CancellationToken ct)
    {
        var principal = tokens is null || token.Length > TokenCharacters ? null : await tokens.Verify(token, account, ct);
        return principal is null ? throw new S3Exception(BlobErrors.InvalidToken) : new(principal) { IsToken = true, Renew = stop => tokens!.Verify(token, account, stop) };
    }

    private async ValueTask<BlobSender> OfOwner(BlobAccount account, BlobAccountKey key, Grant? grant, CancellationToken ct)
    {
        var owner = await Owner(account, ct) ?? throw BlobFault.Failed("The account that owns the storage account is gone or disabled.");
        return new(owner) { Grant = grant, Renew = Renew };

        async ValueTask<Principal?> Renew(CancellationToken stop) =>
            await installation.BlobAccounts.Find(account.Id, stop) is { AllowSharedKey: true } now
            && (await installation.BlobAccounts.Keys(now, stop)).Any(each => each.Value.AsSpan().SequenceEqual(key.Value)) ? await Owner(now, stop) : null;
    }

    private async ValueTask<Principal?> Owner(BlobAccount account, CancellationToken ct) =>
        await installation.Accounts.Find(account.OwnerId, ct) is { IsDisabled: false } owner ? new(owner, null, account.Name) : null;

    private async ValueTask<IReadOnlyList<StoredAccessPolicy>> Policies(BlobAccount account, BlobAddress address, CancellationToken ct) =>
        address.Container.Length > 0 && await installation.Containers.Find(account, address.Container, ct) is { } bucket
            ? bucket.Get(BucketSettings.Container)?.Policies ?? [] : [];

    private static void CheckKeysSign(BlobAccount account)
    {
        if (!account.AllowSharedKey) throw new S3Exception(BlobErrors.KeyBasedAuthenticationNotPermitted);
    }

    private void CheckDate(WireRequest request)
    {
        var headers = request.Headers;
        var date = headers["x-ms-date"] is { Count: > 0 } own ? own : headers.Date;
        if (date.Count != 1 || !Timestamps.TryHeader(date[0] ?? "", out var time)) throw BlobFault.Failed("A signed request needs a valid x-ms-date or Date header.");
        if ((installation.Clock.GetUtcNow() - time).Duration() > Skew) throw BlobFault.Failed($"The request's date {date} is more than {Skew.TotalMinutes} minutes from the server's; correct the clock.");
    }
}
