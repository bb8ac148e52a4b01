using ZenkoFunctions.Api.Blob.Signatures;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Blob;

/// <summary>Finds out who sends a request of Azure's protocol: SharedKey, SharedKeyLite, or nobody.</summary>
/// <param name="installation">The domain: the accounts, their keys and their owners.</param>
public sealed class BlobAuthenticator(Installation installation)
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    /// <inheritdoc cref="BlobAuthenticate"/>
    public ValueTask<BlobSender> Verify(WireRequest request, BlobAddress address, BlobAccount account, CancellationToken ct)
    {
        var authorization = request.Headers.Authorization;
        if (authorization.Count > 1) BlobFault.Malformed("A request has one Authorization header.");
        if (authorization.Count == 0) return new(new BlobSender(Principal.Anonymous));
        if (SharedKeySignature.Parse(authorization.ToString()) is { } shared) return OfSharedKey(shared, request, account, ct);
        throw new S3Exception(BlobErrors.InvalidAuthenticationInfo, "The scheme of the Authorization header is not known; sign with SharedKey.");
    }

    private async ValueTask<BlobSender> OfSharedKey(SharedKeySignature signature, WireRequest request, BlobAccount account, CancellationToken ct)
    {
        if (!account.AllowSharedKey) throw new S3Exception(BlobErrors.KeyBasedAuthenticationNotPermitted);
        if (!signature.Account.Equals(account.Name, StringComparison.OrdinalIgnoreCase)) throw BlobFault.Failed($"The request is signed for the account '{signature.Account}', and sent to '{account.Name}'.");
        CheckDate(request);
        signature.Check(request, await installation.BlobAccounts.Keys(account, ct));
        return await OfOwner(account, ct);
    }

    private async ValueTask<BlobSender> OfOwner(BlobAccount account, CancellationToken ct) =>
        await installation.Accounts.Find(account.OwnerId, ct) is { } owner
            ? new BlobSender(new(owner, null, account.Name))
            : throw BlobFault.Failed("The account that owns the storage account is gone.");

    private void CheckDate(WireRequest request)
    {
        var headers = request.Headers;
        var date = headers["x-ms-date"] is { Count: > 0 } own ? own : headers.Date;
        if (date.Count != 1 || !Timestamps.TryHeader(date[0] ?? "", out var time)) throw BlobFault.Failed("A signed request needs a valid x-ms-date or Date header.");
        if ((installation.Clock.GetUtcNow() - time).Duration() > Skew) throw BlobFault.Failed($"The request's date {date} is more than {Skew.TotalMinutes} minutes from the server's; correct the clock.");
    }
}
